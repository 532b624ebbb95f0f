import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server of the suite; `stop` ends its process. */
type Server = { readonly ready: Promise<void>; readonly stop: () => void };

/** Longer than a busy machine needs; a server that exits is noticed at once. */
const START_MS = 300_000;

/** A free TCP port on loopback. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Starts a server that logs to `.cache/<name>.log`; `ready` resolves when `url` responds. */
export function startServer(
  name: string,
  command: readonly string[],
  { url, environment }: { readonly url: string; readonly environment: NodeJS.ProcessEnv },
): Server {
  mkdirSync('.cache', { recursive: true });
  const logFile = `.cache/${name}.log`;
  const log = openSync(logFile, 'w');
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: environment, stdio: ['ignore', log, log] });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${tail(logFile)}`)));
  });
  // After it is ready, an exit is expected: `stop` causes it.
  failed.catch(() => {});
  return {
    ready: Promise.race([failed, answers(name, url)]),
    stop: () => {
      child.kill('SIGTERM');
    },
  };
}

const tail = (file: string): string => readFileSync(file, 'utf8').slice(-2000);

async function answers(name: string, url: string): Promise<void> {
  for (const startedMs = Date.now(); Date.now() - startedMs < START_MS; await sleep(200)) {
    const isUp = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return;
  }
  throw new Error(`${name} did not answer within ${START_MS / 1000} s`);
}
