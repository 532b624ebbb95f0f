// The lines of a file or of stdin, as they arrive.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isGzip } from '../../../core/util/is-gzip.ts';
import { EXIT, fail, isUserError } from '../../terminal.ts';
import { inflateIfGzip } from './inflate.ts';
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
    throw isUserError(error) ? error : unreadable(path, error as NodeJS.ErrnoException);
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
/** Gzip up to this size is inflated as the function does it, with padding between members; larger gzip as it arrives. */
const WHOLE_GZIP_BYTES = 4 * 2 ** 20;

/** A stream, decompressed if it begins as gzip does. */
async function inflated(stream: AsyncIterable<Buffer | string>): Promise<Readable> {
  const chunks = stream[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let isComplete = false;
  const readTo = async (bytes: number): Promise<void> => {
    const parts = [head];
    let length = head.length;
    while (length < bytes && !isComplete) {
      const next = await chunks.next();
      isComplete = next.done === true;
      if (next.done === true) break;
      parts.push(Buffer.from(next.value));
      length += next.value.length;
    }
    head = Buffer.concat(parts);
  };
  await readTo(GZIP_HEAD_BYTES);
  const isCompressed = isGzip(head);
  if (isCompressed) await readTo(WHOLE_GZIP_BYTES);
  if (isCompressed && isComplete) return Readable.from([inflateIfGzip(head)]);
  const source = Readable.from(
    (async function* () {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
        yield Buffer.from(next.value);
    })(),
  );
  if (!isCompressed) return source;
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
