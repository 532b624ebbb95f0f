// Building and deploying the stack with the AWS SAM CLI.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { fail, print, progress } from '../../terminal.ts';
import { packageFolder } from '../io/package-folder.ts';

/** What to deploy: stack, region, and the parameters to set; all others keep their values. */
export type Deployment = {
  readonly stack: string;
  readonly region: string | undefined;
  readonly parameters: readonly string[];
};

/** Arguments of `sam deploy`. The user has seen the plan, so there is no second question. */
const deployArguments = ({ stack, region, parameters }: Deployment): readonly string[] => [
  'deploy',
  ...['--stack-name', stack],
  ...(region === undefined ? [] : ['--region', region]),
  '--no-confirm-changeset',
  '--no-fail-on-empty-changeset',
  '--parameter-overrides',
  ...parameters,
];

/** The two lines that do it by hand. */
export const deployLines = (deployment: Deployment): readonly string[] => [
  'sam build',
  `sam ${deployArguments(deployment).join(' ')}`,
];

/** Runs `sam build` and `sam deploy`; without `sam`, prints the lines and waits until the user has run them elsewhere. */
export async function deploy(deployment: Deployment): Promise<void> {
  const lines = deployLines(deployment);
  if ((await run(['--version'], 'ignore')) === undefined) return waitForUser(lines);
  for (const [index, args] of [['build'], deployArguments(deployment)].entries()) {
    progress(lines[index] ?? '');
    if ((await run(args, 'inherit')) !== 0)
      throw fail(`\`${lines[index]}\` failed`, 'its output above says why; then run the same command again');
  }
}

async function waitForUser(lines: readonly string[]): Promise<void> {
  print('sam is not installed here; run these two lines where it is, in the folder of this project:');
  for (const line of lines) print(`  ${line}`);
  if (process.stdin.isTTY !== true)
    throw fail('the stack is not deployed yet', 'run both lines, then the same command again');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  await terminal.question('press Enter when the stack is deployed ');
  terminal.close();
}

/** Runs `sam`; resolves to its exit code, undefined = it is not installed. Its output goes to stderr, for stdout is ours. */
function run(args: readonly string[], output: 'ignore' | 'inherit'): Promise<number | undefined> {
  const stdio = output === 'ignore' ? 'ignore' : (['inherit', 2, 2] as const);
  return new Promise((resolve, reject) => {
    const child = spawn('sam', [...args], {
      cwd: packageFolder(),
      env: process.env,
      stdio: stdio as 'ignore',
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
