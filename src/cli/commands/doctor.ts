import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect } from '../lib/aws/command.ts';
import {
  type Check,
  type CheckState,
  DOCTOR_GRANTS,
  type DoctorOptions,
  diagnose,
} from '../lib/doctor/index.ts';
import { addFunctionOptions, addStreamOptions } from '../lib/stream/index.ts';
import { EXIT, paint, print, printJson, type Style } from '../terminal.ts';

type Options = DoctorOptions & { readonly json?: boolean };

/** `eks-dns doctor`: checks the whole setup and shows what to do next; exit code 1 if a check failed. */
export function doctorCommand(): Command {
  const summary = 'check the whole setup and show what to do next';
  const command = awsCommand('doctor', summary, DOCTOR_GRANTS, run);
  return addFunctionOptions(addStreamOptions(command))
    .option(
      '--cluster <name>',
      'clusters; repeat, or separate with commas (default: those of the function)',
      collect,
    )
    .option('--vpc <id>', 'VPCs besides those of the clusters', collect)
    .option('--log-group <name>', 'log groups of CoreDNS (default: Container Insights)', collect)
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      '\nExit code 1 if a check failed; 0 otherwise, even if a check could not be performed or has a warning.',
    );
}

async function run(options: Options, aws: Aws): Promise<void> {
  const { checks, verdict } = await diagnose(aws, options);
  const { text, ...counts } = verdict;
  if (!verdict.ok) process.exitCode = EXIT.failed;
  if (options.json === true) return printJson({ ...counts, checks });
  for (const check of checks) printCheck(check);
  print();
  const isClean = verdict.ok && verdict.unknown + verdict.warnings === 0;
  print(paint(isClean ? 'green' : verdict.ok ? 'yellow' : 'bold', text));
}

const STATE_STYLE: Record<CheckState, readonly [word: string, style: Style]> = {
  ok: ['ok', 'green'],
  missing: ['MISSING', 'red'],
  warning: ['warning', 'yellow'],
  unknown: ['unknown', 'cyan'],
};

function printCheck({ name, state, observed, impact, fix }: Check): void {
  const [word, style] = STATE_STYLE[state];
  print(`${paint(style, word.padEnd(8))} ${name}: ${observed}`);
  if (impact !== undefined) print(`         ${paint('dim', 'impact')} ${impact}`);
  if (fix !== undefined) print(`         ${paint('dim', 'fix')}    ${paint('bold', fix)}`);
}
