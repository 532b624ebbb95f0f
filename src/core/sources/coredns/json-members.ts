// Query lines that are JSON objects: CoreDNS's own (`-log-format=json`), whose members are proper JSON,
//   {"time":"...","level":"INFO","msg":"10.0.1.23:40212 - ...","plugin":"log","client_ip":"10.0.1.23","qname":"example.org.",...}
// and objects that a FORMAT imitates, where values stand as CoreDNS prints them, quoted or not:
//   {"remoteIp":"[fd00::1]","queryName":"a\ b.c\"d.e\233.","duration":0.0012s,"responseFlags":"qr,rd,ra"}
import { PLACEHOLDERS } from './placeholders.ts';
import { emptyQuery, type Query } from './query.ts';
import type { Label } from './template.ts';
import { isType } from './values.ts';

/** Names that members go by, in lower case and without punctuation; nested names are joined. */
const MEMBERS: ReadonlyMap<string, Label> = new Map(
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

/** `{/log/class}` and `{/log/type}`, which have no name that they go by: only what the plugin prints is taken. */
const METADATA: ReadonlyMap<string, readonly [label: string, values: RegExp]> = new Map([
  ['responseclass', ['log/class', /^(?:success|denial|error)$/]],
  [
    'responsetype',
    ['log/type', /^(?:NOERROR|NXDOMAIN|SERVERERROR|NODATA|DELEGATION|META|UPDATE|OTHERERROR)$/],
  ],
]);

const MIN_MEMBERS = 5;

/** Collects members under their joined names. */
type Visit = (path: string, value: string) => void;

/** Reads the members of a parsed object; undefined when it is no CoreDNS query. */
export function queryOfObject(object: Readonly<Record<string, unknown>>): Query | undefined {
  return collect((visit) => {
    visitObject(object, '', visit, 3);
    return true;
  });
}

/** Reads the members of an object that a FORMAT imitates; undefined when the text is none or no CoreDNS query. */
export function queryOfImitation(text: string, at: number): Query | undefined {
  return collect((visit) => visitImitation(text, at, visit));
}

/** `10.0.1.23:40212` or `[fd00::1]:40212`. */
const ADDRESS_AND_PORT = /^(\[[^\]]+\]|[\d.]+):(\d{1,5})$/;

function collect(read: (visit: Visit) => boolean): Query | undefined {
  const query = emptyQuery();
  const seen = new Set<Label>();
  const take = (label: Label, value: string): void => {
    if (seen.has(label)) return;
    seen.add(label);
    PLACEHOLDERS[label].set(query, label === 'duration' ? withUnit(value) : value);
  };
  const isRead = read((path, value) => {
    const name = path.toLowerCase().replaceAll(/[^a-z]/g, '');
    const label = MEMBERS.get(name);
    if (label === undefined) {
      const [metadata, values] = METADATA.get(name) ?? [];
      if (metadata === undefined || !values?.test(value)) return;
      query.metadata ??= [];
      query.metadata.push([metadata, value]);
      return;
    }
    const both = label === 'remote' || label === 'local' ? ADDRESS_AND_PORT.exec(value) : null;
    take(label, both?.[1] ?? value);
    if (label === 'remote' && both?.[2] !== undefined) take('port', both[2]);
  });
  const isQuery = query.name?.endsWith('.') === true && query.type !== undefined && isType(query.type);
  return isRead && isQuery && seen.size >= MIN_MEMBERS ? query : undefined;
}

/** Seconds as a JSON number, perhaps with an exponent, get the unit that CoreDNS prints. */
function withUnit(value: string): string {
  const seconds = Number(value);
  return value === '' || Number.isNaN(seconds) ? value : `${seconds.toFixed(9)}s`;
}

function visitObject(
  object: Readonly<Record<string, unknown>>,
  path: string,
  visit: Visit,
  depth: number,
): void {
  for (const [key, value] of Object.entries(object)) {
    // The response code is null where no response was seen.
    if (value === null) visit(path + key, '-');
    else if (typeof value !== 'object') visit(path + key, String(value));
    else if (depth > 0 && !Array.isArray(value)) {
      visitObject(value as Readonly<Record<string, unknown>>, path + key, visit, depth - 1);
    }
  }
}

/** One pass over the text; a value in quotes ends at the first quote that has no backslash before it. */
function visitImitation(text: string, start: number, visit: Visit): boolean {
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
    const end = isQuoted ? quoteEnd(text, at + 1) : bareEnd(text, at);
    if (end < 0) return false;
    visit(key, isQuoted ? text.slice(at + 1, end) : text.slice(at, end).trimEnd());
    at = isQuoted ? end + 1 : end;
  }
  return at === text.length;
}

function skip(text: string, at: number, what: string): number {
  let i = at;
  while (i < text.length && what.includes(text.charAt(i))) i++;
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

/** End of a value without quotes, which may hold commas (flags): the next member or the end of the object. */
function bareEnd(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7d) return i;
    if (code === 0x2c && text.charCodeAt(skip(text, i + 1, ' ')) === 0x22) return i;
  }
  return -1;
}
