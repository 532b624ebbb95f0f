// What the parts of the chain cost.

/** List prices, USD, of us-east-1, as remembered in November 2026 and not verified: check the price pages. */
const PRICES = {
  /** CloudWatch Logs, ingestion per GB of log events, each with 26 bytes more. https://aws.amazon.com/cloudwatch/pricing/ */
  cloudWatchPerGb: 0.5,
  /** Firehose, ingestion per GB by direct PUT; each record counts in steps of 5 kB. https://aws.amazon.com/firehose/pricing/ */
  firehosePerGb: 0.029,
  /** Lambda on arm64, and a million invocations. https://aws.amazon.com/lambda/pricing/ */
  lambdaPerGbSecond: 0.0000133334,
  lambdaPerMillion: 0.2,
  /** Dynatrace, Ingest & Process per GiB as sent. https://www.dynatrace.com/pricing/rate-card/ */
  ingestPerGib: 0.2,
  /** Dynatrace, Retain per GiB and day of content and attributes, uncompressed. */
  retainPerGibDay: 0.0007,
} as const;

/** Days that Dynatrace retains logs: its default. */
const RETAINED_DAYS = 35;

/** What CloudWatch Logs adds to each event, bytes. */
export const CLOUDWATCH_EVENT_BYTES = 26;

const FIREHOSE_STEP_BYTES = 5 * 1024;

/** Bytes that Firehose bills for a record. */
export const firehoseBytes = (recordBytes: number): number =>
  Math.ceil(recordBytes / FIREHOSE_STEP_BYTES) * FIREHOSE_STEP_BYTES;

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
const MB_PER_CPU = 1769;
const MEMORY_MB = 1024;

/** GB-seconds of a function with 1,024 MB for work that takes one whole core `cpuMs`. */
export const gbSeconds = (cpuMs: number): number =>
  ((cpuMs / 1000) * (MB_PER_CPU / MEMORY_MB) * MEMORY_MB) / 1024;

const GIB = 2 ** 30;

/** What was measured of a number of queries. */
export type Usage = {
  readonly cloudWatchBytes: number;
  readonly firehoseBytes: number;
  readonly gbSeconds: number;
  readonly invocations: number;
  readonly ingestedBytes: number;
  readonly retainedBytes: number;
};

/** The bill, USD. */
export const usdOf = (usage: Usage): number =>
  (usage.cloudWatchBytes / GIB) * PRICES.cloudWatchPerGb +
  (usage.firehoseBytes / GIB) * PRICES.firehosePerGb +
  usage.gbSeconds * PRICES.lambdaPerGbSecond +
  (usage.invocations / 1e6) * PRICES.lambdaPerMillion +
  (usage.ingestedBytes / GIB) * PRICES.ingestPerGib +
  (usage.retainedBytes / GIB) * PRICES.retainPerGibDay * RETAINED_DAYS;
