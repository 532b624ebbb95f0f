// Random questions, and what CoreDNS has to log for them.
import type { Question, Reply } from './dns.ts';

/** A generator of numbers below `n` with a seed (mulberry32), so that a failure can be repeated. */
export function randomNumbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

/** Names as CoreDNS prints them; unknown types are printed as `TYPE<number>`. */
const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  6: 'SOA',
  12: 'PTR',
  13: 'HINFO',
  15: 'MX',
  16: 'TXT',
  23: 'NSAP-PTR',
  28: 'AAAA',
  33: 'SRV',
  35: 'NAPTR',
  43: 'DS',
  44: 'SSHFP',
  48: 'DNSKEY',
  52: 'TLSA',
  64: 'SVCB',
  65: 'HTTPS',
  255: 'ANY',
  257: 'CAA',
};
const CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'CLASS255' };

/** First label of a name and the rcode of the answer; the Corefile of the suite has the same table. */
export const RCODES: readonly string[] = [
  'NOERROR',
  'NXDOMAIN',
  'SERVFAIL',
  'REFUSED',
  'NOTIMP',
  'FORMERR',
  'YXDOMAIN',
];

const bytes = (text: string): readonly number[] => [...Buffer.from(text, 'latin1')];

const ODD = bytes(' \'@;()"\\.{}[]<>|,=:/?#$%&*+!^~_-');
const FIRST = ['plugin', 'plugin/errors', '[INFO]', '{name}', '%s', '%!d', 'class', '-', '"', 'xn--4ca'].map(
  bytes,
);

/** A question of random name, type, class, flags, EDNS and transport. The zone decides the rcode. */
export function randomQuestion(next: (n: number) => number, id: number): Question {
  const pick = <T>(values: readonly T[]): T => values[next(values.length)] as T;
  const letter = () => pick(bytes('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'));
  const octet = () => pick([letter, letter, letter, () => pick(ODD), () => next(256)])();
  const label = () =>
    next(8) === 0 ? pick(FIRST) : Array.from({ length: 1 + next(next(10) === 0 ? 63 : 12) }, octet);
  const labels = Array.from({ length: next(6) }, label);
  const zone = bytes(`${pick(RCODES).toLowerCase()}`);
  const inZone = next(20) === 0 ? labels : [...labels, zone, bytes('test')];
  while (inZone.reduce((sum, { length }) => sum + length + 1, 1) > 255) inZone.shift();
  const transport = next(10) === 0 ? 'tcp' : 'udp';
  return {
    id,
    labels: inZone,
    type: next(10) === 0 ? 60_000 + next(5000) : Number(pick(Object.keys(TYPES))),
    class: next(10) === 0 ? Number(pick(Object.keys(CLASSES))) : 1,
    opcode: 0,
    flags: next(2) * 0x100 + next(2) * 0x20 + next(2) * 0x10,
    edns: next(2) === 0 ? undefined : { udpSize: next(65_536), dnssecOk: next(2) === 0 },
    transport,
  };
}

/** A name as CoreDNS prints it (miekg/dns): `my\ printer.example.` */
function presentation(labels: Question['labels']): string {
  if (labels.length === 0) return '.';
  return labels.map((label) => `${label.map(octetText).join('')}.`).join('');
}

function octetText(octet: number): string {
  if (octet < 0x20 || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
  const char = String.fromCharCode(octet).toLowerCase();
  return '. \'@;()"\\'.includes(char) ? `\\${char}` : char;
}

/** The fields of the record, by the placeholder that they need; native JSON and FORMATs log some of them. */
export type Truth = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x8000, 'qr'],
  [0x400, 'aa'],
  [0x200, 'tc'],
  [0x100, 'rd'],
  [0x80, 'ra'],
  [0x40, 'z'],
  [0x20, 'ad'],
  [0x10, 'cd'],
];

/**
 * What the record of a question has to say. CoreDNS writes SERVFAIL itself, after its plugins: before 1.14.5, `log`
 * sees no response then.
 */
export function truthOf(
  question: Question,
  reply: Reply & { readonly port: number },
  version: string,
): Truth {
  const rcode = rcodeName(reply.header & 15);
  const isSeen = rcode !== 'SERVFAIL' || seesFailures(version);
  const name = presentation(question.labels);
  const qname = question.labels.reduce((sum, { length }) => sum + length + 1, 1);
  const { edns, transport } = question;
  const bufsize = transport === 'tcp' ? 65_535 : Math.max(512, edns?.udpSize ?? 0);
  const bits = FLAGS.filter(([bit]) => (reply.header & bit) !== 0).map(([, flag]) => flag);
  return {
    '{name}': { 'dns.question.name': name === '.' ? name : name.slice(0, -1) },
    '{type}': { 'dns.question.type': TYPES[question.type] ?? `TYPE${question.type}` },
    '{class}': { 'dns.question.class': question.class === 1 ? undefined : CLASSES[question.class] },
    '{remote}': { 'client.ip': '127.0.0.1' },
    '{port}': { 'client.port': reply.port },
    '{>id}': { 'dns.id': String(question.id) },
    '{proto}': { 'network.transport': transport },
    '{size}': { 'dns.request.bytes': 12 + qname + 4 + (edns === undefined ? 0 : 11) },
    '{>do}': { 'dns.edns.do': edns?.dnssecOk === true ? true : undefined },
    '{>bufsize}': { 'dns.edns.udp_size': bufsize === 512 ? undefined : bufsize },
    '{rcode}': { 'dns.response_code': isSeen ? rcode : undefined },
    '{>rflags}': { 'dns.header_flags': isSeen ? bits.join(',') : undefined },
    '{rsize}': { 'dns.response.bytes': isSeen ? 12 + qname + 4 : undefined },
    '{>opcode}': { 'dns.op_code': undefined },
  };
}

const RCODE_NAMES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN'];
const rcodeName = (code: number): string => RCODE_NAMES[code] ?? String(code);

function seesFailures(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major > 1 || minor > 14 || (minor === 14 && patch >= 5);
}
