// Input of a command: a file, or stdin for `-`.
import { EXIT, fail } from '../../terminal.ts';

/** Throws a usage error if `path` is stdin and nothing is piped into it; `content` names the data: `records`. */
export function requirePipedInput(path: string, content: string): void {
  if (path === '-' && process.stdin.isTTY)
    throw fail('nothing to read', `name a file, or pipe ${content} into the command`, EXIT.usage);
}

/** The usage error for a file that cannot be read. */
export function unreadable(path: string, { code, message }: NodeJS.ErrnoException): Error {
  const why = code === 'ENOENT' ? 'there is no such file' : message;
  return fail(`cannot read ${path}: ${why}`, 'name an existing file, or - for stdin', EXIT.usage);
}
