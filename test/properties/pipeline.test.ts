// Whole batches through the real pipeline, judged as Firehose and the ledger would judge them.
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import type { FirehoseTransformationEvent } from 'aws-lambda';
import fc from 'fast-check';
import { compare } from '../../src/cli/simulate/compare.ts';
import { judge } from '../../src/cli/simulate/contract.ts';
import { createLedger, type InputRecord, type Unit } from '../../src/cli/simulate/ledger.ts';
import { LINES } from '../../src/cli/simulate/lines.ts';
import { createDirectorySource } from '../../src/directory/index.ts';
import { DEFAULT_SETTINGS, QUESTION_CATEGORIES, type Settings } from '../../src/model/settings.ts';
import { createTransform } from '../../src/pipeline/transform.ts';
import { editsOf, type FuzzedLine, fuzzedLine, RUNS, TIME_LIMIT_MS } from '../support/fuzz.ts';

type Shape = 'gzip' | 'plain' | 'lines' | 'ndjson-like';
type Draft =
  | {
      readonly kind: 'log';
      readonly shape: Shape;
      readonly lines: readonly FuzzedLine[];
      readonly extra: object;
    }
  | { readonly kind: 'bytes'; readonly data: Buffer };

const json = fc.jsonValue({ maxDepth: 2 });

const log = fc.record({
  kind: fc.constant('log' as const),
  shape: fc.constantFrom<Shape>('gzip', 'gzip', 'plain', 'lines'),
  lines: fc.array(fuzzedLine, { minLength: 1, maxLength: 4 }),
  extra: fc.dictionary(fc.stringMatching(/^x[a-z]{0,5}$/), json, { maxKeys: 2 }),
});

/** Envelopes with something broken in them, at the level of JSON or of gzip; and anything at all. */
const strangeBytes = fc.oneof(
  editsOf(
    fc.constantFrom(envelopeText([], {}), envelopeText([{ id: '1', timestamp: 1, message: 'x' }], {})),
  ).map((text) => Buffer.from(text)),
  editsOf(json.map((value) => envelopeText(value, {}))).map((text) => gzipSync(text)),
  fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(60)).map(([tail, at]) => {
    const gzip = gzipSync(envelopeText([{ id: '1', timestamp: 1, message: 'cut' }], {}));
    return Buffer.concat([gzip.subarray(0, at), tail]);
  }),
  fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
);
const bytes = strangeBytes.map((data) => ({ kind: 'bytes' as const, data }));

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

function envelopeText(logEvents: unknown, extra: object): string {
  const head = { messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: '/g', logStream: 's' };
  return JSON.stringify({ ...head, subscriptionFilters: ['f'], ...extra, logEvents });
}

/** Gives a draft its markers. */
function recordOf(draft: Draft, enter: () => number, isDroppable: boolean): InputRecord {
  if (draft.kind === 'bytes') {
    return {
      data: draft.data,
      shape: 'opaque',
      units: [{ marker: enter(), isDns: false, isDroppable: true }],
    };
  }
  const units = draft.lines.map(
    ({ kind }): Unit => ({ marker: enter(), isDns: LINES[kind].isDns, isDroppable }),
  );
  const messages = draft.lines.map(({ message }, i) => message(`zq${units[i]?.marker}qz`));
  if (draft.shape === 'lines') {
    // A line break within a message would make two lines of one.
    const lines = messages.map((message) => message.replaceAll('\n', ' '));
    return { data: Buffer.from(lines.join('\n')), shape: 'lines', units };
  }
  const events = messages.map((message, i) => ({ id: String(i), timestamp: 1_700_000_000_000 + i, message }));
  const text = Buffer.from(envelopeText(events, draft.extra));
  return { data: draft.shape === 'gzip' ? gzipSync(text) : text, shape: 'events', units };
}

const eventOf = (records: readonly InputRecord[]): FirehoseTransformationEvent => ({
  invocationId: 'i',
  deliveryStreamArn: 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/s',
  region: 'eu-west-1',
  records: records.map(({ data }, i) => ({
    recordId: `id-${i}`,
    approximateArrivalTimestamp: 1_700_000_000_000,
    data: data.toString('base64'),
  })),
});

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
  // What came in goes out where nothing smaller can: only then may the response be over the budget.
  const budget = Math.max(configured.responseBudgetBytes, JSON.stringify(event).length);
  const { verdicts, violations } = judge(event, text, budget);
  const found = [...violations, ...errors.map(String)];
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
  'keeps every rule for any batch and any setting',
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
  'gives the same answer to the same batch',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(log, { minLength: 1, maxLength: 3 }),
        settings,
        async (drafts, configured) => {
          // Lines hold the time at which they are made up; made once, put twice.
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
