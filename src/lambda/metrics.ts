// The metrics of the function.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { LOG_SOURCES } from '../core/model/log-sources.ts';
import type { SourceHealth, StateHealth } from '../core/model/ports.ts';
import { type BatchSummary, total } from '../core/model/summary.ts';

// Short-lived pods exist for minutes: a directory without a complete sync for five minutes misses some of them.
const STALE_AFTER_MS = 300_000;

// Age alone does not make a source stale: EC2 is only requested when there are Resolver logs.
/** Whether a source fails and has had no complete sync for a while. */
export const isStale = ({ ageMs, errors, late, lastError }: SourceHealth): boolean =>
  (errors > 0 || late || lastError !== undefined) && (ageMs ?? Number.POSITIVE_INFINITY) > STALE_AFTER_MS;

const { Bytes, Count, Milliseconds, Seconds } = MetricUnit;

/** A metric of CloudWatch, read from the counters of an invocation. */
export type Metric = {
  readonly name: string;
  readonly unit: (typeof MetricUnit)[keyof typeof MetricUnit];
  /** For docs/deploy.md. */
  readonly description: string;
  readonly read: (summary: BatchSummary) => number;
  /** Emitted after a sync as well. */
  readonly isOfInventory: boolean;
};

const metric = (name: string, unit: Metric['unit'], description: string, read: Metric['read']): Metric => ({
  name,
  unit,
  description,
  read,
  isOfInventory: false,
});

const inventoryMetric = (...definition: Parameters<typeof metric>): Metric => ({
  ...metric(...definition),
  isOfInventory: true,
});

const statesOf = ({ health }: BatchSummary): readonly StateHealth[] =>
  health.flatMap(({ state }) => state ?? []);

/** Stands for the age of a snapshot that does not exist or cannot be used; the bucket keeps none for longer than a day. */
const NO_SNAPSHOT_SECONDS = 86_400;

/** Every metric. Sources have metrics of their own, not a dimension: one EMF line per invocation, few billed metrics. */
export const METRICS: readonly Metric[] = [
  metric('RecordsIn', Count, 'Firehose records received', (s) => total(s.recordsByResult)),
  metric(
    'RecordsFailed',
    Count,
    'records with a failure: returned as `ProcessingFailed`, or passed through after an internal error',
    (s) => total(s.failuresByCode),
  ),
  metric(
    'RecordsDropped',
    Count,
    'records returned as `Dropped`: control messages, or every event dropped by a rule or counted in another record',
    (s) => s.recordsByResult.Dropped,
  ),
  metric(
    'RecordsDegraded',
    Count,
    'steps taken to make a record or response fit: padding removed, stronger compression, metadata of pods left out, original bytes',
    (s) => total(s.degraded),
  ),
  metric(
    'RecordsUnread',
    Count,
    'records beyond a bound of size, number, time or room, which passed through unread',
    (s) => total(s.unreadByReason),
  ),
  metric('EventsIn', Count, 'log events read', (s) => s.eventsIn),
  ...LOG_SOURCES.map(({ name, label, metric: metricName }) =>
    metric(metricName, Count, `normalised events, log source ${label}`, (s) => s.normalisedBySource[name]),
  ),
  metric('EventsPassedThrough', Count, 'events passed through unchanged', (s) => s.passedThrough),
  metric(
    'EventsDropped',
    Count,
    'events left out by `DROP` or `SAMPLE`',
    (s) => total(s.droppedByCategory) + total(s.sampledOutByCategory),
  ),
  metric(
    'EventsMerged',
    Count,
    'normalised events that are counted in the record of another (`AGGREGATE`)',
    (s) => s.merged,
  ),
  metric(
    'EventsUnparsed',
    Count,
    'DNS log lines in an unknown format: behind `[INFO] ` with an address and a name, of `plugin/errors` and `plugin/loop`, CoreDNS JSON, Resolver records and zone lines; not those of other programs',
    (s) => s.unparsed,
  ),
  metric(
    'EventsUntrusted',
    Count,
    'lines in a DNS log format that passed because their container or log group may not write DNS logs',
    (s) => s.untrusted,
  ),
  metric(
    'EventsUnread',
    Count,
    'log events too long or too complex for a DNS log, which were not read',
    (s) => total(s.unreadEventsByReason),
  ),
  metric(
    'EventsTruncated',
    Count,
    'normalised events of which a value was cut or left out (`dns.truncated`)',
    (s) => s.truncated,
  ),
  metric(
    'AttributionExact',
    Count,
    'normalised events with attribution `exact`',
    (s) => s.attributions.exact,
  ),
  metric(
    'AttributionInferred',
    Count,
    'normalised events with attribution `inferred`',
    (s) => s.attributions.inferred,
  ),
  metric(
    'AttributionAmbiguous',
    Count,
    'normalised events with attribution `ambiguous`',
    (s) => s.attributions.ambiguous,
  ),
  metric('AttributionNone', Count, 'normalised events with attribution `none`', (s) => s.attributions.none),
  inventoryMetric(
    'DirectoryStale',
    Count,
    'sources of the inventory that fail and had no complete sync for five minutes',
    (s) => s.health.filter(isStale).length,
  ),
  inventoryMetric(
    'DirectoryAge',
    Milliseconds,
    'age of the oldest source since its last complete sync',
    (s) => Math.max(0, ...s.health.map((source) => source.ageMs ?? 0)),
  ),
  inventoryMetric('DirectoryErrors', Count, 'refreshes that failed', (s) =>
    s.health.reduce((sum, source) => sum + source.errors, 0),
  ),
  inventoryMetric(
    'LookupsLate',
    Count,
    'sources that did not finish within `LOOKUP_BUDGET_MS`',
    (s) => s.health.filter((source) => source.late).length,
  ),
  inventoryMetric(
    'StateErrors',
    Count,
    'reads and writes of snapshots that failed, and snapshots that were ignored (`STATE_BUCKET`)',
    (s) => statesOf(s).reduce((sum, { errors }) => sum + errors, 0),
  ),
  inventoryMetric(
    'StateAgeSeconds',
    Seconds,
    'age of the oldest snapshot (`STATE_BUCKET`); 86,400 where one does not exist or cannot be used',
    (s) =>
      Math.max(
        0,
        ...statesOf(s).map(({ ageMs }) => (ageMs === undefined ? NO_SNAPSHOT_SECONDS : ageMs / 1000)),
      ),
  ),
  metric('ConfigurationInvalid', Count, 'invalid settings', (s) => s.configurationFaults),
  metric(
    'PoisonBatches',
    Count,
    'batches that passed through untouched, because the function died of them before',
    (s) => s.poisonBatches,
  ),
  metric('InputBytes', Bytes, 'size of the records received, in base64', (s) => s.inputBytes),
  metric('ResponseBytes', Bytes, 'size of the response', (s) => s.responseBytes),
  metric('InvocationTime', Milliseconds, 'duration of the invocation', (s) => s.invocationMs),
];
