import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withEncodedCaches } from '../../../src/core/fast-path/encoded-caches.ts';
import type { EscapeLevel } from '../../../src/core/model/encoded-text.ts';
import type { Origin } from '../../../src/core/model/origin.ts';
import { RECORD_FIELDS } from '../../../src/core/model/record-fields/index.ts';
import { leanFields } from '../../../src/core/model/record-fields/omission.ts';
import { domainInfo } from '../../../src/core/question/domain.ts';
import { describeQuestion } from '../../../src/core/question/index.ts';
import { createEncoders } from '../../../src/core/record/encoders.ts';
import { createJsonEncoder } from '../../../src/core/record/json-encoder.ts';
import { createRecordWriter } from '../../../src/core/record/writer.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { createTwoGenerationCache } from '../../../src/core/util/two-generation-cache.ts';
import { RUNS, TIME_LIMIT_MS } from '../../support/fuzz.ts';
import { originStub } from '../../support/origin-stub.ts';
import { anyAttribution, anyEvent, anySignals, anyText } from '../../support/record-arbitraries.ts';
import { type RecordInput, referenceRecord } from '../../support/reference-record.ts';

const origin = originStub({
  logGroup: '/g "é"',
  sourceLogGroup: '/h "ü"',
  logStream: 's',
  accountId: '111122223333',
  region: 'eu-west-1',
});
const NOWHERE = originStub();

type Options = Parameters<typeof createRecordWriter>[2] & Parameters<typeof createEncoders>[1];

/** Records of one batch as the writer prints them, read as UTF-8; with or without the caches of the fast path. */
function written(
  inputs: readonly RecordInput[],
  level: EscapeLevel,
  options: Options,
  from: Origin,
  isCached: boolean,
): string[] {
  const json = createJsonEncoder(level);
  const ordinary = createEncoders(json, options);
  const write = createRecordWriter(json, isCached ? withEncodedCaches(ordinary, level) : ordinary, options);
  const out = createByteWriter();
  return inputs.map(({ event, attribution, signals }) => {
    const start = out.length();
    write(out, event, describeQuestion(event.name), attribution, signals, from);
    return out.bytes().toString('utf8', start);
  });
}

const options: fc.Arbitrary<Options> = fc.record({
  recordKey: fc.constantFrom(undefined, '3f9c1e7a0b5d2c84e6a1'),
  clusterNames: fc.constantFrom(new Map(), new Map([['shop', 'Shop "prod"']])),
  omit: fc.oneof(
    fc.constantFrom<string[]>([], ['content'], [...leanFields()], ['dns.*'], ['k8s.pod.label.app']),
    fc.subarray(RECORD_FIELDS.map(({ name }) => name)),
  ),
  staticAttributes: fc.array(
    fc.tuple(fc.constantFrom('env', 'Team', 'dt.security_context', 'dt.x"'), anyText),
    { maxLength: 3 },
  ),
});

// Few clients and names for many events, so that the caches are used.
const batch = fc
  .record({
    attributions: fc.array(anyAttribution, { minLength: 1, maxLength: 2 }),
    events: fc.array(fc.tuple(anyEvent, fc.nat(), anySignals), { minLength: 1, maxLength: 6 }),
  })
  .map(({ attributions, events }): RecordInput[] => {
    const domainOf = createTwoGenerationCache(domainInfo, 100);
    return events.map(([event, index, signals]) => {
      const attribution = attributions[index % attributions.length];
      if (attribution === undefined) throw new Error('there is one at least');
      return { event, domain: domainOf(event.name ?? ''), attribution, signals };
    });
  });

it(
  'writes the same bytes as JSON.stringify of a plain object',
  () => {
    fc.assert(
      fc.property(batch, options, fc.constantFrom(origin, NOWHERE), (inputs, chosen, from) => {
        // Both kinds of records for the same clients, as in a batch that has envelopes and bare lines.
        for (const level of [1, 2] as const) {
          const expected = inputs.map((input) => referenceRecord(input, { ...chosen, level }, from));
          expect(written(inputs, level, chosen, from, false)).toEqual(expected);
          expect(written(inputs, level, chosen, from, true)).toEqual(expected);
        }
      }),
      RUNS,
    );
  },
  TIME_LIMIT_MS,
);
