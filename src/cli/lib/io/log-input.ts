// Input formats: raw lines, a subscription envelope, `aws logs filter-log-events` output, a Firehose event, or the base64 text
// of one of its records.
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import * as z from 'zod';
import { isObject } from '../../../core/util/json.ts';
import { envelopeJson, firehoseEvent, gzipText, type SampleEvent } from './firehose-event.ts';
import { inflateIfGzip } from './inflate.ts';
import { requirePipedInput, unreadable } from './input-file.ts';
import { parseJson } from './json.ts';

/** A Firehose event, with the members that the commands use. */
export type FirehoseEvent = ReturnType<typeof firehoseEvent>;

/** The envelope of raw lines; without a log group they stay bare lines without a time. */
export type LineContext = {
  readonly logGroup: string | undefined;
  readonly logStream: string;
  readonly region: string;
  /** Time of lines without a time, epoch ms. */
  readonly nowMs: number;
};

const FirehoseRecords = z.object({
  records: z.array(z.object({ recordId: z.string(), data: z.string() })).min(1),
});

const Exported = z.object({
  events: z
    .array(z.object({ message: z.string(), timestamp: z.number(), logStreamName: z.string().optional() }))
    .min(1),
});

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

// `1f 8b 08`, the start of gzip.
const BASE64_GZIP = /^\s*H4sI[\w+/=\s]*$/;

/** Converts a text to a Firehose event: an event is returned unchanged, other formats become its records. */
export function toFirehoseEvent(text: string, context: LineContext): FirehoseEvent {
  const parsed = parseJson(text);
  const json = isObject(parsed) ? parsed : undefined;
  if (FirehoseRecords.safeParse(json).success) return json as FirehoseEvent;
  const { nowMs: arrivalMs, region, logGroup } = context;
  const wrap = (...data: Buffer[]): FirehoseEvent =>
    firehoseEvent(data, { arrivalMs, region, kinesis: false });
  if (BASE64_GZIP.test(text)) return wrap(Buffer.from(text, 'base64'));
  if (json?.messageType !== undefined && json.logEvents !== undefined) return wrap(gzipText(text.trim()));
  const exported = Exported.safeParse(json);
  if (exported.success) return wrap(gzipText(envelopeOf(exported.data.events.map(toEvent), context)));
  if (logGroup === undefined) return wrap(...pieces(text));
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  return wrap(
    gzipText(
      envelopeOf(
        lines.map((message) => ({ timeMs: arrivalMs, message })),
        context,
      ),
    ),
  );
}

// The normalised form of a piece must fit into Firehose's limit of a record (1,024,000 bytes).
const PIECE_CHARS = 32_768;

/** Splits a text into pieces of whole lines. */
function* pieces(text: string): Generator<Buffer> {
  let from = 0;
  do {
    const newline = text.indexOf('\n', from + PIECE_CHARS);
    const to = newline < 0 ? text.length : newline + 1;
    yield Buffer.from(text.slice(from, to), 'utf8');
    from = to;
  } while (from < text.length);
}

const toEvent = (event: { message: string; timestamp: number }): SampleEvent => ({
  timeMs: event.timestamp,
  message: event.message.replace(/\n$/, ''),
});

const envelopeOf = (events: readonly SampleEvent[], context: LineContext): string =>
  envelopeJson({
    owner: '111122223333',
    logGroup: context.logGroup ?? '/exported',
    logStream: context.logStream,
    messageType: 'DATA_MESSAGE',
    events,
  });
