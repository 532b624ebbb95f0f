import { UNREAD_REASONS, type UnreadReason } from './batch-limits.ts';
import type { ClientKind } from './client.ts';
import type { Attribution } from './directory.ts';
import type { FailureCode } from './failure.ts';
import { bySource, type LogSourceName } from './log-sources.ts';
import type { SourceHealth } from './ports.ts';
import { QUESTION_CATEGORIES, type QuestionCategory } from './settings.ts';

/** What a Firehose record was recognised as. */
type RecordKind = 'envelope' | 'text' | 'control' | 'foreign' | 'unread' | 'failed';

/** The result that Firehose reads for a record. */
export type RecordResult = 'Ok' | 'Dropped' | 'ProcessingFailed';

/** Why a record could not be read, or `INTERNAL`: a bug of ours, caught for that record alone, which passes through unchanged. */
export type RecordFailureCode = FailureCode | 'INTERNAL';

/**
 * How a record was degraded, so that it and the response fit: without padding, strongest compression, without the labels
 * and annotations of its pods, also without the fields of the set `lean` of `OMIT`, its original bytes.
 */
export type DegradeStep = 'unpadded' | 'recompressed' | 'withoutMetadata' | 'lean' | 'original';

/** Why a log event was not read: its message is longer, or its JSON more complex, than that of any DNS log. */
export type UnreadEventReason = 'message-bytes' | 'message-members';

/** A counter per name; every name is always present. */
export type Counts<K extends string> = Record<K, number>;

/** Counters of one invocation; incremented in place (`summary.eventsIn++`). */
export type BatchSummary = {
  readonly recordsByKind: Counts<RecordKind>;
  readonly recordsByResult: Counts<RecordResult>;
  readonly failuresByCode: Counts<RecordFailureCode>;
  /** Records beyond a bound, which passed through unread. */
  readonly unreadByReason: Counts<UnreadReason>;
  /** Log events in all records that could be read (lines, where there is no envelope). */
  eventsIn: number;
  /** Events normalised, each counted once, whether it has a record or shares one. */
  readonly normalisedBySource: Counts<LogSourceName>;
  /** Events that passed through unchanged. */
  passedThrough: number;
  /** Events removed by `DROP`. */
  readonly droppedByCategory: Counts<QuestionCategory>;
  /** Events removed by `SAMPLE`. */
  readonly sampledOutByCategory: Counts<QuestionCategory>;
  /** Events that are counted in the record of another (`AGGREGATE`); part of `normalisedBySource`. */
  merged: number;
  /** Lines that look like those of a source (`LogSource.resembles`) and could not be parsed; part of `passedThrough`. */
  unparsed: number;
  /** Lines in a DNS log format whose producer may not write DNS logs; part of `passedThrough`. */
  untrusted: number;
  /** Events beyond a bound, which were not read; part of `passedThrough`. */
  readonly unreadEventsByReason: Counts<UnreadEventReason>;
  /** Normalised events of which a value was cut or left out (`dns.truncated`). */
  truncated: number;
  readonly attributions: Counts<Attribution>;
  readonly clientsByKind: Counts<ClientKind>;
  readonly degraded: Counts<DegradeStep>;
  /** Sum of the records' `data` as received (base64), bytes. */
  inputBytes: number;
  /** Size of the response as Lambda counts it, bytes. */
  responseBytes: number;
  /** Number of invalid settings; while there is one, everything passes through unchanged. */
  configurationFaults: number;
  /** 1 where the batch passed through untouched, because the function died of it before. */
  poisonBatches: number;
  /** State of the directory's sources after the look-up. */
  health: readonly SourceHealth[];
  invocationMs: number;
};

