// The Lambda function: a Firehose data transformation. Its parts are created and connected here, once per cold start.
import { tmpdir } from 'node:os';
import type { Context, FirehoseTransformationResult } from 'aws-lambda';
import { firehoseResponse, passThrough, readFirehoseEvent } from '../core/firehose/event.ts';
import { createTransform } from '../core/index.ts';
import type { BatchLookupKeys } from '../core/model/directory.ts';
import type { Outcome } from '../core/model/firehose-record.ts';
import type { SourceHealth } from '../core/model/ports.ts';
import { DEFAULT_SETTINGS } from '../core/model/settings.ts';
import { type BatchSummary, createSummary } from '../core/model/summary.ts';
import { compileFormat } from '../core/sources/coredns/format.ts';
import { createDirectorySource } from '../inventory/index.ts';
import { loadConfiguration } from './config.ts';
import { eventKind, NOT_FOR_US } from './event-kind.ts';
import { createPoisonGuard } from './poison-guard.ts';
import { createTelemetry } from './telemetry.ts';

type InvocationContext = Partial<Pick<Context, 'getRemainingTimeInMillis' | 'invokedFunctionArn'>>;

/** What a sync leaves: the state of each source, without content. */
type SyncReport = { readonly synced: readonly SourceHealth[] };

/** The answer to an event that is not a batch. */
type OtherAnswer = SyncReport | { readonly records?: readonly never[]; readonly ignored: string };

type BatchHandler = (event: unknown, context?: InvocationContext) => Promise<FirehoseTransformationResult>;

type Parts = {
  readonly batch: BatchHandler;
  readonly sync: (context?: InvocationContext) => Promise<OtherAnswer>;
};

function createParts(): Parts {
  const configuration = loadConfiguration(compileFormat);
  const settings = configuration.ok ? configuration.settings : DEFAULT_SETTINGS;
  const telemetry = createTelemetry(settings);

  /** Fallback: returns every record unchanged. */
  const passUnchanged = (
    event: unknown,
    count: (summary: BatchSummary) => void,
  ): FirehoseTransformationResult => {
    const { records, invocationId } = readFirehoseEvent(event, Date.now());
    const outcomes: readonly Outcome[] = passThrough(records);
    const summary = createSummary();
    summary.recordsByResult.Ok = outcomes.length;
    count(summary);
    telemetry.batchFinished(summary, invocationId);
    return firehoseResponse(outcomes);
  };

  if (!configuration.ok) {
    const { faults } = configuration;
    return {
      batch: async (event) => {
        telemetry.configurationInvalid(faults);
        return passUnchanged(event, (summary) => {
          summary.configurationFaults = faults.length;
        });
      },
      sync: async () => {
        telemetry.configurationInvalid(faults);
        return { ignored: 'the configuration is invalid: nothing was done' };
      },
    };
  }

  telemetry.configurationAdjusted(configuration.adjustments ?? []);
  const directory = createDirectorySource(settings);
  const transform = createTransform(settings, {
    directory,
    now: Date.now,
    cpuMs: processCpuMs,
    recordFailed: telemetry.recordFailed,
  });
  const markBatch = createPoisonGuard({ folder: tmpdir() });
  const batch: BatchHandler = async (event, context) => {
    const survived = markBatch(readFirehoseEvent(event, 0).records);
    if (survived === undefined) {
      return passUnchanged(event, (summary) => {
        summary.poisonBatches = 1;
      });
    }
    try {
      const { response, summary, invocationId } = await transform(
        event,
        context?.getRemainingTimeInMillis?.bind(context),
        accountOf(context?.invokedFunctionArn),
      );
      telemetry.batchFinished(summary, invocationId);
      return response;
    } catch (error) {
      telemetry.recordFailed('*', 'INTERNAL', error);
      return passUnchanged(event, (summary) => {
        summary.failuresByCode.INTERNAL = 1;
      });
    } finally {
      survived();
    }
  };

  const sync = async (context?: InvocationContext): Promise<SyncReport> => {
    const startMs = Date.now();
    const pending = directory.begin(startMs, accountOf(context?.invokedFunctionArn), 'keep');
    const remainingMs = context?.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
    await pending.lookup(NO_KEYS, remainingMs - SYNC_RESERVE_MS);
    const synced = pending.health();
    telemetry.syncFinished(synced, Date.now() - startMs);
    return { synced };
  };
  return { batch, sync };
}

const NO_KEYS: BatchLookupKeys = { clientIps: new Set(), vpcs: [] };

/** Time that is left for the answer when a sync is stopped. */
const SYNC_RESERVE_MS = 2000;

/** `arn:aws:lambda:eu-west-1:111122223333:function:dns` -> `111122223333`; undefined for anything else. */
const accountOf = (functionArn: unknown): string | undefined =>
  typeof functionArn === 'string' ? /^arn:[\w-]+:lambda:[\w-]+:(\d{12}):/.exec(functionArn)?.[1] : undefined;

/** CPU time of the process, ms. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const { batch, sync } = createParts();

/**
 * The entry point for Lambda: takes a Firehose event and returns one result per record, or brings the inventory up to date
 * for the schedule. Any other event is answered and does nothing. Never throws.
 */
export const handler = async (
  event: unknown,
  context?: InvocationContext,
): Promise<FirehoseTransformationResult | OtherAnswer> => {
  const kind = eventKind(event);
  if (kind === 'batch') return batch(event, context);
  return kind === 'sync' ? sync(context) : NOT_FOR_US;
};
