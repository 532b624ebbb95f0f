// Reads queries that are logged as JSON objects. CoreDNS's own JSON (`-log-format=json`) is valid:
//   {"time":"...","level":"INFO","msg":"10.0.1.23:40212 - ...","plugin":"log","client_ip":"10.0.1.23","qname":"example.org.",...}
// A FORMAT in the shape of an object gives JSON-like text, which may be invalid JSON because CoreDNS inserts the values
// without escapes:
//   {"remoteIp":"[fd00::1]","queryName":"a\ b.c\"d.e\233.","duration":0.0012s,"responseFlags":"qr,rd,ra"}
import { splitHostAndPort } from '../../util/ip-address.ts';
import type { JsonObject } from '../../util/json.ts';
import { PLACEHOLDERS } from './placeholders.ts';
import { emptyQuery, type Query } from './query.ts';
import type { Label } from './template.ts';
import { isType } from './values.ts';

/** Usual names of members, in lower case and without punctuation, and their placeholder. Nested names are joined. */
const LABEL_BY_MEMBER: ReadonlyMap<string, Label> = new Map(
  Object.entries({
    name: 'name qname queryname query question questionname domain domainname dnsquestionname',
    type: 'type qtype querytype questiontype recordtype rrtype dnsquestiontype',
    class: 'class qclass queryclass questionclass dnsquestionclass',
    remote:
      'remote remoteip remoteaddr remoteaddress client clientip clientaddr clientaddress srcip sourceip ip',
    port: 'port remoteport clientport srcport sourceport',
    proto: 'proto protocol transport networktransport',
    size: 'size querysize requestsize reqsize requestbytes',
    '>id': 'id queryid qid dnsid',
    '>opcode': 'opcode queryopcode dnsopcode',
    '>do': 'do dobit dnssec dnssecok dnssecdo',
    '>bufsize': 'bufsize buffersize udpsize',
    rcode: 'rcode responsecode status code dnsresponsecode',
    '>rflags': 'rflags flags responseflags headerflags dnsheaderflags',
    rsize: 'rsize responsesize respsize ressize responsebytes',
    duration: 'duration durationseconds latency elapsed responsetime',
    local: 'local localip serverip server',
  } satisfies Partial<Record<Label, string>>).flatMap(([label, names]) =>
    names.split(' ').map((name): [string, Label] => [name, label as Label]),
  ),
);

/**
 * `{/log/class}` and `{/log/type}` have no usual names, and other members may have these names, so a member is accepted
 * only with a value that the plugin prints.
 */
const METADATA_BY_MEMBER: ReadonlyMap<string, readonly [label: string, values: RegExp]> = new Map([
  ['responseclass', ['log/class', /^(?:success|denial|error)$/]],
  [
    'responsetype',
    ['log/type', /^(?:NOERROR|NXDOMAIN|SERVERERROR|NODATA|DELEGATION|META|UPDATE|OTHERERROR)$/],
  ],
]);

/** Objects with fewer recognised members may come from other programs. */
const MIN_MEMBERS = 5;

/** Receives a member with the joined names of its path. */
type Visit = (path: string, value: string) => void;

/** The members of a query in CoreDNS's own JSON. https://github.com/coredns/coredns/pull/8553 */
const OWN_MEMBERS = [
  'client_ip',
  'client_port',
  'qname',
  'qtype',
  'qclass',
  'protocol',
  'id',
  'opcode',
  'request_size',
  'dnssec_ok',
  'bufsize',
  'rcode',
  'response_size',
  'duration_seconds',
] as const;

/** Reads a query of CoreDNS's own JSON, by the names that it gives its members; undefined without them. */
export function queryOfOwnJson(object: JsonObject): Query | undefined {
  const own = OWN_MEMBERS.filter((name) => Object.hasOwn(object, name));
  return queryOfJson(Object.fromEntries(own.map((name) => [name, object[name]])));
}

/**
 * Reads the members of an object that CoreDNS is known to have printed, by their usual names; undefined if it is not a
 * query. Other DNS servers and applications use the same names.
 */
export function queryOfJson(object: JsonObject): Query | undefined {
  return collectQuery((visit) => {
    visitObject(object, '', visit, 3);
    return true;
  });
}