/** A summary with every counter at zero. */
export const createSummary = (): BatchSummary => ({
  recordsByKind: { envelope: 0, text: 0, control: 0, foreign: 0, unread: 0, failed: 0 },
  recordsByResult: { Ok: 0, Dropped: 0, ProcessingFailed: 0 },
  failuresByCode: { GZIP_BROKEN: 0, GZIP_TRUNCATED: 0, GZIP_TOO_LARGE: 0, INTERNAL: 0 },
  unreadByReason: Object.fromEntries(UNREAD_REASONS.map((reason) => [reason, 0])) as Counts<UnreadReason>,
  eventsIn: 0,
  normalisedBySource: bySource(() => 0),
  passedThrough: 0,
  droppedByCategory: noQuestions(),
  sampledOutByCategory: noQuestions(),
  merged: 0,
  unparsed: 0,
  untrusted: 0,
  unreadEventsByReason: { 'message-bytes': 0, 'message-members': 0 },
  truncated: 0,
  attributions: { exact: 0, inferred: 0, ambiguous: 0, none: 0 },
  clientsByKind: { pod: 0, coredns: 0, node: 0, instance: 0, endpoint: 0, external: 0, unknown: 0 },
  degraded: { unpadded: 0, recompressed: 0, withoutMetadata: 0, lean: 0, original: 0 },
  inputBytes: 0,
  responseBytes: 0,
  configurationFaults: 0,
  poisonBatches: 0,
  health: [],
  invocationMs: 0,
});

/** The counters of events at one moment. */
export type EventCounts = Readonly<ReturnType<typeof eventCounts>>;

/** Copies the counters of events. */
export const eventCounts = (summary: BatchSummary) => ({
  eventsIn: summary.eventsIn,
  passedThrough: summary.passedThrough,
  merged: summary.merged,
  unparsed: summary.unparsed,
  untrusted: summary.untrusted,
  truncated: summary.truncated,
  unreadEventsByReason: { ...summary.unreadEventsByReason },
  normalisedBySource: { ...summary.normalisedBySource },
  droppedByCategory: { ...summary.droppedByCategory },
  sampledOutByCategory: { ...summary.sampledOutByCategory },
  attributions: { ...summary.attributions },
  clientsByKind: { ...summary.clientsByKind },
});

/** Sets the counters of events back. */
export function restoreEventCounts(summary: BatchSummary, before: EventCounts): void {
  summary.eventsIn = before.eventsIn;
  summary.passedThrough = before.passedThrough;
  summary.merged = before.merged;
  summary.unparsed = before.unparsed;
  summary.untrusted = before.untrusted;
  summary.truncated = before.truncated;
  Object.assign(summary.unreadEventsByReason, before.unreadEventsByReason);
  Object.assign(summary.normalisedBySource, before.normalisedBySource);
  Object.assign(summary.droppedByCategory, before.droppedByCategory);
  Object.assign(summary.sampledOutByCategory, before.sampledOutByCategory);
  Object.assign(summary.attributions, before.attributions);
  Object.assign(summary.clientsByKind, before.clientsByKind);
}

/** Adds what one Firehose record counted to the summary of its batch. */
export function addRecordCounts(summary: BatchSummary, record: BatchSummary): void {
  summary.eventsIn += record.eventsIn;
  summary.passedThrough += record.passedThrough;
  summary.merged += record.merged;
  summary.unparsed += record.unparsed;
  summary.untrusted += record.untrusted;
  summary.truncated += record.truncated;
  addUp(summary.unreadByReason, record.unreadByReason);
  addUp(summary.unreadEventsByReason, record.unreadEventsByReason);
  addUp(summary.normalisedBySource, record.normalisedBySource);
  addUp(summary.droppedByCategory, record.droppedByCategory);
  addUp(summary.sampledOutByCategory, record.sampledOutByCategory);
  addUp(summary.attributions, record.attributions);
  addUp(summary.clientsByKind, record.clientsByKind);
  addUp(summary.degraded, record.degraded);
}

function addUp<K extends string>(counts: Counts<K>, more: Counts<K>): void {
  for (const name in more) counts[name] += more[name];
}

const noQuestions = (): Counts<QuestionCategory> =>
  Object.fromEntries(QUESTION_CATEGORIES.map((category) => [category, 0])) as Counts<QuestionCategory>;

/** Sum of all counters of a group. */
export const total = (counts: Readonly<Record<string, number>>): number => {
  let sum = 0;
  for (const name in counts) sum += counts[name] ?? 0;
  return sum;
};
