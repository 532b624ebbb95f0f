// The input of commands that read a whole file.
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { firehoseEvent } from './firehose-event.ts';
import { inflateIfGzip } from './inflate.ts';
import { requirePipedInput, unreadable } from './input-file.ts';

/** A Firehose event, with the members that the commands use. */
export type FirehoseEvent = ReturnType<typeof firehoseEvent>;

/** Reads a file, or stdin for `-` to its end; gzip is decompressed. */
export async function readBytes(file: string): Promise<Buffer> {
  requirePipedInput(file, 'data');
  try {
    // Not readFileSync(0): it fails with EAGAIN on a pipe that has no data yet.
    const bytes = file === '-' ? await buffer(process.stdin) : await readFile(file);
    return inflateIfGzip(bytes);
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
}
