// The function's own telemetry: JSON log lines and CloudWatch metrics in embedded metric format (EMF), e.g.
//   {"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"EksDnsFirehose","Dimensions":[["service"]],
//    "Metrics":[{"Name":"RecordsFailed","Unit":"Count"},...]}]},"service":"dns-prod","RecordsFailed":0,...}
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
// Only ids and counts: no log content and no DNS names, also not as part of an error message.
import { isNativeError } from 'node:util/types';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { LOG_SOURCES } from '../core/model/log-sources.ts';
import type { SourceHealth } from '../core/model/ports.ts';
import type { Settings } from '../core/model/settings.ts';
import { type BatchSummary, type RecordFailureCode, total } from '../core/model/summary.ts';

/** Logs and metrics of one function instance. No method throws. */
export type Telemetry = {
  /** Emits the metrics of one invocation, and a warning for each degraded directory source. */
  batchFinished(summary: BatchSummary, invocationId: string): void;
  /** Logs the faults once per process; `summary.configurationFaults` counts them in every batch. */
  configurationInvalid(faults: readonly string[]): void;
  /** Logs, once per process, settings that are not used as they are set. */
  configurationAdjusted(adjustments: readonly string[]): void;
  /** Logs a record that becomes `ProcessingFailed`; of an error only class and stack. */
  recordFailed(recordId: string, code: RecordFailureCode, error?: unknown): void;
};

type Deps = { readonly now?: () => number };

/** Limit for the causes that are remembered. */
const MAX_KEYS = 256;

/** Minimum time between two warnings with the same cause. */
const MIN_REPEAT_MS = 60_000;

// Short-lived pods exist for minutes: a directory without a complete sync for five minutes misses some of them.
const STALE_AFTER_MS = 300_000;

// Age alone does not make a source stale: EC2 is only requested when there are Resolver logs.
const isStale = ({ ageMs, errors, late, lastError }: SourceHealth): boolean =>
  (errors > 0 || late || lastError !== undefined) && (ageMs ?? Number.POSITIVE_INFINITY) > STALE_AFTER_MS;

const { Bytes, Count, Milliseconds } = MetricUnit;

type Metric = {
  readonly name: string;
  readonly unit: (typeof MetricUnit)[keyof typeof MetricUnit];
  /** For docs/deploy.md. */
  readonly description: string;
  readonly read: (summary: BatchSummary) => number;
};

