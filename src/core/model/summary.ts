import type { ClientKind } from './client.ts';
import type { Attribution } from './directory.ts';
import type { FailureCode } from './failure.ts';
import { bySource, type LogSourceName } from './log-sources.ts';
import type { SourceHealth } from './ports.ts';
import { QUESTION_CATEGORIES, type QuestionCategory } from './settings.ts';

/** What a Firehose record was recognised as. */
type RecordKind = 'envelope' | 'text' | 'control' | 'foreign' | 'failed';

/** The result that Firehose reads for a record. */
export type RecordResult = 'Ok' | 'Dropped' | 'ProcessingFailed';

/** Why a record could not be read, or `INTERNAL`: a bug of ours, caught for that record alone, which passes through unchanged. */
export type RecordFailureCode = FailureCode | 'INTERNAL';

/** How a record was degraded so that the response fits: without padding, strongest compression, its original bytes. */
export type DegradeStep = 'unpadded' | 'recompressed' | 'original';

/** A counter per name; every name is always present. */
export type Counts<K extends string> = Record<K, number>;

/** Counters of one invocation; incremented in place (`summary.eventsIn++`). */
export type BatchSummary = {
  readonly recordsByKind: Counts<RecordKind>;
  readonly recordsByResult: Counts<RecordResult>;
  readonly failuresByCode: Counts<RecordFailureCode>;
  /** Log events in all records that could be read (lines, where there is no envelope). */
  eventsIn: number;
  readonly normalisedBySource: Counts<LogSourceName>;
  /** Events that passed through unchanged. */
  passedThrough: number;
  /** Events removed by `DROP`. */
  readonly droppedByCategory: Counts<QuestionCategory>;
  /** Events removed by `SAMPLE`. */
  readonly sampledOutByCategory: Counts<QuestionCategory>;
  /** Lines that look like those of a source (`LogSource.resembles`) and could not be parsed; part of `passedThrough`. */
  unparsed: number;
  /** Lines in a DNS log format whose producer may not write DNS logs; part of `passedThrough`. */
  untrusted: number;
  readonly attributions: Counts<Attribution>;
  readonly clientsByKind: Counts<ClientKind>;
  readonly degraded: Counts<DegradeStep>;
  /** Sum of the records' `data` as received (base64), bytes. */
  inputBytes: number;
  /** Size of the response as Lambda counts it, bytes. */
  responseBytes: number;
  /** Number of invalid settings; while there is one, everything passes through unchanged. */
  configurationFaults: number;
  /** State of the directory's sources after the look-up. */
  health: readonly SourceHealth[];
  invocationMs: number;
};

/** A summary with every counter at zero. */
export const createSummary = (): BatchSummary => ({
  recordsByKind: { envelope: 0, text: 0, control: 0, foreign: 0, failed: 0 },
  recordsByResult: { Ok: 0, Dropped: 0, ProcessingFailed: 0 },
  failuresByCode: { GZIP_BROKEN: 0, GZIP_TRUNCATED: 0, GZIP_TOO_LARGE: 0, INTERNAL: 0 },
  eventsIn: 0,
  normalisedBySource: bySource(() => 0),
  passedThrough: 0,
  droppedByCategory: noQuestions(),
  sampledOutByCategory: noQuestions(),
  unparsed: 0,
  untrusted: 0,
  attributions: { exact: 0, inferred: 0, ambiguous: 0, none: 0 },
  clientsByKind: { pod: 0, coredns: 0, node: 0, instance: 0, endpoint: 0, external: 0, unknown: 0 },
  degraded: { unpadded: 0, recompressed: 0, original: 0 },
  inputBytes: 0,
  responseBytes: 0,
  configurationFaults: 0,
  health: [],
  invocationMs: 0,
});

const noQuestions = (): Counts<QuestionCategory> =>
  Object.fromEntries(QUESTION_CATEGORIES.map((category) => [category, 0])) as Counts<QuestionCategory>;

/** Sum of all counters of a group. */
export const total = (counts: Readonly<Record<string, number>>): number => {
  let sum = 0;
  for (const name in counts) sum += counts[name] ?? 0;
  return sum;
};
