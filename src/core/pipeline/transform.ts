import type { FirehoseTransformationResult } from 'aws-lambda';
import { createLookupKeys } from '../attribution/index.ts';
import { firehoseResponse, readFirehoseEvent } from '../firehose/event.ts';
import { fitResponse, outcomeBytes } from '../firehose/fit-response.ts';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import type { DirectorySource } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { type BatchSummary, createSummary, type RecordFailureCode } from '../model/summary.ts';
import { createSources } from '../sources/index.ts';
import { createRecordReader, type ReadRecord } from './read.ts';
import { createDesk, createRecordWriter } from './write.ts';

/** What the pipeline is told from outside. */
export type PipelinePorts = {
  readonly directory: DirectorySource;
  /** Epoch ms. */
  readonly now: () => number;
  /** A record is `ProcessingFailed`, or met a bug of ours (`INTERNAL`, with the error) and goes on as it came. */
  readonly recordFailed: (recordId: string, code: RecordFailureCode, error?: unknown) => void;
};

/** The answer to one invocation, and what was done for it. */
export type Transformed = {
  readonly invocationId: string;
  readonly response: FirehoseTransformationResult;
  readonly summary: BatchSummary;
};

/**
 * Reads a Firehose event, looks up who asked, writes the answer. Never throws for data; one awaited look-up, which takes
 * no more than half of what `remainingMs` says is left of the invocation by then: the rest is for writing.
 */
export type Transform = (event: unknown, remainingMs?: () => number) => Promise<Transformed>;

/** Creates the transformation for a configuration. */
export function createTransform(settings: Settings, ports: PipelinePorts): Transform {
  const reader = createRecordReader(createSources(settings), settings.maxInflatedBytes);
  const desk = createDesk(settings, reader);
  return async (event, remainingMs) => {
    const startMs = ports.now();
    const summary = createSummary();
    const guarded = createGuard(ports, summary);
    const keys = createLookupKeys();
    const read = (input: InputRecord): ReadRecord | undefined =>
      guarded(input, () => reader.read(input, keys));

    const pending = ports.directory.begin(startMs);
    const { invocationId, records, region } = readFirehoseEvent(event, startMs);
    const held = readBatch(records, read, ports, summary);

    const directory = await pending.lookup(keys, remainingMs && remainingMs() / 2);

    const write = createRecordWriter(desk, directory, region ?? settings.region, summary);
    const outcomes = records.map((input, i): Outcome => {
      const kept = held[i];
      const record = kept === RELEASED ? read(input) : kept;
      const outcome = record && guarded(input, () => write(input, record));
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

/** A record that was read for its look-up keys and is read a second time to be written. */
const RELEASED = 'released';

// What a batch may hold between reading and writing. More than that is no log traffic but a bomb, and costs time instead
// of memory. An envelope is held as bytes and as text; its events take about 100 bytes each, 600 more where one is parsed.
const MAX_HELD_BYTES = 128 * 2 ** 20;
const SPAN_BYTES = 100;
const EVENT_BYTES = 600;

function bytesHeld(record: Extract<ReadRecord, { kind: 'envelope' | 'text' }>, input: InputRecord): number {
  const textBytes = record.kind === 'envelope' ? record.envelope.bytes.length * 2 : input.data.length;
  let bytes = textBytes + record.events.length * SPAN_BYTES;
  for (const event of record.events) if (typeof event === 'object') bytes += EVENT_BYTES;
  return bytes;
}

function readBatch(
  records: readonly InputRecord[],
  read: (input: InputRecord) => ReadRecord | undefined,
  ports: PipelinePorts,
  summary: BatchSummary,
): (ReadRecord | typeof RELEASED | undefined)[] {
  let heldBytes = 0;
  return records.map((input) => {
    summary.inputBytes += input.data.length;
    const record = read(input);
    summary.recordsByKind[record?.kind ?? 'failed']++;
    if (record?.kind === 'failed') {
      summary.failuresByCode[record.code]++;
      ports.recordFailed(input.recordId, record.code);
    }
    if (record?.kind !== 'envelope' && record?.kind !== 'text') return record;
    const bytes = bytesHeld(record, input);
    if (heldBytes + bytes > MAX_HELD_BYTES) return RELEASED;
    heldBytes += bytes;
    return record;
  });
}

/** Runs a step for one record; what it throws is a bug, and costs this record alone its normalization. */
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
