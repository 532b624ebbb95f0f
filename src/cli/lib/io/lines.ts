// The lines of a file or of stdin, as they arrive.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isGzip } from '../../../core/util/is-gzip.ts';
import { EXIT, fail } from '../../terminal.ts';
import { requirePipedInput, unreadable } from './input-file.ts';

/** Longest line, characters: a document of JSON may be one line. */
const MAX_LINE_CHARS = 2 ** 28;

/**
 * The lines of a file, or of stdin for `-`, in groups: those that arrived together, so that what is piped in slowly is
 * not waited for. Gzip of any number of members is decompressed; UTF-8, or UTF-16 with a byte order mark. Line ends and
 * byte order marks are not part of lines. Throws for a file that cannot be read.
 */
export async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  requirePipedInput(path, 'logs');
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let rest = '';
  const source = path === '-' ? process.stdin : createReadStream(path);
  try {
    for await (const chunk of await inflated(source)) {
      decoder ??= new TextDecoder(encodingOf(chunk));
      const text = decoder.decode(chunk, { stream: true });
      const lines = text.split('\n');
      lines[0] = rest + lines[0];
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE_CHARS)
        throw fail(`${path} has a line of more than 256 Mi characters`, FIX_LINE);
      if (lines.length > 0) yield lines.map(withoutReturn);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : unreadable(path, error as NodeJS.ErrnoException);
  }
  const last = withoutReturn(rest + (decoder?.decode() ?? ''));
  if (last !== '') yield [last];
}

const FIX_LINE = 'write one record a line, for example with jq -c .[]';

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

// What a shell of Windows writes into a file.
const encodingOf = ([first, second]: Uint8Array): string =>
  first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';

const GZIP_HEAD_BYTES = 3;

/** A stream, decompressed if it begins as gzip does. */
async function inflated(stream: AsyncIterable<Buffer | string>): Promise<Readable> {
  const chunks = stream[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < GZIP_HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, Buffer.from(next.value)]);
  }
  const source = Readable.from(
    (async function* () {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
        yield Buffer.from(next.value);
    })(),
  );
  if (!isGzip(head)) return source;
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

/** The usage error for an input without a character in it. */
export const emptyInput = (path: string): Error =>
  fail(
    `${path === '-' ? 'stdin' : path} is empty`,
    'name a file with logs, or pipe them into the command',
    EXIT.usage,
  );
