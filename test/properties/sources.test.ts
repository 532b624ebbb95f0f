// Every source against lines that are nearly right.
import { isIP } from 'node:net';
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createUnwrapper } from '../../src/decode/unwrap.ts';
import type { DnsEvent } from '../../src/model/dns-event.ts';
import { DEFAULT_SETTINGS } from '../../src/model/settings.ts';
import { createSources } from '../../src/sources/index.ts';
import { fuzzedLine, RUNS, TIME_LIMIT_MS } from '../support/fuzz.ts';

const NOW_MS = 1_700_000_000_000;

/** What is wrong with an event, whatever the line was. */
function* faultsOf(event: DnsEvent): Generator<string> {
  const { name, type, timeMs, clientIp, clientPort, responseCode, responseSeen, answers, answerCount } =
    event;
  if (!Number.isFinite(timeMs)) yield `time ${timeMs}`;
  if (!event.isError && (name === undefined || type === undefined)) yield 'a query without name or type';
  if (name === '' || name !== name?.toLowerCase()) yield `name ${name}`;
  if (name !== undefined && name !== '.' && name.endsWith('.') && !name.endsWith('\\.'))
    yield `final dot of ${name}`;
  if (clientIp !== undefined && isIP(clientIp.replace(/%.*/, '')) === 0) yield `client ${clientIp}`;
  if (
    clientPort !== undefined &&
    !(Number.isInteger(clientPort) && clientPort >= 0 && clientPort <= 65_535)
  ) {
    yield `port ${clientPort}`;
  }
  if (responseCode !== undefined && responseCode !== responseCode.toUpperCase()) yield `code ${responseCode}`;
  if (!responseSeen && responseCode !== undefined) yield 'a code without a response';
  if ((answers?.length ?? 0) > 32) yield `${answers?.length} answers`;
  if (answers !== undefined && answers.length > 0 && (answerCount ?? 0) < answers.length)
    yield 'answers not counted';
  for (const number of [event.requestBytes, event.responseBytes, event.durationNs, event.ednsUdpSize]) {
    if (number !== undefined && !(Number.isFinite(number) && number >= 0)) yield `number ${number}`;
  }
  // Absent is undefined, never an empty text or a dash.
  for (const [key, value] of Object.entries(event)) {
    if ((value === '' && key !== 'headerFlags') || value === null || (value === '-' && key !== 'content')) {
      yield `${key} is ${JSON.stringify(value)}`;
    }
  }
}

it(
  'reads a line into a sound event or not at all, and `mayHold` never hides one',
  () => {
    const sources = createSources(DEFAULT_SETTINGS);
    const reached = { read: 0, partial: 0, refused: 0 };
    fc.assert(
      fc.property(fuzzedLine, ({ message }) => {
        const text = message('zq0qz');
        const line = { text, timestampMs: NOW_MS, timeIsArrival: false, logStream: 'stream' };
        const unwrapped = createUnwrapper()(line);
        const events = sources.map((source) => source.parse(line, unwrapped));
        const found = events.filter((event) => event !== undefined);
        for (const event of found) expect([...faultsOf(event)]).toEqual([]);
        const hidden = sources.filter((source, i) => events[i] !== undefined && !source.mayHold(text));
        expect(hidden.map(({ name }) => name)).toEqual([]);
        if (found.length === 0) reached.refused += 1;
        else reached[found.some(({ isPartial }) => isPartial) ? 'partial' : 'read'] += 1;
      }),
      { ...RUNS, numRuns: RUNS.numRuns * 3 },
    );
    for (const [way, times] of Object.entries(reached))
      expect([way, times > RUNS.numRuns / 100]).toEqual([way, true]);
  },
  TIME_LIMIT_MS,
);
