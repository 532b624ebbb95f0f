// The pipeline of the function, as commands run it over logs: with the settings of the environment and without limits.
import { randomUUID } from 'node:crypto';
import { createTransform } from '../../../core/index.ts';
import { NO_BATCH_LIMITS } from '../../../core/model/batch-limits.ts';
import type { Settings } from '../../../core/model/settings.ts';
import type { BatchSummary } from '../../../core/model/summary.ts';
import { compileFormat } from '../../../core/sources/coredns/format.ts';
import { createDirectorySource } from '../../../inventory/index.ts';
import { loadConfiguration } from '../../../lambda/config.ts';
import { EXIT, fail, progress, warn } from '../../terminal.ts';
import { type JsonRecord, readResponse, recordsIn } from '../io/firehose-response.ts';
import { type FirehoseEvent, readBytes } from '../io/log-input.ts';

/** Runs events through the pipeline. */
export type Pipeline = {
  readonly settings: Settings;
  /** The normalised records of an event, in order, and what happened in the batch. */
  run(event: FirehoseEvent): Promise<{ readonly records: JsonRecord[]; readonly summary: BatchSummary }>;
};

/**
 * The settings of the environment (`CLUSTERS`, `CLUSTER_DOMAINS`, ...), with `directory` in place of `DIRECTORY_FILE`.
 * Throws a usage error for invalid ones.
 */
export function readSettings(directory: string | undefined): Settings {
  const environment = { ...process.env, ...(directory ? { DIRECTORY_FILE: directory } : {}) };
  const configuration = loadConfiguration(compileFormat, environment);
  if (configuration.ok) return configuration.settings;
  throw fail(configuration.faults.join('\n       '), 'correct these variables', EXIT.usage);
}

/** Creates the pipeline with `readSettings`. Throws for invalid settings and for a file that cannot be read. */
export async function openPipeline(directory: string | undefined): Promise<Pipeline> {
  // The function continues without a directory file; here a file that cannot be read is an error.
  if (directory) await readBytes(directory);
  return pipelineWith(withoutIdleLookups(readSettings(directory)));
}

/** Creates the pipeline with these settings; their clusters and directory file are looked up as they say. */
export function pipelineWith(settings: Settings): Pipeline {
  // A line that imitates a record passes unchanged: only the key tells ours from it.
  const recordKey = settings.recordKey ?? randomUUID().replaceAll('-', '');
  // Records are wanted, whatever OUTPUT_FORMAT says, and sizes are unlimited.
  const transform = createTransform(
    {
      ...settings,
      recordKey,
      outputFormat: 'cloudwatch-logs',
      responseBudgetBytes: Number.POSITIVE_INFINITY,
    },
    {
      directory: createDirectorySource(settings),
      now: Date.now,
      recordFailed: (recordId, code) => progress(`record ${recordId}: ${code}`),
      limits: NO_BATCH_LIMITS,
    },
  );
  return {
    settings,
    run: async (event) => {
      const { response, summary } = await transform(event);
      const records = recordsIn(readResponse(event, response)).filter(
        (record) => record['dns.key'] === recordKey,
      );
      return { records: settings.recordKey === undefined ? records.map(withoutKey) : records, summary };
    },
  };
}

/** Without clusters nothing is asked of AWS, unless `EC2_LOOKUP` says so: a file of logs may be of anywhere. */
const withoutIdleLookups = (settings: Settings): Settings =>
  settings.clusters.length > 0 || settings.stateBucket !== undefined || process.env.EC2_LOOKUP !== undefined
    ? settings
    : { ...settings, ec2Lookup: false };

const withoutKey = ({ 'dns.key': _, ...record }: JsonRecord): JsonRecord => record;

/** Says where pods are looked up, if they are looked up in a cluster. */
export function announceLookups({ directoryFile, clusters, lookupBudgetMs }: Settings): void {
  if (directoryFile === undefined && clusters.length > 0)
    progress(`looking up pods in ${clusters.map(({ id }) => id).join(', ')} (at most ${lookupBudgetMs} ms)`);
}

/**
 * Creates a function that warns of failed sources, of each failure once. Records lack names while a live source is down; a
 * faulty directory file is an error.
 */
export function createHealthReport(): (summary: BatchSummary) => void {
  const reported = new Set<string>();
  return ({ health }) => {
    for (const { source, lastError } of health) {
      if (lastError === undefined || reported.has(source + lastError)) continue;
      reported.add(source + lastError);
      warn(`${source}: ${lastError}`);
      if (source === 'file') process.exitCode = EXIT.failed;
    }
  };
}
