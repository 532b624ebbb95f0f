// Random requests from a grammar of what an attacker may decide: which part of an envelope is large, what it repeats, how
// deep it is nested and escaped, how often it comes, and how it is packed.
import { createRandom, type Random } from '../../../src/cli/lib/simulate/random.ts';
import { envelope, event, line } from './attacks.ts';
import type { Packing, Shape, Text } from './shape.ts';

const PACKINGS: readonly Packing[] = [
  'gzip',
  'gzip',
  'gzip',
  'gzip',
  'plain',
  'members',
  'empty members',
  'zero tail',
  'gzip in gzip',
];

/** Pieces of a JSON string; `%` counts. */
const STRING_ATOMS = [
  'a',
  'a.',
  '%.',
  'x% ',
  '\\u0041',
  '\\u00e9',
  '\\ud83d',
  '\\\\',
  '\\"',
  '\\n',
  'é',
  '💥',
  '\\t',
  ',',
  '{',
  '[',
  '. udp ',
  '[INFO] ',
  'plugin/errors',
  'plugin/',
  ' - ',
  '0',
  '.',
  '-',
  '\\\\\\"',
  '2023-11-20T21:20:29.123456789Z stdout P ',
  '\\"container_name\\":\\"',
  '\\"kubernetes\\":{',
  '->',
  'A IN ',
  'xn--',
  '_',
];
/** JSON values. */
const VALUES = [
  '0',
  '{}',
  '[]',
  '""',
  'null',
  'true',
  '1e400',
  '{"a":0}',
  '{"message":"x"}',
  '{"id":"%","timestamp":1,"message":""}',
  '{"message":"[INFO] "}',
  '[[]]',
  '"\\u0041"',
  '-0',
  '12345678901234567890',
];
/** Keys of an object that is itself in a string. */
const KEYS = ['k%', '', 'log', 'answers', 'a', 'firehose_%', 'firewall_%', 'name', '\\u0041%'];

/** The shape of a seed: the same in every run. */
export function randomShape(seed: number): Shape {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[random.int(list.length)] as T;
  const packing = pick(PACKINGS);
  const recordBytes = Math.round(10 ** (4 + random.int(3800) / 1000));
  const records = pick([1, 1, 2, 5, 8, 24, 72, 300, 3000]);
  return { name: `seed ${seed}`, packing, recordBytes, records, text: record(random, pick) };
}

type Pick = <T>(list: readonly T[]) => T;

const fill = (text: Text, separator = ''): Text => ({ fill: text, separator });

/** One to four atoms, repeated until the record is full. */
const run = (random: Random, pick: Pick): Text =>
  fill(Array.from({ length: 1 + random.int(4) }, () => pick(STRING_ATOMS)).join(''));

function record(random: Random, pick: Pick): Text {
  switch (random.int(12)) {
    case 0:
      return fill(pick(VALUES), pick([',', '\n', ' ']));
    case 1:
      return fill([rawLine(random, pick), '\n']);
    case 2:
      return fill(pick(['\n', 'a\n', '\r\n', '[INFO] \n', '{}\n', '1. \n']));
    case 3:
      return envelope(fill(pick(VALUES), ','));
    case 4:
      return envelope(event('x'), run(random, pick));
    case 5:
      return envelope(event('x'), 'g', [fill(`"${pick(KEYS)}":${pick(VALUES)}`, ','), ',']);
    case 6:
      return envelope(event('x', [',', fill(`"${pick(KEYS)}":${pick(VALUES)}`, ',')]));
    case 7:
      return envelope([nested(random, pick), ',', event('x')]);
    case 8:
      return envelope(event(message(random, pick, true)));
    default:
      return envelope(fill(event(message(random, pick, random.int(3) === 0)), ','));
  }
}

/** `[[[[...]]]]` */
const nested = (random: Random, pick: Pick): Text => {
  const [open, close] = pick([
    ['[', ']'],
    ['{"a":', '}'],
  ]);
  return random.int(2) === 0
    ? [fill(open ?? '['), '0', { repeat: close ?? ']', times: 1000 }]
    : fill(open ?? '[');
};

/** The message of an event, as it stands in a JSON string; one that fills the record, or a short one. */
function message(random: Random, pick: Pick, isLong: boolean): Text {
  const part: Text = isLong
    ? run(random, pick)
    : { repeat: pick(STRING_ATOMS), times: pick([1, 3, 30, 200, 2000]) };
  const object = (members: Text): Text => ['{', members, '}'];
  const member = (key: string, value: Text): Text => [`\\"${key}\\":\\"`, value, '\\"'];
  const many: Text = isLong
    ? fill(`\\"${pick(KEYS)}\\":${pick(['0', '{}', '[0]', 'null'])}`, ',')
    : { repeat: `\\"${pick(KEYS)}\\":0`, times: pick([1, 30, 1000]), separator: ',' };
  const answer = '{\\"Rdata\\":\\"192.0.2.%\\",\\"Type\\":\\"A\\",\\"Class\\":\\"IN\\"}';
  switch (random.int(14)) {
    case 0:
      return part;
    case 1:
      return line(part);
    case 2:
      return line(['n%.', part]);
    case 3:
      return line('host-%.example.com', '%ip');
    case 4:
      return [line('a.example'), part];
    case 5:
      return ['[ERROR] plugin/errors: 2 ', part, '. A: read udp 10.0.1.5:39345->10.0.0.2:53: i/o timeout'];
    case 6:
      return object([member('log', 'x. udp '), ',', many]);
    case 7:
      return object([
        member('query_name', 'n%.example.'),
        ',',
        member('query_timestamp', '2024-03-01T12:00:00Z'),
        ',',
        member('srcaddr', '%ip'),
        ',',
        member('query_type', 'A'),
        ',',
        many,
      ]);
    case 8:
      return object([
        member('query_name', part),
        ',',
        member('query_timestamp', '2024-03-01T12:00:00Z'),
        ',\\"answers\\":[',
        isLong ? fill(answer, ',') : { repeat: answer, times: 30, separator: ',' },
        ']',
      ]);
    case 9:
      return object([
        member('plugin', 'log'),
        ',',
        member('qname', ['n%.', part]),
        ',',
        member('qtype', 'A'),
        ',',
        member('proto', 'udp'),
        ',',
        member('client_ip', '%ip'),
        ',',
        member('rcode', 'NOERROR'),
        ',',
        member('port', '1'),
      ]);
    case 10:
      return object([
        member('time', '2023-11-20T21:20:29.1Z'),
        ',',
        member('stream', 'stdout'),
        ',',
        member('_p', 'F'),
        ',',
        member(
          'log',
          `[INFO] %ip:4000 - 1 \\\\\\"A IN n%.example.com. udp 40 false 512\\\\\\" NOERROR qr 80 0.0001s`,
        ),
        ',\\"kubernetes\\":{',
        member('container_name', 'coredns'),
        ',',
        member('pod_name', 'p%'),
        ',',
        many,
        '}',
      ]);
    case 11:
      return ['2023-11-20T21:20:29.123456789Z stdout P ', part];
    case 12:
      return object([member('log', ['{', many, '}']), ',', member('logtag', pick(['P', 'F']))]);
    default:
      return ['1.0 2017-12-13T08:15:50.235Z Z123412341234 ', part, ' AAAA NOERROR TCP IAD12 192.0.2.53 -'];
  }
}

/** A line of plain text: what a message is, without its escapes. */
const rawLine = (random: Random, pick: Pick): Text =>
  JSON.parse(JSON.stringify(message(random, pick, false)).replaceAll('\\\\\\"', '\\"')) as Text;
