// Building and deploying the stack with the AWS SAM CLI.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { fail, print, progress } from '../../terminal.ts';
import { packageFolder } from '../io/package-folder.ts';
import { type Deployment, deployArguments, deployLines } from '../stream/deployment.ts';

/** Runs `sam build` and `sam deploy`; without `sam`, prints the lines and waits until the user has run them elsewhere. */
export async function deploy(...deployments: readonly Deployment[]): Promise<void> {
  const lines = deployLines(...deployments);
  if ((await run(['--version'], 'ignore')) === undefined) return waitForUser(lines);
  for (const [index, args] of [['build'], ...deployments.map(deployArguments)].entries()) {
    progress(lines[index] ?? '');
    if ((await run(args, 'inherit')) !== 0)
      throw fail(
        `\`${lines[index]}\` failed`,
        // After the first deployment `setup` finds its step done.
        `its output above says why; then run ${index < 2 ? 'the same command' : 'this line'} again`,
      );
  }
}

async function waitForUser(lines: readonly string[]): Promise<void> {
  print('sam is not installed here; run these lines where it is, in the folder of this project:');
  for (const line of lines) print(`  ${line}`);
  if (process.stdin.isTTY !== true)
    throw fail('the stack is not deployed yet', 'run these lines, then the same command again');
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
