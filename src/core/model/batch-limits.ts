// What reading and rewriting one batch may cost. Anybody who runs a pod, or only sends a query, decides what stands in the
// logs: without these bounds a few kilobytes of gzip cost minutes or gigabytes. What is beyond a bound passes through
// unread (design section 2), so all bounds are far above real logs.

/** The bounds of one batch. */
export type BatchLimits = {
  /** Inflated size of a gzip record that is read, and of one that is written. */
  readonly recordBytes: number;
  /** Size of a record without gzip that is read, and of one that is written. */
  readonly plainRecordBytes: number;
  /** Log events of a record, or lines where there is no envelope. */
  readonly recordEvents: number;
  /** Size of a log event's message, as it stands in the envelope. */
  readonly messageBytes: number;
  /** Inflated size of all records that are read. */
  readonly batchBytes: number;
  /** What is inflated of records that are too large to be read, to tell which of them are beyond `MAX_INFLATED_BYTES`. */
  readonly oversizedBytes: number;
  /** Log events of all records. */
  readonly batchEvents: number;
  /** Queries that may share records (`AGGREGATE`): those of further records do not. */
  readonly sharingQueries: number;
  /** CPU time after which no record is read, ms. */
  readonly readingCpuMs: number;
  /** CPU time after which no record is written, ms. */
  readonly cpuMs: number;
};

/** Limit of Firehose for one record, bytes (1,000 KiB). https://docs.aws.amazon.com/firehose/latest/dev/limits.html */
export const MAX_RECORD_BYTES = 1_024_000;

/**
 * Most bytes to which a rewritten record inflates. Firehose cuts requests at 1 MiB of packed records, so a large record
 * may be alone in its request, and Dynatrace takes requests of 10 MB.
 */
const MAX_REWRITTEN_BYTES = 8_000_000;

/** The bounds of the function. */
export const BATCH_LIMITS: BatchLimits = {
  // A record grows when it is rewritten: a larger one could not go back within the limit.
  recordBytes: MAX_REWRITTEN_BYTES,
  plainRecordBytes: MAX_RECORD_BYTES,
  // An event of CloudWatch has an id of 56 digits: 8 MB hold 70,000 events without a message, and 7,000 normalised ones.
  recordEvents: 65_536,
  // The limit of CloudWatch Logs for an event until 2025. A name has at most 255 bytes, a response 64 kB.
  messageBytes: 262_144,
  // 0.5 MB of gzip, the recommended buffer, inflates to 3 to 15 MB; the full buffer of 3 MB to 60 MB.
  batchBytes: 64 * 2 ** 20,
  oversizedBytes: 128 * 2 ** 20,
  batchEvents: 262_144,
  // Each takes about a kilobyte of memory. The recommended buffer holds 10,000.
  sharingQueries: 65_536,
  // An honest batch takes less than one second.
  readingCpuMs: 2500,
  cpuMs: 5000,
};

/** No bounds, for files of one's own. */
export const NO_BATCH_LIMITS: BatchLimits = {
  recordBytes: Number.POSITIVE_INFINITY,
  plainRecordBytes: Number.POSITIVE_INFINITY,
  recordEvents: Number.POSITIVE_INFINITY,
  messageBytes: Number.POSITIVE_INFINITY,
  batchBytes: Number.POSITIVE_INFINITY,
  oversizedBytes: Number.POSITIVE_INFINITY,
  batchEvents: Number.POSITIVE_INFINITY,
  sharingQueries: Number.POSITIVE_INFINITY,
  readingCpuMs: Number.POSITIVE_INFINITY,
  cpuMs: Number.POSITIVE_INFINITY,
};

/** Why a record passes through unread. */
export const UNREAD_REASONS = [
  /** It inflates, or is, too large to be rewritten. */
  'record-bytes',
  /** Too many log events or lines. */
  'record-events',
  /** Members of its envelope are too many, or longer than any that CloudWatch writes. */
  'record-members',
  /** The records before it were all that a batch may inflate to. */
  'batch-bytes',
  /** The records before it had all the events of a batch. */
  'batch-events',
  /** The response has no room for it. */
  'no-room',
  /** The records before it took all the CPU time. */
  'cpu',
  /** The invocation is about to time out. */
  'deadline',
] as const;

/** One of `UNREAD_REASONS`. */
export type UnreadReason = (typeof UNREAD_REASONS)[number];

/** What is left of a batch's bounds, while it is read. */
export type ReadBudget = { batchBytes: number; oversizedBytes: number; events: number };

/** The budget of a batch of which nothing is read yet. */
export const createReadBudget = (limits: BatchLimits): ReadBudget => ({
  batchBytes: limits.batchBytes,
  oversizedBytes: limits.oversizedBytes,
  events: limits.batchEvents,
});
