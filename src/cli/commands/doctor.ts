import { type Command, InvalidArgumentError } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect } from '../lib/aws/command.ts';
import { type Check, DOCTOR_GRANTS, type DoctorOptions, diagnose } from '../lib/doctor/index.ts';
import { printChecks } from '../lib/doctor/print-checks.ts';
import { withDecided } from '../lib/setup/decided.ts';
import { asStarted } from '../lib/started-as.ts';
import { addFunctionOptions, addStreamOptions } from '../lib/stream/index.ts';
import { EXIT, paint, print, printJson } from '../terminal.ts';

type Options = DoctorOptions & { readonly json?: boolean };

/** `eks-dns doctor`: checks the whole setup and shows what to do next; exit code 1 if a check failed. */
export function doctorCommand(): Command {
  const summary = 'check the whole setup and show what to do next';
  const command = awsCommand('doctor', summary, DOCTOR_GRANTS, run, (options) =>
    withDecided(options, ['region', 'stack', 'stream', 'dynatrace', 'logGroup', 'without']),
  );
  return addFunctionOptions(addStreamOptions(command))
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
    .option('--without <log>', 'leave a log out that is not wanted: resolver', without)
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

/** A check whose fix runs as it is printed. */
const runnable = (check: Check): Check =>
  check.fix === undefined ? check : { ...check, fix: asStarted(check.fix) };

async function run(options: Options, aws: Aws): Promise<void> {
  const { checks, verdict } = await diagnose(aws, options);
  const { text, ...counts } = verdict;
  if (!verdict.ok) process.exitCode = EXIT.failed;
  if (options.json === true) return printJson({ ...counts, checks: checks.map(runnable) });
  printChecks(checks);
  print();
  const isClean = verdict.ok && verdict.unknown + verdict.warnings === 0;
  print(paint(isClean ? 'green' : verdict.ok ? 'yellow' : 'bold', text));
}
