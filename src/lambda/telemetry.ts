// What the function says about itself: JSON log lines and CloudWatch metrics in embedded metric format (EMF), e.g.
//   {"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"EksDnsFirehose","Dimensions":[["service"]],
//    "Metrics":[{"Name":"RecordsFailed","Unit":"Count"},...]}]},"service":"dns-prod","RecordsFailed":0,...}
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
// Ids and counts only: neither log content nor DNS names, not even by way of an error's message.
import { isNativeError } from 'node:util/types';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { LOG_SOURCES } from '../core/model/log-sources.ts';
import type { SourceHealth } from '../core/model/ports.ts';
import type { Settings } from '../core/model/settings.ts';
import { type BatchSummary, type RecordFailureCode, total } from '../core/model/summary.ts';

/** Tells what happened; no method ever throws. */
export type Telemetry = {
  /** Metrics of one invocation, and a warning for each directory source that is not well. */
  batchFinished(summary: BatchSummary, invocationId: string): void;
  /** Logged once per process; counted with every batch by `summary.configurationFaults`. */
  configurationInvalid(faults: readonly string[]): void;
  /** A record that becomes `ProcessingFailed`; of an error only class and stack are logged. */
  recordFailed(recordId: string, code: RecordFailureCode, error?: unknown): void;
};

type Deps = { readonly now?: () => number };

/** The same warning about the same thing is repeated once a minute at most. */
const REPEAT_AFTER_MS = 60_000;

// Pods live for minutes: a directory that has not been complete for five misses the short-lived ones.
const STALE_AFTER_MS = 300_000;

// Age alone says little: nobody asks EC2 for anything as long as no Resolver log comes by.
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
    'steps taken to make a response fit: padding removed, stronger compression, original bytes',
    (s) => total(s.degraded),
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
    'lines that look like DNS logs but match no known format',
    (s) => s.unparsed,
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
  metric('InputBytes', Bytes, 'size of the records received, in base64', (s) => s.inputBytes),
  metric('ResponseBytes', Bytes, 'size of the response', (s) => s.responseBytes),
  metric('InvocationTime', Milliseconds, 'duration of the invocation', (s) => s.invocationMs),
];

/**
 * Creates the telemetry of one function instance. The metrics' one dimension is `service` (`POWERTOOLS_SERVICE_NAME`,
 * set by the template to tell two deployments apart).
 */
export function createTelemetry(settings: Pick<Settings, 'logLevel'>, deps: Deps = {}): Telemetry {
  const logger = new Logger({ logLevel: settings.logLevel });
  const metrics = new Metrics({ namespace: 'EksDnsFirehose', logger });
  const isDue = floodControl(deps.now ?? Date.now);
  let isConfigurationTold = false;

  return {
    batchFinished: quietly((summary: BatchSummary, invocationId: string) => {
      for (const { name, unit, read } of METRICS) metrics.addMetric(name, unit, read(summary));
      addDetails(metrics, summary, invocationId);
      metrics.publishStoredMetrics();
      for (const source of summary.health) warnOf(source);
    }),
    configurationInvalid: quietly((faults: readonly string[]) => {
      if (isConfigurationTold || faults.length === 0) return;
      isConfigurationTold = true;
      logger.error('configuration_rejected', { faults, effect: 'records pass through unchanged' });
    }),
    recordFailed: quietly((recordId: string, code: RecordFailureCode, error?: unknown) => {
      const suppressed = isDue(`record/${code}`);
      if (suppressed === undefined) return;
      const details = {
        recordId,
        code,
        suppressed,
        ...(error === undefined ? {} : { cause: describe(error) }),
      };
      if (code === 'INTERNAL') logger.error('record_failed', details);
      else logger.warn('record_failed', details);
    }),
  };

  function warnOf(health: SourceHealth): void {
    const reason = health.lastError ?? (health.late ? 'look-up budget ran out' : undefined);
    if (reason === undefined && !isStale(health)) return;
    const suppressed = isDue(`source/${health.source}/${reason}`);
    if (suppressed === undefined) return;
    const { source, ageMs, size, errors, late } = health;
    logger.warn('directory_degraded', { source, reason, ageMs, size, errors, late, suppressed });
  }
}

/** Counts that are no metrics (they would be billed each), as members of the EMF line; zeros are left out. */
function addDetails(metrics: Metrics, summary: BatchSummary, invocationId: string): void {
  metrics.addMetadata('event', 'batch_finished').addMetadata('invocationId', invocationId);
  const { recordsByKind, failuresByCode, droppedByCategory, sampledOutByCategory, clientsByKind, degraded } =
    summary;
  const groups = {
    recordsByKind,
    failuresByCode,
    droppedByCategory,
    sampledOutByCategory,
    clientsByKind,
    degraded,
  };
  for (const [name, counts] of Object.entries(groups)) {
    const seen = Object.entries(counts).filter(([, count]) => count > 0);
    if (seen.length > 0) metrics.addMetadata(name, JSON.stringify(Object.fromEntries(seen)));
  }
}

/**
 * Decides whether a message is due: undefined = not yet, else how many like it were held back since the last one.
 */
function floodControl(now: () => number): (key: string) => number | undefined {
  const told = new Map<string, { atMs: number; suppressed: number }>();
  return (key) => {
    const last = told.get(key);
    if (last !== undefined && now() - last.atMs < REPEAT_AFTER_MS) {
      last.suppressed += 1;
      return undefined;
    }
    // Reasons come from outside and may differ each time; the memory of them must not grow for ever.
    if (told.size >= 256) told.clear();
    told.set(key, { atMs: now(), suppressed: 0 });
    return last?.suppressed ?? 0;
  };
}

/** Class and stack of whatever was thrown. Never the message: `JSON.parse` and others quote their input in it. */
function describe(error: unknown): { name: string; stack: readonly string[] } {
  if (!isNativeError(error)) return { name: typeof error, stack: [] };
  const { name, message, stack = '' } = error;
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return { name, stack: frames.filter((line) => line.startsWith('    at ')).slice(0, 10) };
}

/** Telling about a batch must never cost it. */
function quietly<A extends readonly unknown[]>(tell: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      tell(...args);
    } catch {
      // Nobody left to tell.
    }
  };
}
