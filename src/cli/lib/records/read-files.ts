// Normalised records from files: read as they are, or made from raw logs by the pipeline.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LOG_SOURCES } from '../../../core/model/log-sources.ts';
import { isGzip } from '../../../core/util/is-gzip.ts';
import { isObject } from '../../../core/util/json.ts';
import type { JsonRecord } from '../io/firehose-response.ts';
import { requirePipedInput, unreadable } from '../io/input-file.ts';
import { parseJson } from '../io/json.ts';
import { toFirehoseEvent } from '../io/log-input.ts';
import { type Pipeline, reportHealth } from './pipeline.ts';

/** How many records were read, and how many lines gave none. */
export type InputCount = { records: number; ignored: number };

const SOURCES: ReadonlySet<unknown> = new Set(LOG_SOURCES.map(({ name }) => name));

// A single time that no log can have would stretch the period of all other records.
const EARLIEST_MS = Date.UTC(2015, 0);
const LATEST_MS = Date.UTC(2100, 0);

const isPlausible = (timeMs: number): boolean => timeMs >= EARLIEST_MS && timeMs < LATEST_MS;

/** Whether a JSON value is a normalised record: a source that we write, and a time. */
const isRecord = (value: unknown): value is JsonRecord =>
  isObject(value) &&
  SOURCES.has(value['log.source']) &&
  typeof value.timestamp === 'string' &&
  isPlausible(Date.parse(value.timestamp));

// Raw lines are given to the pipeline in portions, so that a file of any size is read in bounded memory.
const PORTION_CHARS = 4_000_000;

/**
 * The records of a file, or of stdin for `-`; gzip is decompressed. A file holds, line by line or as one JSON text:
 * normalised records (NDJSON, an array, or the `records` of a query result), or whatever `transform` reads. Its first
 * line decides, because in a raw log any program can print a line that looks like a record. Only a JSON text of several
 * lines is held in memory as a whole.
 */
export async function* readFile(
  path: string,
  openPipeline: () => Promise<Pipeline>,
  count: InputCount,
): AsyncGenerator<JsonRecord> {
  requirePipedInput(path, 'records');
  const portion = createPortion(path, openPipeline, count);
  let isOfRecords: boolean | undefined;
  for await (const { text, value } of textsOf(path)) {
    const list = isRecord(value) ? [value] : listIn(value);
    isOfRecords ??= list?.some(isRecord) === true;
    const records = isOfRecords ? (list ?? [value]).filter(isRecord) : await portion.add(text, value);
    if (isOfRecords) count.ignored += (list?.length ?? 1) - records.length;
    count.records += records.length;
    yield* records;
  }
  const last = await portion.flush();
  count.records += last.length;
  yield* last;
}

/** Gives raw logs to the pipeline: lines in portions, and each JSON text that holds several events on its own. */
function createPortion(path: string, openPipeline: () => Promise<Pipeline>, count: InputCount) {
  let lines: string[] = [];
  let chars = 0;
  const normalise = async (text: string, events: number): Promise<readonly JsonRecord[]> => {
    const pipeline = await openPipeline();
    const region = pipeline.settings.region ?? 'eu-west-1';
    const context = { logGroup: undefined, logStream: path, region, nowMs: Date.now() };
    const { records, summary } = await pipeline.run(toFirehoseEvent(text, context));
    reportHealth(summary);
    count.ignored += Math.max(0, events - records.length);
    return records;
  };
  const flush = async (): Promise<readonly JsonRecord[]> => {
    const [text, events] = [lines.join('\n'), lines.length];
    lines = [];
    chars = 0;
    return events === 0 ? [] : normalise(text, events);
  };
  const add = async (text: string, value: unknown): Promise<readonly JsonRecord[]> => {
    if (isObject(value) && DOCUMENT_MEMBERS.some((name) => name in value)) return normalise(text, 0);
    lines.push(text);
    chars += text.length;
    return chars < PORTION_CHARS ? [] : flush();
  };
  return { add, flush };
}

/** Members of an envelope, of an export of CloudWatch Logs and of a Firehose event. */
const DOCUMENT_MEMBERS = ['logEvents', 'events', 'records'];

/** The list in an array, or in the result of a query: `{"records": [...]}`, also within `result`. */
function listIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return undefined;
  const { records } = isObject(value.result) ? value.result : value;
  return Array.isArray(records) ? records : undefined;
}

/** One line, or a JSON text of several lines; `value` is undefined unless it is JSON. */
type Text = { readonly text: string; readonly value: unknown };

const MAY_BE_JSON = /^\s*(?:\{|\[\s*(?:\{|\]|$))/;

async function* textsOf(path: string): AsyncGenerator<Text> {
  let isFirst = true;
  let document: string[] | undefined;
  for await (const line of linesOf(path)) {
    if (document !== undefined) {
      document.push(line);
      continue;
    }
    const text = isFirst ? line.replace(/^\uFEFF/, '') : line;
    if (text.trim() === '') continue;
    const value = MAY_BE_JSON.test(text) ? parseJson(text) : undefined;
    // The first line of a JSON text that goes on.
    if (isFirst && value === undefined && MAY_BE_JSON.test(text)) document = [text];
    else yield { text, value };
    isFirst = false;
  }
  if (document === undefined) return;
  const whole = document.join('\n');
  const value = parseJson(whole);
  if (value !== undefined) yield { text: whole, value };
  else
    for (const text of document.filter((line) => line.trim() !== '')) yield { text, value: parseJson(text) };
}

// Not node:readline, which does not report errors of its input.
async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of await inflated(path === '-' ? process.stdin : createReadStream(path))) {
      const text = decoder.decode(chunk, { stream: true });
      let start = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        yield (rest + text.slice(start, end)).replace(/\r$/, '');
        rest = '';
        start = end + 1;
      }
      rest += text.slice(start);
    }
    yield rest.replace(/\r$/, '');
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

/** A stream, decompressed if it begins as gzip does. */
async function inflated(stream: AsyncIterable<Buffer | string>): Promise<Readable> {
  const chunks = stream[Symbol.asyncIterator]();
  const first = await chunks.next();
  const all = (async function* () {
    for (let chunk = first; chunk.done !== true; chunk = await chunks.next()) yield Buffer.from(chunk.value);
  })();
  const isCompressed = first.done !== true && isGzip(Buffer.from(first.value));
  const source = Readable.from(all);
  if (!isCompressed) return source;
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}
