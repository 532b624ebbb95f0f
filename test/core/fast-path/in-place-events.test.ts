// Which lines are read in place, and when; the readers are stubs that note what they are given.
import { describe, expect, it } from '@jest/globals';
import { createLookupKeys } from '../../../src/core/attribution/lookup-keys.ts';
import { readEnvelope } from '../../../src/core/cloudwatch/envelope.ts';
import type { InPlaceReader } from '../../../src/core/fast-path/escaped-line.ts';
import { createInPlaceEnvelopeReader } from '../../../src/core/fast-path/in-place-events.ts';
import type { DnsEvent } from '../../../src/core/model/dns-event.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { NOT_DNS, type ReadEvent } from '../../../src/core/pipeline/read-events.ts';
import { createJudge } from '../../../src/core/trust/index.ts';
import { corednsEvent } from '../../support/dns-event.ts';

const ARRIVAL_MS = 1_795_168_900_000;
const AT_MS = 1_795_168_860_000;

const envelopeOf = (events: readonly object[], logStream = 's') => {
  const text = JSON.stringify({ messageType: 'DATA_MESSAGE', logStream, logEvents: events });
  const envelope = readEnvelope(Buffer.from(text, 'latin1'));
  if (envelope === undefined) throw new Error('the test builds envelopes');
  return envelope;
};
const messages = (...list: readonly string[]) =>
  envelopeOf(list.map((message, i) => ({ id: String(i), timestamp: AT_MS, message })));

/** Messages that start with `mark` are scanned, and those that end with it are parsed. */
const stubReader = (mark: string, calls: string[]): InPlaceReader => {
  const textOf = ({ bytes, start, end }: Parameters<InPlaceReader['parse']>[0]) =>
    bytes.toString('latin1', start, end);
  return {
    source: 'coredns',
    scanKeys: (line) => {
      const text = textOf(line);
      calls.push(`scan ${mark}: ${text}`);
      return text.startsWith(mark) ? corednsEvent({ clientIp: `scanned ${text}` }) : undefined;
    },
    parse: (line) => {
      const text = textOf(line);
      calls.push(`parse ${mark}: ${text}`);
      const { timestampMs, timeIsArrival, timeMs, producer, level } = line;
      const event = {
        ...corednsEvent({ name: text }),
        line: { timestampMs, timeIsArrival, timeMs, producer, level },
      };
      return text.endsWith(mark) ? event : undefined;
    },
  };
};

/** An envelope reader with two in-place readers, `a` and `b`; the ordinary readers note their calls as well. */
function create(pendingBehind?: number) {
  const calls: string[] = [];
  let created = 0;
  const read = createInPlaceEnvelopeReader(
    () => {
      const name = ['ordinary', 'late'][created++];
      let index = -1;
      return {
        startRecord: () => {
          index = -1;
          calls.push(`${name} start`);
        },
        isPending: () => index === pendingBehind,
        readLine: () => NOT_DNS,
        read: (_envelope, at, arrivalMs): ReadEvent => {
          index = at;
          calls.push(`${name}: ${at}`);
          return at === 9 ? NOT_DNS : corednsEvent({ clientIp: `${name} ${at}`, timeMs: arrivalMs });
        },
      };
    },
    [stubReader('a', calls), stubReader('b', calls)],
    createJudge(DEFAULT_SETTINGS),
  );
  const readAll = (envelope: ReturnType<typeof envelopeOf>) => {
    const keys = createLookupKeys();
    calls.length = 0;
    const list = read(envelope, ARRIVAL_MS, keys);
    const before = [...calls];
    calls.length = 0;
    return { list, before, keys: [...keys.clientIps], behind: calls };
  };
  return readAll;
}

const STARTS = ['ordinary start', 'late start'];

