// How every command talks to people and to scripts: results on stdout, progress and faults on stderr.
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { createTwoFilesPatch } from 'diff';

/** What the process ends with: 1 = something is wrong (or a check is red), 2 = wrong use, 3 = refused because it would harm. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3 } as const;

/** One of the values of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error meant for the person at the terminal: what is wrong, and the one thing that mends it. */
type Refusal = Error & { readonly remedy: string | undefined; readonly exitCode: ExitCode };

/**
 * Makes an error that is printed as `error: <message>` and `fix: <remedy>`, without a stack.
 * Use: `throw fail('stream "x" is not ACTIVE', 'wait until it is, then run the command again', EXIT.refused)`.
 */
export function fail(message: string, remedy?: string, exitCode: ExitCode = EXIT.failed): Error {
  return Object.assign(new Error(message), { remedy, exitCode }) satisfies Refusal;
}

const isRefusal = (error: unknown): error is Refusal => error instanceof Error && 'remedy' in error;

/** Colours and weights that the commands use. */
export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';

/** `text` in that style when the stream is a terminal and NO_COLOR (https://no-color.org) is not set; else as it is. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const wanted = stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  return wanted ? styleText(style, text, { validateStream: false }) : text;
}

/** Writes one line of result to stdout. */
export function print(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Writes `value` to stdout as JSON with two spaces, for scripts. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Says on stderr what is being done, so that stdout stays clean for pipes. */
export function progress(text: string): void {
  process.stderr.write(`${paint('dim', text, process.stderr)}\n`);
}

/** Says on stderr what the person should know although the command goes on: `warning: <text>`. */
export function warn(text: string): void {
  process.stderr.write(`${paint('yellow', 'warning:', process.stderr)} ${text}\n`);
}

/** Columns under a head, without frames; cells may hold several lines. Empty text when there are no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const bare = [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
  ];
  const inner = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'];
  const grid = new Table({
    head: head.map((cell) => paint('bold', cell)),
    chars: { ...Object.fromEntries([...bare, ...inner].map((name) => [name, ''])), middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  grid.push(...rows.map((row) => [...row]));
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A unified diff of two texts (`--- name`, `+++ name`), coloured on a terminal; empty when they are equal. */
export function diffOf(name: string, before: string, after: string): string {
  if (before === after) return '';
  const patch = createTwoFilesPatch(name, name, before, after, 'now', 'then', { context: 3 });
  return patch
    .split('\n')
    .filter((line) => !line.startsWith('====') && line !== '')
    .map((line) => paint(line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'dim', line))
    .join('\n');
}

/**
 * Asks `probe` every `intervalMs` until it gives something other than undefined, and shows on stderr that it waits.
 * Resolves to undefined when `timeoutMs` is over.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { timeoutMs, intervalMs }: { readonly timeoutMs: number; readonly intervalMs: number },
): Promise<T | undefined> {
  const startedMs = Date.now();
  for (let round = 0; ; round += 1) {
    const found = await probe();
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    if (found !== undefined) {
      if (round > 0) progress(`${what}: done after ${seconds} s`);
      return found;
    }
    if (Date.now() - startedMs + intervalMs > timeoutMs) return undefined;
    progress(`${what} (${seconds} s of at most ${Math.round(timeoutMs / 1000)} s)`);
    await sleep(intervalMs);
  }
}

/** For commander: an option that takes a number from `min` to `max`; handed on as the text that was given. */
export function numberFrom(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => string {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= min && value <= max) return text.trim();
    const limit = max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`;
    throw new InvalidArgumentError(`It takes a number from ${min}${limit}.`);
  };
}

/** Prints an error for people (faults of AWS as `<code>: <message>`; a stack only with DEBUG set) and gives the exit code. */
export function reportError(error: unknown): ExitCode {
  // Commander has said it already: wrong use, or help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const known = isRefusal(error);
  const name = error instanceof Error && !known && error.name !== 'Error' ? `${error.name}: ` : '';
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${paint('red', 'error:', process.stderr)} ${name}${message}\n`);
  if (known && error.remedy !== undefined)
    process.stderr.write(`${paint('green', 'fix:', process.stderr)} ${error.remedy}\n`);
  if (!known && (process.env.DEBUG ?? '') !== '' && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  return known ? error.exitCode : EXIT.failed;
}

/** Runs the program: errors printed for people, exit code set, and a closed pipe (`| head`) is no fault. */
export async function run(program: Command): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
  });
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = reportError(error);
  }
}
