import type { FirehoseTransformationResult } from 'aws-lambda';
import { createLookupKeys } from '../attribution/lookup-keys.ts';
import { firehoseResponse, readFirehoseEvent } from '../firehose/event.ts';
import { fitResponse, outcomeBytes } from '../firehose/fit-response.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import type { DirectorySource } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { type BatchSummary, createSummary, type RecordFailureCode } from '../model/summary.ts';
import { createSources } from '../sources/index.ts';
import { type Acceleration, NO_ACCELERATION } from './acceleration.ts';
import { createRecordReader, type ReadRecord } from './read.ts';
import { createWriterContext, writeRecord } from './write.ts';

/** The inventory, the clock and the error log that the pipeline uses. */
export type PipelinePorts = {
  readonly directory: DirectorySource;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called for a record that is `ProcessingFailed`, or met a bug of ours (`INTERNAL`) and passes through unchanged. */
  readonly recordFailed: (recordId: string, code: RecordFailureCode, error?: unknown) => void;
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
 * is the function's account.
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
  const readRecord = createRecordReader(createSources(settings), settings, acceleration);
  const context = createWriterContext(settings, acceleration);
  return async (event, remainingMs, ownAccountId) => {
    const startMs = ports.now();
    const summary = createSummary();
    const guarded = createGuard(ports, summary);
    const keys = createLookupKeys();
    const read = (input: InputRecord): ReadRecord | undefined =>
      guarded(input, () => readRecord(input, keys));

    const pending = ports.directory.begin(startMs, ownAccountId);
    const { invocationId, records, stream } = readFirehoseEvent(event, startMs);
    const heldRecords = readBatch(records, read, ports, summary);

    const directory = await pending.lookup(keys, remainingMs && remainingMs() / 2);

    const batch = {
      attributor: context.createAttributor(directory),
      stream,
      summary,
    };
    const outcomes = records.map((input, i): Outcome => {
      const held = heldRecords[i];
      const record = held === READ_AGAIN ? read(input) : held;
      const outcome = record && guarded(input, () => writeRecord(context, batch, input, record));
      return outcome ?? { input, result: 'Ok', data: undefined };
    });
    const fitted = fitResponse(outcomes, settings.responseBudgetBytes, (step) => summary.degraded[step]++);
    for (const { result } of fitted) summary.recordsByResult[result]++;
    summary.responseBytes = fitted.reduce((sum, outcome) => sum + outcomeBytes(outcome), 0);
    summary.health = pending.health();
    summary.invocationMs = ports.now() - startMs;
    return { invocationId, response: firehoseResponse(fitted), summary };
  };
}

/** Stands for a record that was read only for its look-up keys, and is read a second time before it is written. */
const READ_AGAIN = 'read-again';

// Limit of what a batch holds in memory between reading and writing. A batch beyond it is a decompression bomb rather
// than log traffic: its records are read twice, which costs time instead of memory.
const MAX_HELD_BYTES = 128 * 2 ** 20;

/** An envelope is held as bytes and as text. */
const heldBytes = (record: Extract<ReadRecord, { kind: 'envelope' | 'text' }>, input: InputRecord): number =>
  (record.kind === 'envelope' ? record.envelope.bytes.length * 2 : input.data.length) +
  record.events.heldBytes;

/** Reads all records of a batch; undefined stands for a record that met a bug and passes through unchanged. */
function readBatch(
  records: readonly InputRecord[],
  read: (input: InputRecord) => ReadRecord | undefined,
  ports: PipelinePorts,
  summary: BatchSummary,
): (ReadRecord | typeof READ_AGAIN | undefined)[] {
  let totalBytes = 0;
  return records.map((input) => {
    summary.inputBytes += input.data.length;
    const record = read(input);
    summary.recordsByKind[record?.kind ?? 'failed']++;
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

/** Runs a step for one record. An exception is a bug: only this record then passes through unchanged. */
function createGuard(ports: PipelinePorts, summary: BatchSummary) {
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
