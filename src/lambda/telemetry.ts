// The function's own telemetry: JSON log lines and CloudWatch metrics in embedded metric format (EMF), e.g.
//   {"_aws":{"Timestamp":1700000000000,"CloudWatchMetrics":[{"Namespace":"EksDnsFirehose","Dimensions":[["service"]],
//    "Metrics":[{"Name":"RecordsFailed","Unit":"Count"},...]}]},"service":"dns-prod","RecordsFailed":0,...}
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
// Only ids and counts: no log content and no DNS names, also not as part of an error message.
import { isNativeError } from 'node:util/types';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { SourceHealth } from '../core/model/ports.ts';
import type { Settings } from '../core/model/settings.ts';
import { type BatchSummary, createSummary, type RecordFailureCode, total } from '../core/model/summary.ts';
import { isStale, METRICS, type Metric } from './metrics.ts';

/** Logs and metrics of one function instance. No method throws. */
export type Telemetry = {
  /** Emits the metrics of one invocation, and a warning for each degraded directory source. */
  batchFinished(summary: BatchSummary, invocationId: string): void;
  /** Emits the metrics of the inventory after a sync for the schedule, and the same warnings. */
  syncFinished(health: readonly SourceHealth[], invocationMs: number): void;
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
      addMetrics(METRICS, summary);
      addDetails(metrics, summary, invocationId);
      metrics.publishStoredMetrics();
      for (const source of summary.health) warnIfDegraded(source);
      warnIfUnread(summary, invocationId);
    }),
    syncFinished: safely((health: readonly SourceHealth[], invocationMs: number) => {
      addMetrics(
        METRICS.filter(({ isOfInventory }) => isOfInventory),
        { ...createSummary(), health },
      );
      metrics.addMetadata('event', 'sync_finished').addMetadata('invocationMs', String(invocationMs));
      metrics.publishStoredMetrics();
      for (const source of health) warnIfDegraded(source);
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

  function addMetrics(all: readonly Metric[], summary: BatchSummary): void {
    for (const { name, unit, read } of all) metrics.addMetric(name, unit, read(summary));
  }

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
    warnIfStateFailed(health);
    const reason = health.lastError ?? (health.late ? 'look-up budget ran out' : undefined);
    if (reason === undefined && !isStale(health)) return;
    const suppressed = countSuppressed(`source/${health.source}/${reason}`);
    if (suppressed === undefined) return;
    const { source, ageMs, size, errors, late } = health;
    logger.warn('directory_degraded', { source, reason, ageMs, size, errors, late, suppressed });
  }

  /** At most one line a minute for each cluster, whatever the reasons. */
  function warnIfStateFailed({ source, state }: SourceHealth): void {
    if (state === undefined || state.errors === 0) return;
    const suppressed = countSuppressed(`state/${source}`);
    if (suppressed === undefined) return;
    const { ageMs, errors, lastError: reason } = state;
    logger.warn('state_degraded', { source, reason, ageMs, errors, suppressed });
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
