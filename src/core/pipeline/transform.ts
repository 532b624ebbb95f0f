import type { FirehoseTransformationResult } from 'aws-lambda';
import { createAggregator, type RecordRoles } from '../aggregation/index.ts';
import type { Query } from '../aggregation/query.ts';
import { createLookupKeys } from '../attribution/lookup-keys.ts';
import { firehoseResponse, readFirehoseEvent } from '../firehose/event.ts';
import { fitResponse, outcomeBytes } from '../firehose/fit-response.ts';
import {
  BATCH_LIMITS,
  type BatchLimits,
  createReadBudget,
  type ReadBudget,
  type UnreadReason,
} from '../model/batch-limits.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import type { DirectorySource } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { type BatchSummary, createSummary, type RecordFailureCode } from '../model/summary.ts';
import { createSources } from '../sources/index.ts';
import { type Acceleration, NO_ACCELERATION } from './acceleration.ts';
import { type BatchGuard, createBatchGuard } from './batch-guard.ts';
import { createClientKeys } from './collect-queries.ts';
import { createRecordReader, envelopesOf, type ReadRecord } from './read.ts';
import { collectQueries } from './record-events.ts';
import { writeRecord } from './write.ts';
import { writeAggregated } from './write-aggregated.ts';
import { createWriterContext } from './writer-context.ts';

/** The inventory, the clocks and the error log that the pipeline uses. */
export type PipelinePorts = {
  readonly directory: DirectorySource;
  /** Epoch ms. */
  readonly now: () => number;
  /** CPU time of the process, ms; without it, CPU time is not limited. */
  readonly cpuMs?: () => number;
  /** Called for a record that is `ProcessingFailed`, or met a bug of ours (`INTERNAL`) and passes through unchanged. */
  readonly recordFailed: (recordId: string, code: RecordFailureCode, error?: unknown) => void;
  /** What a batch may cost; default: `BATCH_LIMITS`. */
  readonly limits?: BatchLimits;
};

/** The response to one invocation, and its counters. */
export type Transformed = {
  readonly invocationId: string;
  readonly response: FirehoseTransformationResult;
  readonly summary: BatchSummary;
};

/**
 * Transforms a Firehose event: read, look up, attribute and write. Never throws for data. Has one awaited look-up, which
 * takes at most half of the invocation time that is left by then (`remainingMs`): the rest is for writing. `ownAccountId`
 * is the function's account. Records beyond a bound of the batch, of its response or of its time pass through unread.
 */
export type Transform = (
  event: unknown,
  remainingMs?: () => number,
  ownAccountId?: string,
) => Promise<Transformed>;

/** Creates the transformation for a configuration; see `core/index.ts`. */
export function createPipeline(
  settings: Settings,
  ports: PipelinePorts,
  acceleration: Acceleration = NO_ACCELERATION,
): Transform {
  const { limits = BATCH_LIMITS } = ports;
  const readRecord = createRecordReader(createSources(settings), settings, acceleration, limits);
  const context = createWriterContext(settings, acceleration, limits);
  const aggregator = createAggregator(settings);
  return async (event, remainingMs, ownAccountId) => {
    const startMs = ports.now();
    const summary = createSummary();
    const guarded = createBugGuard(ports, summary);
    const keys = createLookupKeys();
    const read = (input: InputRecord, budget: ReadBudget): ReadRecord | undefined =>
      guarded(input, () => readRecord(input, keys, budget));

    const pending = ports.directory.begin(startMs, ownAccountId);
    const { invocationId, records, stream } = readFirehoseEvent(event, startMs);
    const guard = createBatchGuard(records, settings, limits, ports.cpuMs, remainingMs);
    const budget = createReadBudget(limits);
    const heldRecords = readBatch(records, (input) => read(input, budget), guard, ports, summary);

    const directory = await guard.duringLookup(() => pending.lookup(keys, remainingMs && remainingMs() / 2));

    const batch = {
      attributor: context.createAttributor(directory),
      stream,
      summary,
    };
    const write = (input: InputRecord, i: number, counts: BatchSummary, roles?: RecordRoles): Outcome => {
      const unchanged: Outcome = { input, result: 'Ok', data: undefined };
      const held = heldRecords[i];
      const isWritten = held === READ_AGAIN || held?.kind === 'envelope' || held?.kind === 'text';
      const reason = isWritten ? guard.refuseWriting() : undefined;
      if (reason !== undefined) {
        counts.unreadByReason[reason]++;
        return unchanged;
      }
      // It was read within the budget of the batch before.
      const record = held === READ_AGAIN ? read(input, createReadBudget(limits)) : held;
      const own = { ...batch, summary: counts, roles };
      const outcome = record && guarded(input, () => writeRecord(context, own, input, record));
      guard.worked(sizeOf(record));
      guard.written(outcome ?? unchanged);
      return outcome ?? unchanged;
    };
    /** Records beyond the memory of a batch are left out, and those beyond its time. */
    const collect = (): readonly Query[] => {
      const clientKeys = createClientKeys();
      let found = 0;
      return records.flatMap((input, i) => {
        const held = heldRecords[i];
        if (held === undefined || held === READ_AGAIN || found >= limits.sharingQueries) return [];
        if (guard.refuseWriting() !== undefined) return [];
        guard.worked(sizeOf(held));
        const queries =
          guarded(input, () => collectQueries(context, batch, input, held, i, clientKeys)) ?? [];
        found += queries.length;
        return queries;
      });
    };
    const makeFit = (outcomes: readonly Outcome[]): readonly Outcome[] =>
      fitResponse(outcomes, settings.responseBudgetBytes, (step) => summary.degraded[step]++);
    const fitted =
      aggregator === undefined
        ? makeFit(records.map((input, i) => write(input, i, summary)))
        : writeAggregated(aggregator, { records, collect, write, makeFit }, summary);
    for (const { result } of fitted) summary.recordsByResult[result]++;
    summary.responseBytes = fitted.reduce((sum, outcome) => sum + outcomeBytes(outcome), 0);
    summary.health = pending.health();
    summary.invocationMs = ports.now() - startMs;
    return { invocationId, response: firehoseResponse(fitted), summary };
  };
}

