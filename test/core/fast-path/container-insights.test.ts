import { describe, expect, it } from '@jest/globals';
import { createInPlaceUnwrapper, skipWrapperHead } from '../../../src/core/fast-path/container-insights.ts';
import type { EscapedLine } from '../../../src/core/fast-path/escaped-line.ts';
import { createProducerReader } from '../../../src/core/wrapper/producer.ts';
import { escapedLine } from '../../support/escaped-line.ts';
import { producerStub } from '../../support/producer-stub.ts';

const LOG = '[INFO] 10.0.1.23:40212 - 29008 "A IN example.org. udp 40 false 1232" NOERROR qr 56 0.5s';
const POD = { pod_name: 'coredns-1', namespace_name: 'kube-system', container_name: 'coredns' };
const PRODUCER = producerStub({ pod: 'coredns-1', namespace: 'kube-system', container: 'coredns' });
const TIME = '2023-11-20T21:20:29.123456789Z';
const TIME_MS = Date.UTC(2023, 10, 20, 21, 20, 29, 123);

const WRAPPER = { time: TIME, stream: 'stdout', _p: 'F', log: LOG, kubernetes: POD };
const wrapped = (members: object = {}): string => JSON.stringify({ ...WRAPPER, ...members });
/** A wrapper with one text in it replaced, which it must hold. */
const replaced = (from: string, to: string): string => {
  if (!wrapped().includes(from)) throw new Error(`${from} is not in the wrapper`);
  return wrapped().replace(from, to);
};

const STREAM = `coredns-7d9f5c6b8-qx2lm.coredns`;
const BY_STREAM = producerStub({ pod: 'coredns-7d9f5c6b8-qx2lm', container: 'coredns' });

const create = () => createInPlaceUnwrapper(createProducerReader());
/** A line after unwrapping; its text without escapes, undefined where the line is taken as it is. */
const unwrapLine = (line: EscapedLine, unwrap = create(), logStream = STREAM) => {
  const { start, end } = line;
  unwrap(line, logStream);
  const isBare = line.start === start && line.end === end && line.level === 1;
  return { text: isBare ? undefined : textOf(line), timeMs: line.timeMs, producer: line.producer };
};
const unwrapped = (text: string, unwrap = create()) => unwrapLine(escapedLine(text), unwrap);

function textOf({ bytes, start, end, level }: EscapedLine): string {
  let text = bytes.toString('latin1', start, end);
  for (let i = 0; i < level; i++) text = JSON.parse(`"${text}"`) as string;
  return text;
}

describe('a wrapper of Container Insights', () => {
  it.each([
    ['as Fluent Bit prints it', {}, LOG, TIME_MS],
    ['with a final newline', { log: `${LOG}\n` }, LOG, TIME_MS],
    ['with two final newlines', { log: `${LOG}\n\n` }, `${LOG}\n`, TIME_MS],
    ['with a carriage return', { log: `${LOG}\r\n` }, `${LOG}\r`, TIME_MS],
    ['on stderr', { stream: 'stderr' }, LOG, TIME_MS],
    ['with an empty line', { log: '' }, '', TIME_MS],
    ['with an escaped backslash at the end', { log: 'a\\' }, 'a\\', TIME_MS],
    ['with an escaped quote at the end', { log: 'a"' }, 'a"', TIME_MS],
    ['with ms', { time: '2023-11-20T21:20:29.123Z' }, LOG, TIME_MS],
    ['with four digits', { time: '2023-11-20T21:20:29.1234Z' }, LOG, TIME_MS],
    ['with one digit', { time: '2023-11-20T21:20:29.1Z' }, LOG, TIME_MS - 23],
    ['with two digits', { time: '2023-11-20T21:20:29.12Z' }, LOG, TIME_MS - 3],
    ['with whole seconds', { time: '2023-11-20T21:20:29Z' }, LOG, TIME_MS - 123],
    ['with an offset', { time: '2023-11-20T21:20:29.123+01:00' }, LOG, TIME_MS - 3_600_000],
    ['with a time that is not one', { time: '2023-11-20T21:61:xx.123456789Z' }, LOG, undefined],
    ['with a letter first in the fraction', { time: '2023-11-20T21:20:29.x23456789Z' }, LOG, undefined],
    ['with a letter in the fraction', { time: '2023-11-20T21:20:29.1x3456789Z' }, LOG, undefined],
    ['with a small letter for the zone', { time: '2023-11-20T21:20:29.123456z' }, LOG, undefined],
    ['with another word for the time', { time: 'now' }, LOG, undefined],
    ['with no time', { time: '' }, LOG, undefined],
    ['with 40 characters for the time', { time: '9'.repeat(40) }, LOG, undefined],
  ])('is removed %s', (_, members, text, timeMs) => {
    expect(unwrapped(wrapped(members))).toEqual({ text, timeMs, producer: { ...BY_STREAM, ...PRODUCER } });
  });

  it.each([
    ['another first member', '{"time"', '{"Time"'],
    ['a space at the start', '{"time"', '{ "time"'],
    ['41 characters for the time', TIME, '9'.repeat(41)],
    ['a space in the time', TIME, '2023-11-20 21:20:29'],
    ['another second member', '"stream"', '"Stream"'],
    ['a short stream', 'stdout', 'stdin'],
    ['a part of a line', '"_p":"F"', '"_p":"P"'],
    ['another member for the line', '"log"', '"Log"'],
    ['a member between line and pod', '"kubernetes"', '"x":"y","kubernetes"'],
    ['another member behind the line', '"kubernetes"', '"Kubernetes"'],
    ['a member behind the pod', '"coredns"}}', '"coredns"},"x":{}}'],
    ['a flat member behind the pod', '"coredns"}}', '"coredns"},"x":1}'],
    ['a space behind it', '"coredns"}}', '"coredns"}} '],
    ['no end', '"coredns"}}', '"coredns"}'],
    ['an end of another kind', '"coredns"}}', '"coredns"}]'],
    ['a pod that is not an object', JSON.stringify(POD), '"coredns"'],
    ['a pod that is a list', JSON.stringify(POD), '[{}]'],
    ['a pod that is not JSON', '"pod_name":', '"pod_name"'],
    ['a pod with an open text', '"coredns"}}', '"coredns}}'],
  ])('is left with %s', (_, from, to) => {
    expect(unwrapped(replaced(from, to))).toEqual({
      text: undefined,
      timeMs: undefined,
      producer: BY_STREAM,
    });
  });

  it('is left with characters beyond ASCII in the pod', () => {
    const line = escapedLine(wrapped({ kubernetes: { ...POD, labels: { a: '\u00e9' } } }));
    expect(unwrapLine(line).text).toBeUndefined();
  });

  it('is left where the message ends within it', () => {
    const text = wrapped();
    const lengths = Array.from({ length: text.length }, (_, length) => length);
    // What is cut off stands behind the message.
    const behind = (length: number) => JSON.stringify(text.slice(length)).slice(1, -1);
    const read = lengths.filter(
      (length) => unwrapLine(escapedLine(text.slice(0, length), 1, {}, behind(length))).text !== undefined,
    );
    expect(read).toEqual([]);
  });

  it('may hold braces in the texts of the pod', () => {
    const kubernetes = { ...POD, labels: { '}': '{', '"}': '\\"}' } };
    expect(unwrapped(wrapped({ kubernetes })).text).toBe(LOG);
  });
});

