// One batch through the pipeline, with an empty directory and a clock of its own.
import { createFastPath } from '../../src/core/fast-path/index.ts';
import { BATCH_LIMITS, type BatchLimits } from '../../src/core/model/batch-limits.ts';
import { type BatchLookupKeys, type Directory, EMPTY_DIRECTORY } from '../../src/core/model/directory.ts';
import type { DirectorySource } from '../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/model/settings.ts';
import type { RecordFailureCode } from '../../src/core/model/summary.ts';
import type { Acceleration } from '../../src/core/pipeline/acceleration.ts';
import { createPipeline } from '../../src/core/pipeline/transform.ts';
import { eventOf } from './batches.ts';

/** A CoreDNS line. */
export const query = (name: string, code = 'NOERROR', ip = '10.0.0.5') =>
  `[INFO] ${ip}:4000 - 1 "A IN ${name}. udp 40 false 512" ${code} qr,rd,ra 80 0.0001s`;
/** A line of an application. */
export const APPLICATION = 'GET /index.html 200';
/** A line that looks like DNS and cannot be parsed. */
export const UNPARSED = '[ERROR] plugin/errors: out of words';

/** An envelope of CloudWatch Logs with one event per message. */
export const envelopeOf = (messages: readonly string[], members: object = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      messageType: 'DATA_MESSAGE',
      owner: '111122223333',
      logGroup: '/g',
      logStream: 's',
      ...members,
      logEvents: messages.map((message, i) => ({ id: String(i), timestamp: 1_795_168_860_000, message })),
    }),
  );

type RunOptions = {
  readonly settings?: Partial<Settings>;
  readonly acceleration?: Acceleration;
  readonly remainingMs?: () => number;
  readonly limits?: Partial<BatchLimits>;
  /** CPU time of the process, ms. */
  readonly cpuMs?: () => number;
  readonly directory?: Directory;
  /** Called within the look-up. */
  readonly onLookup?: () => void;
  readonly region?: string;
};

/** Runs one batch; returns its outcomes, summary, failures and look-ups. */
export async function runBatch(
  records: readonly Buffer[],
  {
    settings = {},
    acceleration,
    remainingMs,
    region,
    limits,
    cpuMs,
    directory: known,
    onLookup,
  }: RunOptions = {},
) {
  const configured = { ...DEFAULT_SETTINGS, ...settings };
  const failed: (readonly [string, RecordFailureCode])[] = [];
  const lookups: (readonly [BatchLookupKeys, number | undefined])[] = [];
  const directory: DirectorySource = {
    begin: () => ({
      lookup: async (keys, limitMs) => {
        lookups.push([keys, limitMs]);
        onLookup?.();
        return known ?? EMPTY_DIRECTORY;
      },
      health: () => [HEALTH],
    }),
  };
  let nowMs = 1_795_168_900_000;
  const now = () => {
    nowMs += 7;
    return nowMs;
  };
  const ports = {
    directory,
    now,
    recordFailed: (id: string, code: RecordFailureCode) => failed.push([id, code]),
    limits: { ...BATCH_LIMITS, ...limits },
    ...(cpuMs === undefined ? {} : { cpuMs }),
  };
  const event = { ...eventOf(records.map((data) => ({ data, shape: 'opaque', units: [] }))), region };
  const transform = createPipeline(configured, ports, acceleration ?? createFastPath(configured));
  const { response, summary } = await transform(event, remainingMs);
  const outcomes = response.records.map(({ result, data = '' }, i) => ({
    result,
    isUnchanged: data === event.records[i]?.data,
    data: Buffer.from(data, 'base64'),
  }));
  return { outcomes, summary, failed, lookups, response };
}

/** The health of its directory. */
export const HEALTH = { source: 'file', ageMs: 1, size: 2, errors: 0, late: false, lastError: undefined };
