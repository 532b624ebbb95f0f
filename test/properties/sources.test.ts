// Every source against lines that are nearly right.
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LINES } from '../../src/cli/lib/simulate/lines.ts';
import { isAttributeName } from '../../src/core/model/attribute-name.ts';
import type { DnsEvent } from '../../src/core/model/dns-event.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createSources } from '../../src/core/sources/index.ts';
import { isAddress, portOf } from '../../src/core/util/ip-address.ts';
import { createUnwrapper } from '../../src/core/wrapper/index.ts';
import { fuzzedLine, RUNS, TIME_LIMIT_MS } from '../support/fuzz.ts';

const NOW_MS = 1_700_000_000_000;

/** The faults of an event that no line may cause. */
function* faultsOf(event: DnsEvent): Generator<string> {
  const { name, type, timeMs, clientIp, clientPort, responseCode, responseSeen, answers, answerCount } =
    event;
  if (!Number.isFinite(timeMs)) yield `time ${timeMs}`;
  if (!event.isError && (name === undefined || type === undefined)) yield 'a query without name or type';
  if (name === '' || /[A-Z]/.test(name ?? '')) yield `name ${name}`;
  if (clientIp !== undefined && !isAddress(clientIp)) yield `client ${clientIp}`;
  if (clientPort !== undefined && portOf(clientPort) === undefined) yield `port ${clientPort}`;
  if (responseCode !== undefined && /[a-z]/.test(responseCode)) yield `code ${responseCode}`;
  if (!responseSeen && responseCode !== undefined) yield 'a code without a response';
  if ((answers?.length ?? 0) > 32) yield `${answers?.length} answers`;
  if (answers !== undefined && answers.length > 0 && (answerCount ?? 0) < answers.length)
    yield 'answers not counted';
  if (event.durationNs !== undefined && !Number.isSafeInteger(event.durationNs))
    yield `duration ${event.durationNs}`;
  for (const [name] of event.extra) if (!isAttributeName(name)) yield `attribute ${JSON.stringify(name)}`;
  for (const number of [event.requestBytes, event.responseBytes, event.durationNs, event.ednsUdpSize]) {
    if (number !== undefined && !(Number.isFinite(number) && number >= 0)) yield `number ${number}`;
  }
  // Absent is undefined, never null or an empty text.
  for (const [key, value] of Object.entries(event)) {
    if ((value === '' && key !== 'headerFlags') || value === null) yield `${key} is ${JSON.stringify(value)}`;
  }
}

it(
  'parses a damaged line to a valid event or not at all, and every undamaged line',
  () => {
    const sources = createSources(DEFAULT_SETTINGS);
    const reached = { read: 0, partial: 0, refused: 0 };
    fc.assert(
      fc.property(fuzzedLine, ({ kind, isEdited, message }) => {
        const text = message('zq0qz');
        const line = {
          text,
          timestampMs: NOW_MS,
          timeIsArrival: false,
          logStream: 'stream',
          logGroup: undefined,
        };
        const unwrapped = createUnwrapper()(line);
        const events = sources.flatMap((source) =>
          source.prefilter(text) ? (source.parse(line, unwrapped) ?? []) : [],
        );
        for (const event of events) expect([...faultsOf(event)]).toEqual([]);
        if (!isEdited) expect(events.length).toBe(LINES[kind].isDns ? 1 : 0);
        if (events.length === 0) reached.refused += 1;
        else reached[events.some(({ isPartial }) => isPartial) ? 'partial' : 'read'] += 1;
      }),
      { ...RUNS, numRuns: RUNS.numRuns * 3 },
    );
    for (const [way, times] of Object.entries(reached))
      expect([way, times > RUNS.numRuns / 100]).toEqual([way, true]);
  },
  TIME_LIMIT_MS,
);