/** Stands for a record that was read only for its look-up keys, and is read a second time before it is written. */
const READ_AGAIN = 'read-again';

// Limit of what a batch holds in memory between reading and writing: three times what the recommended buffer takes. Records
// beyond it are read twice, which costs time instead of memory.
const MAX_HELD_BYTES = 64 * 2 ** 20;

/** An envelope is held as bytes and as text. */
const heldBytes = (record: Extract<ReadRecord, { kind: 'envelope' | 'text' }>, input: InputRecord): number =>
  record.kind === 'envelope'
    ? envelopesOf(record).reduce(
        (sum, { envelope, events }) => sum + envelope.bytes.length * 2 + events.heldBytes,
        0,
      )
    : input.data.length + record.events.heldBytes;

/** Reads all records of a batch; undefined stands for a record that met a bug and passes through unchanged. */
function readBatch(
  records: readonly InputRecord[],
  read: (input: InputRecord) => ReadRecord | undefined,
  guard: BatchGuard,
  ports: PipelinePorts,
  summary: BatchSummary,
): (ReadRecord | typeof READ_AGAIN | undefined)[] {
  let totalBytes = 0;
  return records.map((input) => {
    summary.inputBytes += input.data.length;
    const refused = guard.refuseReading();
    const record = refused === undefined ? read(input) : unread(refused);
    summary.recordsByKind[record?.kind ?? 'failed']++;
    guard.worked(sizeOf(record));
    if (record?.kind === 'unread') summary.unreadByReason[record.reason]++;
    if (record?.kind === 'failed') {
      summary.failuresByCode[record.code]++;
      ports.recordFailed(input.recordId, record.code);
    }
    if (record?.kind !== 'envelope' && record?.kind !== 'text') return record;
    const bytes = heldBytes(record, input);
    if (totalBytes + bytes > MAX_HELD_BYTES) return READ_AGAIN;
    totalBytes += bytes;
    return record;
  });
}

const UNKNOWN_BYTES = Number.POSITIVE_INFINITY;

/** Size of a record; of one that is not read, nobody knows what it inflated to. */
function sizeOf(record: ReadRecord | undefined): number {
  if (record?.kind === 'envelope')
    return envelopesOf(record).reduce((sum, { envelope }) => sum + envelope.bytes.length, 0);
  return record?.kind === 'text' ? record.bytes : UNKNOWN_BYTES;
}

const unread = (reason: UnreadReason): ReadRecord => ({ kind: 'unread', reason });

/** Runs a step for one record. An exception is a bug: only this record then passes through unchanged. */
function createBugGuard(ports: PipelinePorts, summary: BatchSummary) {
  return <T>(input: InputRecord, step: () => T): T | undefined => {
    try {
      return step();
    } catch (error) {
      summary.failuresByCode.INTERNAL++;
      ports.recordFailed(input.recordId, 'INTERNAL', error);
      return undefined;
    }
  };
}