const metric = (name: string, unit: Metric['unit'], description: string, read: Metric['read']): Metric => ({
  name,
  unit,
  description,
  read,
});

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
    'records returned as `Dropped`: control messages, or every event dropped by a rule',
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
  metric('AttributionExact', Count, 'records with attribution `exact`', (s) => s.attributions.exact),
  metric('AttributionInferred', Count, 'records with attribution `inferred`', (s) => s.attributions.inferred),
  metric(
    'AttributionAmbiguous',
    Count,
    'records with attribution `ambiguous`',
    (s) => s.attributions.ambiguous,
  ),
  metric('AttributionNone', Count, 'records with attribution `none`', (s) => s.attributions.none),
  metric(
    'DirectoryStale',
    Count,
    'sources of the inventory that fail and had no complete sync for five minutes',
    (s) => s.health.filter(isStale).length,
  ),
  metric('DirectoryAge', Milliseconds, 'age of the oldest source since its last complete sync', (s) =>
    Math.max(0, ...s.health.map((source) => source.ageMs ?? 0)),
  ),
  metric('DirectoryErrors', Count, 'refreshes that failed', (s) =>
    s.health.reduce((sum, source) => sum + source.errors, 0),
  ),
  metric(
    'LookupsLate',
    Count,
    'sources that did not finish within `LOOKUP_BUDGET_MS`',
    (s) => s.health.filter((source) => source.late).length,
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

/**
 * Creates the telemetry of one function instance. The metrics have one dimension, `service` (`POWERTOOLS_SERVICE_NAME`,
 * set by the template to distinguish deployments).
 */
export function createTelemetry(settings: Pick<Settings, 'logLevel'>, deps: Deps = {}): Telemetry {
  const logger = new Logger({ logLevel: settings.logLevel });
  const metrics = new Metrics({ namespace: 'EksDnsFirehose', logger });
  const countSuppressed = rateLimited(deps.now ?? Date.now);
  let isConfigurationReported = false;

  return {
    batchFinished: safely((summary: BatchSummary, invocationId: string) => {
      for (const { name, unit, read } of METRICS) metrics.addMetric(name, unit, read(summary));
      addDetails(metrics, summary, invocationId);
      metrics.publishStoredMetrics();
      for (const source of summary.health) warnIfDegraded(source);
      warnIfUnread(summary, invocationId);
    }),
    configurationInvalid: safely((faults: readonly string[]) => {
      if (isConfigurationReported || faults.length === 0) return;
      isConfigurationReported = true;
      logger.error('configuration_rejected', { faults, effect: 'records pass through unchanged' });
    }),
    configurationAdjusted: safely((adjustments: readonly string[]) => {
      if (adjustments.length > 0) logger.warn('configuration_adjusted', { adjustments });
    }),
    recordFailed: safely((recordId: string, code: RecordFailureCode, error?: unknown) => {
      const suppressed = countSuppressed(`record/${code}`);
      if (suppressed === undefined) return;
      const details = {
        recordId,
        code,
        suppressed,
        ...(error === undefined ? {} : { cause: withoutMessage(error) }),
      };
      if (code === 'INTERNAL') logger.error('record_failed', details);
      else logger.warn('record_failed', details);
    }),
  };

  /** One line for a batch of which something was beyond a bound. */
  function warnIfUnread(summary: BatchSummary, invocationId: string): void {
    const { unreadByReason, unreadEventsByReason, poisonBatches } = summary;
    if (total(unreadByReason) + total(unreadEventsByReason) + poisonBatches === 0) return;
    const suppressed = countSuppressed('unread');
    if (suppressed === undefined) return;
    const records = nonZero(unreadByReason);
    const events = nonZero(unreadEventsByReason);
    logger.warn('passed_through_unread', { invocationId, records, events, poisonBatches, suppressed });
  }

  function warnIfDegraded(health: SourceHealth): void {
    const reason = health.lastError ?? (health.late ? 'look-up budget ran out' : undefined);
    if (reason === undefined && !isStale(health)) return;
    const suppressed = countSuppressed(`source/${health.source}/${reason}`);
    if (suppressed === undefined) return;
    const { source, ageMs, size, errors, late } = health;
    logger.warn('directory_degraded', { source, reason, ageMs, size, errors, late, suppressed });
  }
}

/** Adds detailed counts as members of the EMF line, without zeros. They are not metrics, which are billed one by one. */
function addDetails(metrics: Metrics, summary: BatchSummary, invocationId: string): void {
  metrics.addMetadata('event', 'batch_finished').addMetadata('invocationId', invocationId);
  const { recordsByKind, failuresByCode, unreadByReason, unreadEventsByReason } = summary;
  const { droppedByCategory, sampledOutByCategory, clientsByKind, degraded } = summary;
  const groups = {
    recordsByKind,
    failuresByCode,
    unreadByReason,
    unreadEventsByReason,
    droppedByCategory,
    sampledOutByCategory,
    clientsByKind,
    degraded,
  };
  for (const [name, counts] of Object.entries(groups)) {
    const found = nonZero(counts);
    if (Object.keys(found).length > 0) metrics.addMetadata(name, JSON.stringify(found));
  }
}

const nonZero = (counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/**
 * Returns a rate limiter for messages: it gives undefined when the last message with that key is too recent, else the
 * number of messages suppressed since then.
 */
function rateLimited(now: () => number): (key: string) => number | undefined {
  const reported = new Map<string, { atMs: number; suppressed: number }>();
  return (key) => {
    const last = reported.get(key);
    if (last !== undefined && now() - last.atMs < MIN_REPEAT_MS) {
      last.suppressed += 1;
      return undefined;
    }
    // Keys contain external error texts: without a limit the map could grow forever.
    if (reported.size >= MAX_KEYS) reported.clear();
    reported.set(key, { atMs: now(), suppressed: 0 });
    return last?.suppressed ?? 0;
  };
}

/** Class and stack of a thrown value, without the message: messages of `JSON.parse` and others quote their input. */
function withoutMessage(error: unknown): { name: string; stack: readonly string[] } {
  if (!isNativeError(error)) return { name: typeof error, stack: [] };
  const { name, message, stack = '' } = error;
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return { name, stack: frames.filter((line) => line.startsWith('    at ')).slice(0, 10) };
}

/** Wraps a function so that its errors are ignored: telemetry errors must not fail the batch. */
function safely<A extends readonly unknown[]>(report: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      report(...args);
    } catch {
      // Ignored.
    }
  };
}