/** Reads the members of JSON-like text from `at` to its end in the same way as `queryOfJson`. */
export function queryOfJsonLike(text: string, at: number): Query | undefined {
  return collectQuery((visit) => visitJsonLike(text, at, visit));
}

/** `visitMembers` calls its argument for every member, and returns whether it could read the object to its end. */
function collectQuery(visitMembers: (visit: Visit) => boolean): Query | undefined {
  const query = emptyQuery();
  const seen = new Set<Label>();
  const set = (label: Label, value: string): void => {
    if (seen.has(label)) return;
    seen.add(label);
    PLACEHOLDERS[label].set(query, label === 'duration' ? withUnit(value) : value);
  };
  const isComplete = visitMembers((path, value) => {
    const name = path.toLowerCase().replaceAll(/[^a-z]/g, '');
    const label = LABEL_BY_MEMBER.get(name);
    if (label === undefined) {
      const [metadata, values] = METADATA_BY_MEMBER.get(name) ?? [];
      if (metadata === undefined || !values?.test(value)) return;
      query.metadata ??= [];
      query.metadata.push([metadata, value]);
      return;
    }
    const both = label === 'remote' || label === 'local' ? splitHostAndPort(value) : undefined;
    set(label, both?.host ?? value);
    if (label === 'remote' && both !== undefined) set('port', both.port);
  });
  const isQuery = query.name?.endsWith('.') === true && query.type !== undefined && isType(query.type);
  return isComplete && isQuery && seen.size >= MIN_MEMBERS ? query : undefined;
}

/** Adds the unit to a duration that is a JSON number, which may have an exponent. Such numbers are seconds. */
function withUnit(value: string): string {
  const seconds = Number(value);
  return value === '' || Number.isNaN(seconds) ? value : `${seconds.toFixed(9)}s`;
}

function visitObject(object: JsonObject, path: string, visit: Visit, depth: number): void {
  for (const [key, value] of Object.entries(object)) {
    // CoreDNS logs null as the response code when it saw no response.
    if (value === null) visit(path + key, '-');
    else if (typeof value !== 'object') visit(path + key, String(value));
    else if (depth > 0 && !Array.isArray(value)) {
      visitObject(value as JsonObject, path + key, visit, depth - 1);
    }
  }
}

/** Reads in one pass. A quoted value ends at the first quote without a backslash before it. */
function visitJsonLike(text: string, start: number, visit: Visit): boolean {
  const paths: string[] = [''];
  let at = start + 1;
  while (paths.length > 0) {
    at = skip(text, at, ' ,');
    if (text.charCodeAt(at) === 0x7d) {
      paths.pop();
      at++;
      continue;
    }
    const keyEnd = text.charCodeAt(at) === 0x22 ? quoteEnd(text, at + 1) : -1;
    if (keyEnd < 0 || paths.length > 4) return false;
    const key = paths[paths.length - 1] + text.slice(at + 1, keyEnd);
    const colon = skip(text, keyEnd + 1, ' ');
    if (text.charCodeAt(colon) !== 0x3a) return false;
    at = skip(text, colon + 1, ' ');
    if (text.charCodeAt(at) === 0x7b) {
      paths.push(key);
      at++;
      continue;
    }
    const isQuoted = text.charCodeAt(at) === 0x22;
    const end = isQuoted ? quoteEnd(text, at + 1) : unquotedEnd(text, at);
    if (end < 0) return false;
    visit(key, isQuoted ? text.slice(at + 1, end) : text.slice(at, end).trimEnd());
    at = isQuoted ? end + 1 : end;
  }
  return at === text.length;
}

function skip(text: string, at: number, chars: string): number {
  let i = at;
  while (i < text.length && chars.includes(text.charAt(i))) i++;
  return i;
}

function quoteEnd(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i;
    if (code === 0x5c) i++;
  }
  return -1;
}

/** End of a value without quotes. It may contain commas (flags), so it ends at the next member or `}`. */
function unquotedEnd(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7d) return i;
    if (code === 0x2c && text.charCodeAt(skip(text, i + 1, ' ')) === 0x22) return i;
  }
  return -1;
}
