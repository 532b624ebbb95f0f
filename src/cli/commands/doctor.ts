import { type Command, InvalidArgumentError } from 'commander';
import type { Clock } from '../../inventory/clock.ts';
import { confirm } from '../confirm.ts';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect } from '../lib/aws/command.ts';
import {
  type Check,
  DOCTOR_GRANTS,
  type DoctorOptions,
  diagnose,
  type Found,
  verdictOf,
} from '../lib/doctor/index.ts';
import { printChecks } from '../lib/doctor/print-checks.ts';
import { DEFAULT_IMAGE } from '../lib/probe/manifest.ts';
import { addProbeOptions, type ProbeFlags, planProbe } from '../lib/probe/plan.ts';
import { WALL_CLOCK } from '../lib/probe/waiting.ts';
import { withDecided } from '../lib/setup/decided.ts';
import { asStarted } from '../lib/started-as.ts';
import { addFunctionOptions, addStreamOptions } from '../lib/stream/index.ts';
import { openTranscript } from '../lib/transcript/index.ts';
import { EXIT, paint, print, printJson, progress } from '../terminal.ts';

type Options = DoctorOptions & ProbeFlags & { readonly transcript?: string; readonly json?: boolean };

/**
 * `eks-dns doctor`: checks the whole setup and shows what to do next; exit code 1 if a check failed. `clock` is that of
 * `--probe`, whose `nowMs` is epoch ms.
 */
export function doctorCommand(clock: Clock = WALL_CLOCK): Command {
  const summary = 'check the whole setup and show what to do next';
  const act = (options: Options, aws: Aws): Promise<void> => run(options, aws, clock);
  const command = awsCommand('doctor', summary, DOCTOR_GRANTS, act, (options: Options) =>
    withDecided(options, ['region', 'stack', 'stream', 'dynatrace', 'logGroup', 'without']),
  );
  addFunctionOptions(addStreamOptions(command))
    .option(
      '--cluster <name>',
      'clusters; repeat, or separate with commas (default: those of the function)',
      collect,
    )
    .option('--vpc <id>', 'VPCs besides those of the clusters', collect)
    .option('--log-group <name>', 'log groups of CoreDNS (default: Container Insights)', collect)
    .option(
      '--dynatrace <url>',
      'also check the environment: https://<environment>.apps.dynatrace.com or .live.dynatrace.com',
    )
    .option('--token-file <path>', "file with Dynatrace's token (default: the environment variable DT_TOKEN)")
    .option('--without <log>', 'leave a log out that is not wanted: resolver', without);
  return addProbeOptions(command)
    .option(
      '--transcript <file>',
      'also write what is printed to a file for a report, with names and ids masked',
    )
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      '\nExit code 1 if a check failed; 0 otherwise, even if a check could not be performed or has a warning.',
    );
}

const LOGS = ['resolver'];

/** Parser of `--without`. */
function without(value: string, before: readonly string[] = []): readonly string[] {
  if (!LOGS.includes(value)) throw new InvalidArgumentError(`Expected ${LOGS.join(' or ')}.`);
  return [...before, value];
}

/** A check as JSON has it, with a fix that runs as it is printed. */
const runnable = ({ names: _, ...check }: Check): object =>
  check.fix === undefined ? check : { ...check, fix: asStarted(check.fix) };

async function run(options: Options, aws: Aws, clock: Clock): Promise<void> {
  const { transcript: path } = options;
  if (path === undefined) return void (await check(options, aws, clock, { checks: [] }));
  const transcript = openTranscript(path);
  const seen: Seen = { checks: [] };
  let end: string | undefined;
  try {
    end = await check(options, aws, clock, seen);
  } catch (error) {
    end = `error: ${error instanceof Error ? error.message : error}`;
    throw error;
  } finally {
    const { cluster = [], vpc = [], probeNamespace, probeImage } = options;
    const names = [...cluster, ...vpc, probeNamespace, ...(probeImage === DEFAULT_IMAGE ? [] : [probeImage])];
    transcript.write(seen.checks, end ?? '', seen.found, names);
    progress(`wrote ${path}; read it before you show it to others`);
  }
}

/** What was found so far; it is in the transcript also after a failure. */
type Seen = { readonly checks: Check[]; found?: Found };

/** Checks, and with `--probe` probes, and prints the results; resolves to the last line. */
async function check(options: Options, aws: Aws, clock: Clock, seen: Seen): Promise<string> {
  const isJson = options.json === true;
  const { checks, counted, found } = await diagnose(aws, options);
  seen.found = found;
  seen.checks.push(...checks);
  if (!isJson) printChecks(checks);
  let links: readonly Check[] = [];
  if (options.probe === true) {
    const probe = planProbe(options, found);
    if (options.dryRun === true) {
      if (isJson) printJson({ manifest: probe.manifest });
      else print(`\n${probe.text}`);
      return 'dry run: no pod was made';
    }
    if (options.yes !== true) {
      if (!isJson) print(`\n${probe.text}`);
      await confirm(`create this pod in cluster ${probe.cluster} for a few seconds?`);
    }
    links = await probe.run(aws, clock);
    seen.checks.push(...links);
    if (!isJson) printChecks(links);
  }
  const { text, ...counts } = verdictOf([...counted, ...links]);
  if (!counts.ok) process.exitCode = EXIT.failed;
  if (isJson) {
    printJson({ ...counts, checks: seen.checks.map(runnable) });
    return text;
  }
  print();
  const isClean = counts.ok && counts.unknown + counts.warnings === 0;
  print(paint(isClean ? 'green' : counts.ok ? 'yellow' : 'bold', text));
  return text;
}