describe('before the look-up', () => {
  it('lines are scanned for keys, and any other line is read at once', () => {
    const { list, before, keys } = create()(messages('a1', 'x', 'b1'));
    expect(before).toEqual([
      ...STARTS,
      'scan a: a1',
      'scan a: x',
      'scan b: x',
      'ordinary: 1',
      'scan a: b1',
      'scan b: b1',
    ]);
    expect(keys).toEqual(['scanned a1', 'ordinary 1', 'scanned b1']);
    expect([list.length, list.heldBytes]).toEqual([3, 3 * 100 + 600]);
  });

  it('the reader of the line before is asked first', () => {
    const { before } = create()(messages('b1', 'b2', 'a1', 'a2'));
    expect(before.slice(2)).toEqual([
      'scan a: b1',
      'scan b: b1',
      'scan b: b2',
      'scan b: a1',
      'scan a: a1',
      'scan a: a2',
    ]);
  });

  it('a line that may be the rest of a split one is read by the ordinary reader', () => {
    const { before } = create(0)(messages('x', 'a1', 'a2'));
    expect(before.slice(2)).toEqual(['scan a: x', 'scan b: x', 'ordinary: 0', 'ordinary: 1', 'scan a: a2']);
  });

  it('an event without a message is read by the ordinary reader', () => {
    const { before } = create()(
      envelopeOf([
        { id: '1', timestamp: 1 },
        { id: '2', timestamp: 1, message: 5 },
      ]),
    );
    expect(before.slice(2)).toEqual(['ordinary: 0', 'ordinary: 1']);
  });

  it('events that are not DNS hold no memory but their place', () => {
    const { list } = create()(messages(...new Array(10).fill('x')));
    expect(list.heldBytes).toBe(10 * 100 + 9 * 600);
    expect(list.at(9)).toBe(NOT_DNS);
    expect(list.at(10)).toBe(NOT_DNS);
  });
});

describe('when they are written', () => {
  it('scanned lines are parsed, again by the other reader where the first fails', () => {
    const { list, behind } = create()(messages('a1a', 'a1b', 'a1x', 'x'));
    const names = [0, 1].map((at) => (list.at(at) as DnsEvent).name);
    expect(names).toEqual(['a1a', 'a1b']);
    expect(behind).toEqual(['parse a: a1a', 'parse a: a1b', 'parse b: a1b']);
    behind.length = 0;
    // No in-place reader takes it: the ordinary way, but with a reader of its own.
    expect(list.at(2)).toMatchObject({ clientIp: 'late 2', timeMs: ARRIVAL_MS });
    expect(behind).toEqual(['parse b: a1x', 'parse a: a1x', 'late: 2']);
    behind.length = 0;
    expect(list.at(3)).toMatchObject({ clientIp: 'ordinary 3' });
    expect(behind).toEqual([]);
  });

  it.each([
    [AT_MS, AT_MS, false],
    [0, 0, false],
    [-1, ARRIVAL_MS, true],
    [1e300, ARRIVAL_MS, true],
  ])('a line at %d has the time %d', (timestamp, timestampMs, timeIsArrival) => {
    const { list } = create()(envelopeOf([{ id: '1', timestamp, message: 'aa' }]));
    expect(list.at(0)).toMatchObject({
      line: { timestampMs, timeIsArrival, timeMs: undefined, producer: undefined, level: 1 },
    });
  });

  it('a line keeps neither time nor level of a wrapped one before it', () => {
    const wrapped = {
      time: '2023-11-20T21:20:29.123Z',
      stream: 'stdout',
      _p: 'F',
      log: 'aa',
      kubernetes: { pod_name: 'p' },
    };
    const { list } = create()(messages(JSON.stringify(wrapped), 'aa'));
    const none = { timeMs: undefined, producer: undefined, level: 1 };
    for (const _ of ['first', 'again']) {
      expect(list.at(0)).toMatchObject({
        line: { timeMs: Date.UTC(2023, 10, 20, 21, 20, 29, 123), producer: { pod: 'p' }, level: 2 },
      });
      expect(list.at(1)).toMatchObject({ line: none });
    }
  });

  it('a line has the producer of its log stream', () => {
    const stream = 'coredns-7d9f5c6b8-qx2lm.coredns';
    const { list } = create()(envelopeOf([{ id: '1', timestamp: AT_MS, message: 'aa' }], stream));
    expect(list.at(0)).toMatchObject({ line: { producer: { container: 'coredns' } } });
  });

  it('lists of two records do not disturb each other', () => {
    const readAll = create();
    const [one, two] = [readAll(messages('a1a')).list, readAll(messages('a2a', 'x')).list];
    expect([one.at(0), two.at(0), one.at(0)].map((event) => (event as DnsEvent).name)).toEqual([
      'a1a',
      'a2a',
      'a1a',
    ]);
  });
});
