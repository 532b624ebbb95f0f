// The input that `allow-list` and `report` share: files, and log groups of CloudWatch Logs, of a time.
import { type Command, InvalidArgumentError } from 'commander';
import type { Aws } from '../aws/clients.ts';
import { collect } from '../aws/command.ts';
import type { JsonRecord } from '../io/firehose-response.ts';
import { commandLine } from '../shell.ts';
import { announceLookups, openPipeline, type Pipeline } from './pipeline.ts';
import { type InputCount, readFile } from './read-files.ts';
import { readLogGroup } from './read-log-group.ts';

/** Options of `addInputOptions`. */
export type InputOptions = {
  readonly directory?: string;
  readonly logGroup?: readonly string[];
  readonly from?: number;
  readonly to?: number;
};

const DEFAULT_PERIOD_MS = 7 * 86_400_000;

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parser of a time: `7d`, `12h`, `30m` ago, or RFC 3339. Returns epoch ms. */
export function timeFrom(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const time = number === undefined ? Date.parse(text) : Date.now() - Number(number) * (UNITS_MS[unit] ?? 0);
  if (!Number.isFinite(time))
    throw new InvalidArgumentError('Expected 7d, 12h, 30m, or 2026-11-20T10:00:00Z.');
  return time;
}

/** Adds the argument and the options of `readRecords` to a command that calls AWS. */
export function addInputOptions(command: Command): Command {
  return command
    .argument(
      '[file...]',
      'normalised records (NDJSON or JSON), or raw logs as transform reads them; - for stdin (default)',
    )
    .option(
      '--log-group <name>',
      'read this log group of CloudWatch Logs; repeat, or separate with commas',
      collect,
    )
    .option(
      '--from <time>',
      'records from this time on: 7d, 12h, or RFC 3339 (default of log groups: 7d)',
      timeFrom,
    )
    .option('--to <time>', 'records before this time (default: now)', timeFrom)
    .option('-d, --directory <file>', 'JSON inventory of pods, nodes and instances, for raw logs');
}

/** What says why files, or stdin, hold no record. */
export const whyNoRecord = (files: readonly string[]): string =>
  files.length === 0 || files.includes('-')
    ? 'transform says what it makes of a log'
    : `\`${commandLine(['eks-dns', 'transform', ...files])}\` says why`;

/** Opens the pipeline when it is first needed, and once. */
function pipelineOnDemand(directory: string | undefined): () => Promise<Pipeline> {
  let opened: Promise<Pipeline> | undefined;
  return () => {
    opened ??= openPipeline(directory).then((pipeline) => {
      announceLookups(pipeline.settings);
      return pipeline;
    });
    return opened;
  };
}

/** The records of all files and log groups, one after the other; counts them in `count`. */
export async function* readRecords(
  files: readonly string[],
  options: InputOptions,
  aws: Aws,
  count: InputCount,
): AsyncGenerator<JsonRecord> {
  const { logGroup: groups = [], from, to } = options;
  const pipeline = pipelineOnDemand(options.directory);
  const isInTime = ({ timestamp }: JsonRecord): boolean => {
    const timeMs = Date.parse(String(timestamp));
    return timeMs >= (from ?? Number.NEGATIVE_INFINITY) && timeMs < (to ?? Number.POSITIVE_INFINITY);
  };
  const paths = files.length > 0 || groups.length > 0 ? files : ['-'];
  for (const path of paths)
    for await (const record of readFile(path, pipeline, count)) if (isInTime(record)) yield record;
  const toMs = to ?? Date.now();
  for (const group of groups)
    yield* readLogGroup(aws, group, { fromMs: from ?? toMs - DEFAULT_PERIOD_MS, toMs }, pipeline, count);
}
