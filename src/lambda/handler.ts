// The Lambda function: a Firehose data transformation. Its parts are created and connected here, once per cold start.
import { tmpdir } from 'node:os';
import type { Context, FirehoseTransformationResult } from 'aws-lambda';
import { firehoseResponse, passThrough, readFirehoseEvent } from '../core/firehose/event.ts';
import { createTransform } from '../core/index.ts';
import type { Outcome } from '../core/model/firehose-record.ts';
import { DEFAULT_SETTINGS } from '../core/model/settings.ts';
import { type BatchSummary, createSummary } from '../core/model/summary.ts';
import { compileFormat } from '../core/sources/coredns/format.ts';
import { createDirectorySource } from '../inventory/index.ts';
import { loadConfiguration } from './config.ts';
import { createPoisonGuard } from './poison-guard.ts';
import { createTelemetry } from './telemetry.ts';

type Handler = (
  event: unknown,
  context?: Partial<Pick<Context, 'getRemainingTimeInMillis' | 'invokedFunctionArn'>>,
) => Promise<FirehoseTransformationResult>;

function createHandler(): Handler {
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
    return async (event) => {
      telemetry.configurationInvalid(faults);
      return passUnchanged(event, (summary) => {
        summary.configurationFaults = faults.length;
      });
    };
  }

  telemetry.configurationAdjusted(configuration.adjustments ?? []);
  const transform = createTransform(settings, {
    directory: createDirectorySource(settings),
    now: Date.now,
    cpuMs: processCpuMs,
    recordFailed: telemetry.recordFailed,
  });
  const markBatch = createPoisonGuard({ folder: tmpdir() });
  return async (event, context) => {
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
}

/** `arn:aws:lambda:eu-west-1:111122223333:function:dns` -> `111122223333`; undefined for anything else. */
const accountOf = (functionArn: unknown): string | undefined =>
  typeof functionArn === 'string' ? /^arn:[\w-]+:lambda:[\w-]+:(\d{12}):/.exec(functionArn)?.[1] : undefined;

/** CPU time of the process, ms. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The entry point for Lambda: takes a Firehose event and returns one result per record. Never throws. */
export const handler: Handler = createHandler();
