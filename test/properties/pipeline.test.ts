// Whole batches through the real pipeline, checked against the contract of Firehose and the ledger.
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compare } from '../../src/cli/lib/simulate/compare.ts';
import { judge } from '../../src/cli/lib/simulate/contract.ts';
import { createLedger } from '../../src/cli/lib/simulate/ledger.ts';
import { createTransform } from '../../src/core/index.ts';
import { DEFAULT_SETTINGS, QUESTION_CATEGORIES, type Settings } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { bytes, type Draft, eventOf, log, recordOf } from '../support/batches.ts';
import { type FuzzedLine, RUNS, TIME_LIMIT_MS } from '../support/fuzz.ts';
import { strictGunzip } from '../support/strict-gzip.ts';

const settings: fc.Arbitrary<Settings> = fc
  .record({
    outputFormat: fc.constantFrom('cloudwatch-logs' as const, 'ndjson' as const),
    drop: fc.subarray([...QUESTION_CATEGORIES], { maxLength: 2 }).map((names) => new Set(names)),
    sample: fc.constantFrom(new Map(), new Map([['external' as const, 0.5]])),
    staticAttributes: fc.constantFrom([], [['env', 'prod "x"'] as const]),
    maxInflatedBytes: fc.constantFrom(2000, 67_108_864),
    responseBudgetBytes: fc.constantFrom(2000, 100_000, 5_500_000),
    directoryFile: fc.constantFrom(undefined, 'events/directory.json'),
  })
  .map((changes) => ({ ...DEFAULT_SETTINGS, ec2Lookup: false, ...changes }));

/** Puts a batch through and returns every rule that was broken, and what was reached. */
async function put(drafts: readonly Draft[], configured: Settings) {
  const ledger = createLedger();
  const isDroppable = configured.drop.size > 0 || configured.sample.size > 0;
  const records = drafts.map((draft) => recordOf(draft, ledger.enter, isDroppable));
  const event = eventOf(records);
  const errors: unknown[] = [];
  const transform = createTransform(configured, {
    directory: createDirectorySource(configured),
    now: () => 1_700_000_100_000,
    recordFailed: (_id, code, error) => code === 'INTERNAL' && errors.push(error),
  });
  const { response, summary } = await transform(event);
  const text = JSON.stringify(response);
  // The original bytes are the last step of degrading: only they may exceed the budget.
  const budget = Math.max(configured.responseBudgetBytes, JSON.stringify(event).length);
  const { verdicts, violations } = judge(event, text, budget);
  const found = [...violations, ...errors.map(String)];
  for (const [i, { data = '' }] of response.records.entries()) {
    const bytes = Buffer.from(data, 'base64');
    const isOurGzip = data !== event.records[i]?.data && bytes[0] === 0x1f;
    if (isOurGzip) expect(() => strictGunzip(bytes)).not.toThrow();
  }
  for (const [i, record] of records.entries()) {
    const verdict = verdicts[i];
    if (verdict?.kind === 'ok' && record.shape !== 'opaque') {
      compare(record, verdict.data, (violation) => found.push(violation));
    } else if (verdict?.kind === 'dropped' && !record.units.every((unit) => unit.isDroppable)) {
      found.push('dropped without a rule');
    }
  }
  return { found, summary, text };
}

it(
  'breaks no rule for any batch and any setting',
  async () => {
    const reached = {
      normalised: 0,
      passedThrough: 0,
      dropped: 0,
      failed: 0,
      degraded: 0,
      text: 0,
      unparsed: 0,
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 3, arbitrary: log }, bytes), { maxLength: 4 }),
        settings,
        async (drafts, configured) => {
          const { found, summary } = await put(drafts, configured);
          expect(found).toEqual([]);
          reached.normalised +=
            summary.normalisedBySource.coredns + summary.normalisedBySource['aws.vpcdnsquerylogs'];
          reached.passedThrough += summary.passedThrough;
          reached.dropped += summary.recordsByResult.Dropped;
          reached.failed += summary.recordsByResult.ProcessingFailed;
          reached.degraded += summary.degraded.original;
          reached.text += summary.recordsByKind.text;
          reached.unparsed += summary.unparsed;
        },
      ),
      RUNS,
    );
    // Fuzzing that never gets past the first stage proves nothing.
    for (const [stage, times] of Object.entries(reached))
      expect([stage, times > RUNS.numRuns / 100]).toEqual([stage, true]);
  },
  TIME_LIMIT_MS,
);

it(
  'gives the same response to the same batch',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(log, { minLength: 1, maxLength: 3 }),
        settings,
        async (drafts, configured) => {
          // Lines contain the time at which they are made, so they are made once and sent twice.
          const lines = drafts.map((draft) => ({ ...draft, lines: draft.lines.map(fixed) }));
          const [first, second] = [await put(lines, configured), await put(lines, configured)];
          expect(second.text).toBe(first.text);
        },
      ),
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  },
  TIME_LIMIT_MS,
);

const fixed = ({ message, ...line }: FuzzedLine): FuzzedLine => {
  const made = message('zq0qz');
  return { ...line, message: (marker) => made.replaceAll('zq0qz', marker) };
};
