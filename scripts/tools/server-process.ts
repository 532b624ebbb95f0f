// Servers of the test suites, as child processes that log to `.cache/`.
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server of a suite; `stop` ends its process. */
export type Server = {
  readonly ready: Promise<void>;
  readonly stop: () => void;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
};

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

/** Whether `url` responds with success. */
export const responds = (url: string) => async (): Promise<boolean> =>
  fetch(url).then(
    (response) => response.ok,
    () => false,
  );

/** Starts a server that logs to `.cache/<name>.log`; `ready` resolves when `isUp` resolves to true. */
export function startServer(
  name: string,
  command: readonly string[],
  { isUp, environment }: { readonly isUp: () => Promise<boolean>; readonly environment: NodeJS.ProcessEnv },
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
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  return {
    ended,
    ready: Promise.race([failed, answers(name, isUp)]),
    stop: () => {
      child.kill('SIGTERM');
    },
  };
}

const tail = (file: string): string => readFileSync(file, 'utf8').slice(-2000);

async function answers(name: string, isUp: () => Promise<boolean>): Promise<void> {
  for (const startedMs = Date.now(); Date.now() - startedMs < START_MS; await sleep(200)) {
    if (await isUp()) return;
  }
  throw new Error(`${name} did not answer within ${START_MS / 1000} s`);
}
