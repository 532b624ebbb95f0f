import type { Aggregator, BatchPlan, RecordRoles, Role } from '../aggregation/index.ts';
import type { Query } from '../aggregation/query.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import { addRecordCounts, type BatchSummary, createSummary } from '../model/summary.ts';

/** A batch that is aggregated, and the steps of its work. */
export type AggregatedBatch = {
  readonly records: readonly InputRecord[];
  /** Collects the queries that may share records, in the order of the batch. */
  readonly collect: () => readonly Query[];
  /** Writes the `index`-th record and counts it; `roles` is what `AGGREGATE` makes of its events. */
  readonly write: (input: InputRecord, index: number, counts: BatchSummary, roles?: RecordRoles) => Outcome;
  /** Makes the response fit: the outcome of some records may become their original bytes. */
  readonly makeFit: (outcomes: readonly Outcome[]) => readonly Outcome[];
};

// In the last round nothing is shared between records, so that there is no further one.
const LAST_ROUND = 2;

/**
 * Writes a batch of which queries share records. What one Firehose record says about queries of another is true only if
 * both are written. Where one goes back as its original, it shares nothing with others, and those that are concerned are
 * written again: its queries are in it, and theirs in them.
 */
export function writeAggregated(
  aggregate: Aggregator,
  batch: AggregatedBatch,
  summary: BatchSummary,
): readonly Outcome[] {
  const { records } = batch;
  const counts: BatchSummary[] = [];
  const write = (input: InputRecord, i: number, { roles }: BatchPlan): Outcome => {
    // A record that is written again is counted once.
    const own = createSummary();
    counts[i] = own;
    return batch.write(input, i, own, roles.get(i));
  };
  const queries = batch.collect();
  let alone: ReadonlySet<number> = new Set();
  let plan = aggregate(queries, alone);
  let outcomes = batch.makeFit(records.map((input, i) => write(input, i, plan)));
  for (let round = 1; ; round++) {
    const unwritten = [...plan.linked].filter((i) => !isWritten(outcomes[i]));
    if (unwritten.length === 0) break;
    alone = new Set(round < LAST_ROUND ? [...alone, ...unwritten] : records.keys());
    const next = aggregate(queries, alone);
    const before = plan;
    plan = next;
    outcomes = batch.makeFit(
      outcomes.map((outcome, i) =>
        hasSameRoles(before.roles.get(i), next.roles.get(i)) ? outcome : write(outcome.input, i, next),
      ),
    );
  }
  for (const own of counts) addRecordCounts(summary, own);
  return outcomes;
}

/** Whether a record has its new bytes, or is `Dropped` because all its events are in others. */
const isWritten = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined && (outcome.result !== 'Ok' || outcome.data !== undefined);

function hasSameRoles(a: RecordRoles = NO_ROLES, b: RecordRoles = NO_ROLES): boolean {
  return a.size === b.size && [...a].every(([index, role]) => isSameRole(role, b.get(index)));
}

const NO_ROLES: RecordRoles = new Map();

const isSameRole = (a: Role, b: Role | undefined): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);
