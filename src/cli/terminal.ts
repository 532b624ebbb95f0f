// Output of all commands: results on stdout, progress, warnings and errors on stderr.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters, styleText } from 'node:util';
import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import { createTwoFilesPatch } from 'diff';
import { redact } from '../inventory/redact.ts';
import { asStarted } from './lib/started-as.ts';

/**
 * Exit codes of the process: 1 = failed (or a check failed), 2 = usage error, 3 = refused because the change is unsafe.
 */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3 } as const;

/** One of the values of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error meant for the user: the problem, how to fix it, and the exit code. */
type UserError = Error & { readonly remedy: string | undefined; readonly exitCode: ExitCode };

/**
 * Creates an error that is printed as `error: <message>` and `fix: <remedy>`, without a stack trace.
 * Use: `throw fail('stream "x" is not ACTIVE', 'wait until it is, then run the command again', EXIT.refused)`.
 */
export function fail(message: string, remedy?: string, exitCode: ExitCode = EXIT.failed): Error {
  return Object.assign(new Error(message), { remedy, exitCode }) satisfies UserError;
}

/** Whether an error was created by `fail`. */
export const isUserError = (error: unknown): error is UserError =>
  error instanceof Error && 'remedy' in error;

/** Colours and font weights of the output. */
export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'bold' | 'dim';

/**
 * `text` in that style if the stream is a terminal and NO_COLOR (https://no-color.org) is not set; otherwise unchanged.
 */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const isEnabled =
    stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  return isEnabled ? styleText(style, text, { validateStream: false }) : text;
}

/** Characters that a terminal obeys, or that reverse the direction of text. */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Writes one line for people to stdout; commands in it are printed as this process was started. */
export function print(text = ''): void {
  process.stdout.write(`${asStarted(text)}\n`);
}

/** Writes text to stdout, and resolves when there is room for more: what is written faster than it is read is not kept. */
export async function write(text: string): Promise<void> {
  if (process.stdout.write(text) === false) await once(process.stdout, 'drain');
}

/**
 * Columns of the terminal that `stream` is, or those that the environment names (`COLUMNS`); undefined for a file or pipe,
 * where nothing has to be cut.
 */
export function terminalWidth(stream: NodeJS.WriteStream = process.stdout): number | undefined {
  const named = Number(process.env.COLUMNS ?? '');
  const columns = stream.isTTY === true ? stream.columns || named : named;
  return Number.isInteger(columns) && columns > 0 ? Math.max(columns, MIN_COLUMNS) : undefined;
}

const MIN_COLUMNS = 60;

/** Writes `value` to stdout as JSON, indented by two spaces. */
export function printJson(value: unknown): void {
  process.stdout.write(jsonText(value));
}

/** A value as JSON text, indented by two spaces, with a final newline. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Writes a progress message to stderr, so that stdout holds only results. */
export function progress(text: string): void {
  process.stderr.write(`${paint('dim', asStarted(text), process.stderr)}\n`);
}

/** Writes `warning: <text>` to stderr. */
export function warn(text: string): void {
  process.stderr.write(`${paint('yellow', 'warning:', process.stderr)} ${asStarted(text)}\n`);
}

/**
 * Columns under a header, without borders; cells may hold several lines. Empty text if there are no rows. `atLeast` are
 * widths of columns, such as those of rows that were printed before; without `head` there is no header.
 */
export function table(
  head: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
  atLeast: readonly number[] = [],
): string {
  if (rows.length === 0) return '';
  const header = head === undefined ? [] : [head.map((cell) => paint('bold', cell))];
  const grid = [...header, ...rows].map((row) => row.map((cell) => cell.split('\n')));
  const widths = [...atLeast];
  for (const row of grid)
    for (const [column, cell] of row.entries())
      for (const line of cell) widths[column] = Math.max(widths[column] ?? 1, widthOf(line));
  const lineOf = (row: readonly (readonly string[])[], line: number): string =>
    row
      .map((cell, column) => padEnd(cell[line] ?? '', widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return grid
    .flatMap((row) =>
      Array.from({ length: Math.max(...row.map((cell) => cell.length)) }, (_, line) => lineOf(row, line)),
    )
    .join('\n');
}

/** Characters that the terminal shows: without colour codes. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

const padEnd = (text: string, width: number): string => text + ' '.repeat(width - widthOf(text));

/** A unified diff of two texts (`--- name`, `+++ name`), coloured on a terminal; empty if they are equal. */
export function diffOf(name: string, before: string, after: string): string {
  if (before === after) return '';
  const patch = createTwoFilesPatch(name, name, before, after, 'now', 'then', { context: 3 });
  return patch
    .split('\n')
    .filter((line) => !/^(?:====|Index: )/.test(line) && line !== '')
    .map((line) => paint(line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : 'dim', line))
    .join('\n');
}

/**
 * Calls `probe` every `intervalMs` until it resolves to a value other than undefined; reports the waiting time on
 * stderr. Resolves to undefined after `timeoutMs`.
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

/** Parser of a commander option that takes a number from `min` to `max`; returns the text as given. */
export function numberFrom(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => string {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= min && value <= max) return text.trim();
    const limit = max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`;
    throw new InvalidArgumentError(`Expected a number from ${min}${limit}.`);
  };
}

/**
 * Prints an error (AWS errors as `<code>: <message>`; the stack trace only if DEBUG is set) and returns the exit code.
 */
export function reportError(error: unknown): ExitCode {
  // Commander has already printed the usage error or the help text.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const known = isUserError(error);
  const name = error instanceof Error && !known && error.name !== 'Error' ? `${error.name}: ` : '';
  const text = error instanceof Error ? error.message : String(error);
  // Texts of services may repeat the credentials that they were sent.
  const message = known ? text : redact(text);
  process.stderr.write(
    `${paint('red', 'error:', process.stderr)} ${name}${known ? asStarted(message) : message}\n`,
  );
  if (known && error.remedy !== undefined)
    process.stderr.write(`${paint('green', 'fix:', process.stderr)} ${asStarted(error.remedy)}\n`);
  if (!known && (process.env.DEBUG ?? '') !== '' && error instanceof Error)
    process.stderr.write(`${redact(error.stack ?? '')}\n`);
  return known ? error.exitCode : EXIT.failed;
}

/** Lets a command and those below it throw a `CommanderError` where commander would end the process. */
export function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const one of command.commands) throwInsteadOfExit(one);
}

/** Ends the process without an error when nobody reads stdout any more (`| head`). */
export function endOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
  });
}

/** Runs the program, prints errors and sets the exit code. A closed pipe (`| head`) is not an error. */
export async function run(program: Command): Promise<void> {
  endOnClosedPipe();
  throwInsteadOfExit(program);
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = reportError(error);
  }
}