it('takes a line without a wrapper as it is, with the producer of its stream', () => {
  expect(unwrapped(LOG)).toEqual({ text: undefined, timeMs: undefined, producer: BY_STREAM });
  const line = escapedLine(LOG, 1, { producer: BY_STREAM });
  create()(line, undefined);
  expect(line.producer).toBeUndefined();
});

describe('line after line', () => {
  it('reads each time of its own', () => {
    const unwrap = create();
    const times = ['29.123', '29.999', '30.001', '29.5000', '29', '30.002'].map(
      (second) => `2023-11-20T21:20:${second}Z`,
    );
    const read = [...times, ...times].map((time) => unwrapped(wrapped({ time }), unwrap).timeMs);
    expect(read).toEqual([...times, ...times].map((time) => Date.parse(time)));
  });

  it('reads a time after one that is not', () => {
    const unwrap = create();
    const times = ['2023-99-20T21:20:29.123Z', TIME, '2023-99-20T21:20:29.123Z', TIME];
    expect(times.map((time) => unwrapped(wrapped({ time }), unwrap).timeMs)).toEqual([
      undefined,
      TIME_MS,
      undefined,
      TIME_MS,
    ]);
  });

  it('gives each pod its own producer, and lines of one pod the same object', () => {
    const unwrap = create();
    const read = (n: number) =>
      unwrapped(wrapped({ kubernetes: { ...POD, pod_name: `coredns-${n}` } }), unwrap).producer;
    // More pods than are kept, twice.
    const pods = Array.from({ length: 12 }, (_, n) => n);
    for (const n of [...pods, ...pods]) expect(read(n)?.pod).toBe(`coredns-${n}`);
    expect(read(3)).toBe(read(3));
  });

  it('reads the producer again on another stream, whose name may add members', () => {
    const unwrap = create();
    const line = () => escapedLine(wrapped({ kubernetes: { pod_name: 'coredns-1' } }));
    expect(unwrapLine(line(), unwrap, STREAM).producer?.container).toBe('coredns');
    expect(unwrapLine(line(), unwrap, 'other').producer?.container).toBeUndefined();
    expect(unwrapLine(line(), unwrap, STREAM).producer?.container).toBe('coredns');
  });
});

describe('skipWrapperHead', () => {
  const skipped = (text: string) => {
    const line = escapedLine(text);
    const { start } = line;
    skipWrapperHead(line);
    return { at: line.start - start, level: line.level };
  };

  it('moves to the line in a wrapper', () => {
    const head = `{\\"time\\":\\"${TIME}\\",\\"stream\\":\\"stdout\\",\\"_p\\":\\"F\\",\\"log\\":\\"`;
    expect(skipped(wrapped())).toEqual({ at: head.length, level: 2 });
    // Whatever comes behind the line is looked at when it is parsed.
    expect(skipped(replaced('"kubernetes"', '"x"'))).toEqual({ at: head.length, level: 2 });
  });

  it.each([LOG, replaced('"_p":"F"', '"_p":"P"'), replaced('"stream"', '"s"'), replaced('{"time"', '{"t"')])(
    'leaves %s as it is',
    (text) => {
      expect(skipped(text)).toEqual({ at: 0, level: 1 });
    },
  );
});
