// Simulates the Lambda service with the built bundle in a child Node process: it is started cold, invoked with one
// event at a time, frozen (SIGSTOP) after each response, resumed for the next event, and killed on a timeout.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RESPONSE_LIMIT_BYTES } from './contract.ts';

/** Script of the child: the relevant part of Lambda's Node runtime. */
const RUNTIME = `
import { existsSync, readFileSync } from 'node:fs';
const { handler } = await import(process.argv[1]);
process.on('message', async ({ eventText, deadlineMs, probe }) => {
  const context = { getRemainingTimeInMillis: () => deadlineMs - Date.now() };
  let reply;
  try {
    reply = { text: JSON.stringify(await handler(JSON.parse(eventText), context)) ?? 'null' };
  } catch (error) {
    reply = { error: String(error?.stack ?? error) };
  }
  if (probe) {
    globalThis.gc?.();
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    // Not \`maxRSS\`, which starts with the size of the parent process.
    const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
    const peakRss = Number(/VmHWM:\\s*(\\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS) * 1024;
    const { user, system } = process.cpuUsage();
    const cpuMs = (user + system) / 1000;
    const resources = process.getActiveResourcesInfo();
    reply.probe = { rss, peakRss, cpuMs, heapUsed, external, arrayBuffers, resources };
  }
  process.send(reply);
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
`;

/** Memory of the child after a forced garbage collection, bytes, and the resources that keep its event loop alive. */
export type Probe = {
  readonly rss: number;
  /** Maximum so far. */
  readonly peakRss: number;
  /** CPU time since the start, ms. */
  readonly cpuMs: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly resources: readonly string[];
};

/** Result of an invocation; `error` is a function error, after which Firehose retries. */
export type Invocation = {
  readonly text: string | undefined;
  readonly error: string | undefined;
  readonly isCold: boolean;
  readonly probe: Probe | undefined;
};

/** One function instance, replaced after each crash. */
export type LambdaFunction = {
  /** Invokes the function with a Firehose event. `killAfterMs` simulates a crash of the machine. */
  invoke(
    event: object,
    options?: { readonly killAfterMs?: number | undefined; readonly probe?: boolean },
  ): Promise<Invocation>;
  /** Ends the child process. */
  stop(): Promise<void>;
};

/** Bundle and environment of a function. */
export type FunctionOptions = {
  /** Path or file URL of the bundle that exports `handler`. */
  readonly bundle: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly nodeArgs?: readonly string[];
  /** Receives each line that the function prints. */
  readonly onLine?: (line: string) => void;
};

type ChildMessage = { ready?: boolean; text?: string; error?: string; probe?: Probe };

/** A child process; `death` aborts with the reason when it ends. */
type Running = { readonly process: ChildProcess; readonly death: AbortSignal };

/** Creates a function; its process starts with the first `invoke`, the cold start. */
export function createFunction(options: FunctionOptions): LambdaFunction {
  let running: Running | undefined;
  // `/tmp` of the environment: it outlives the process, and is not shared.
  const folder = mkdtempSync(join(tmpdir(), 'eks-dns-'));
  const killAtExit = () => {
    running?.process.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', killAtExit);

  return {
    async invoke(event, { killAfterMs, probe = false } = {}) {
      const eventText = JSON.stringify(event);
      const isCold = running === undefined;
      running ??= start({ ...options, env: { TMPDIR: folder, ...options.env } });
      const { process: child, death } = running;
      const killer = setTimeout(() => child.kill('SIGKILL'), killAfterMs ?? options.timeoutMs);
      try {
        if (isCold) await nextMessage(running);
        child.kill('SIGCONT');
        const deadlineMs = Date.now() + options.timeoutMs;
        if (child.connected) child.send({ eventText, deadlineMs, probe }, () => undefined);
        const reply = await nextMessage(running);
        child.kill('SIGSTOP');
        return { ...limited(reply), isCold, probe: reply.probe };
      } catch (error) {
        running = undefined;
        const reason = death.aborted ? death.reason : error;
        return { text: undefined, error: String(reason), isCold, probe: undefined };
      } finally {
        clearTimeout(killer);
      }
    },
    async stop() {
      process.off('exit', killAtExit);
      const last = running;
      running = undefined;
      last?.process.kill('SIGKILL');
      if (last?.death.aborted === false) await once(last.death, 'abort');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function start({ bundle, env, nodeArgs = [], onLine }: FunctionOptions): Running {
  const child = spawn(process.execPath, [...nodeArgs, '--input-type=module', '--eval', RUNTIME, bundle], {
    // Only what Node needs of the caller's environment: no credentials, no proxy, no configuration.
    env: { PATH: process.env.PATH ?? '', TZ: 'UTC', AWS_REGION: 'eu-west-1', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', (line) => onLine?.(line));
  }
  const died = new AbortController();
  // `close`, not `exit`: on `close` all its output has been read.
  child.once('close', (code, signal) =>
    died.abort(new Error(`Runtime.ExitError: ${signal ?? `exit code ${code}`}`)),
  );
  child.once('error', (error) => died.abort(error));
  return { process: child, death: died.signal };
}

/**
 * The next message; rejects when the process ends. Not `Promise.race`, whose pending promise would retain every
 * message.
 */
async function nextMessage({ process: child, death }: Running): Promise<ChildMessage> {
  const [message] = await once(child, 'message', { signal: death });
  return message as ChildMessage;
}

/** A response over the limit is a function error, as in Lambda. */
function limited({ text, error }: ChildMessage): Pick<Invocation, 'text' | 'error'> {
  const bytes = Buffer.byteLength(text ?? '');
  if (bytes <= RESPONSE_LIMIT_BYTES) return { text, error };
  return { text: undefined, error: `Function.ResponseSizeTooLarge: ${bytes} bytes` };
}
