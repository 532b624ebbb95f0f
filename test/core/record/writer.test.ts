import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { domainInfo } from '../../../src/core/question/domain.ts';
import {
  createFragments,
  type Origin,
  type RecordTextOptions,
} from '../../../src/core/record/encoded-fields.ts';
import { createRecordText } from '../../../src/core/record/writer.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { createTwoGenerationCache } from '../../../src/core/util/two-generation-cache.ts';
import { RUNS, TIME_LIMIT_MS } from '../../support/fuzz.ts';
import { anyAttributed, anyEvent, anySignals, anyText } from '../../support/record-arbitraries.ts';
import { type RecordInput, referenceRecord } from '../../support/reference-record.ts';

const origin: Origin = { logGroup: '/g "é"', logStream: 's', accountId: '111122223333', region: 'eu-west-1' };
const NOWHERE: Origin = {
  logGroup: undefined,
  logStream: undefined,
  accountId: undefined,
  region: undefined,
};

/** Records of one batch, as the fast writer prints them, read as UTF-8. */
function written(inputs: readonly RecordInput[], options: RecordTextOptions, from: Origin): string[] {
  const fragments = createFragments(options);
  const write = createRecordText(fragments);
  const out = createByteWriter();
  return inputs.map(({ event, who, signals }) => {
    const start = out.length();
    write(out, event, fragments.question(event.name), who, signals, from);
    return out.bytes().toString('utf8', start);
  });
}

const options: fc.Arbitrary<Omit<RecordTextOptions, 'depth'>> = fc.record({
  content: fc.constantFrom('original' as const, 'none' as const),
  staticAttributes: fc.array(
    fc.tuple(fc.constantFrom('env', 'timestamp', 'content', 'dns.id', 'k8s.pod.name', 'dt.x"'), anyText),
    { maxLength: 3 },
  ),
});

// Few clients and names for many events, so that what is remembered is used.
const batch = fc
  .record({
    whos: fc.array(anyAttributed, { minLength: 1, maxLength: 2 }),
    events: fc.array(fc.tuple(anyEvent, fc.nat(), anySignals), { minLength: 1, maxLength: 6 }),
  })
  .map(({ whos, events }): RecordInput[] => {
    const namesOf = createTwoGenerationCache(domainInfo, 100);
    return events.map(([event, index, signals]) => {
      const who = whos[index % whos.length];
      if (who === undefined) throw new Error('there is one at least');
      return { event, names: namesOf(event.name ?? ''), who, signals };
    });
  });

it(
  'writes what a plain object and JSON.stringify would, byte for byte',
  () => {
    fc.assert(
      fc.property(batch, options, fc.constantFrom(origin, NOWHERE), (inputs, chosen, from) => {
        // Both kinds of records for the same clients, as in a batch that has envelopes and bare lines.
        for (const depth of [1, 2] as const) {
          const expected = inputs.map((input) => referenceRecord(input, { ...chosen, depth }, from));
          expect(written(inputs, { ...chosen, depth }, from)).toEqual(expected);
        }
      }),
      RUNS,
    );
  },
  TIME_LIMIT_MS,
);
