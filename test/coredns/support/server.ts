// A real CoreDNS on a free port of 127.0.0.1, with what it prints.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A running CoreDNS. */
export type CoreDns = {
  /** Lines printed so far. */
  readonly lines: () => readonly string[];
  /** Resolves when a printed line satisfies the condition. */
  readonly printed: (condition: (line: string) => boolean) => Promise<void>;
  /** Ends it; then all that it printed is in `lines`. */
  readonly stop: () => Promise<void>;
};

/** Result of a start: the running server, or what CoreDNS said when it refused the Corefile. */
export type Start = { readonly server: CoreDns } | { readonly refusal: string };

/** Longer than a busy machine needs. */
const START_MS = 120_000;

type Options = {
  /** Variables for `{$NAME}` in the Corefile. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
};

/** Starts CoreDNS with this Corefile. Addresses without a port get a free one. */
export async function startCoreDns(
  binary: string,
  corefile: string,
  { environment = {}, args = [] }: Options = {},
): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), 'coredns-'));
  const file = join(folder, 'Corefile');
  writeFileSync(file, corefile);
  const child = spawn(binary, ['-conf', file, '-p', '0', ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collect(child);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const isUp = output.printed((line) => line.includes('CoreDNS-')).then(() => true);
  const timer = AbortSignal.timeout(START_MS);
  const expired = new Promise<never>((_, reject) => {
    timer.addEventListener('abort', () => reject(new Error(`CoreDNS did not start: ${output.text()}`)));
  });
  if (await Promise.race([isUp, exited.then(() => false), expired])) {
    return { server: { lines: output.lines, printed: output.printed, stop } };
  }
  rmSync(folder, { recursive: true, force: true });
  return { refusal: output.text() };
}

function collect(child: ChildProcess) {
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        for (const told of waiting) told(line);
      }
    });
  }
  return {
    lines: () => lines,
    text: () => lines.join('\n'),
    printed: (condition: (line: string) => boolean) =>
      new Promise<void>((resolve) => {
        if (lines.some(condition)) return resolve();
        const told = (line: string): void => {
          if (!condition(line)) return;
          waiting.delete(told);
          resolve();
        };
        waiting.add(told);
      }),
  };
}
