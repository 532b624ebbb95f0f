// Normalised records from files: read as they are, or made from raw logs by the pipeline.
import { LOG_SOURCES } from '../../../core/model/log-sources.ts';
import { isObject } from '../../../core/util/json.ts';
import type { JsonRecord } from '../io/firehose-response.ts';
import { createBatches } from '../logs/index.ts';
import type { Text } from '../logs/text.ts';
import { textsOf } from '../logs/texts.ts';
import { createHealthReport, type Pipeline } from './pipeline.ts';

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

/**
 * The records of a file, or of stdin for `-`; gzip is decompressed. A file holds, line by line or as one JSON text:
 * normalised records (NDJSON, an array, or the `records` of a query result), or whatever `transform` reads. What it begins
 * with decides, because in a raw log any program can print a line that looks like a record.
 */
export async function* readFile(
  path: string,
  openPipeline: () => Promise<Pipeline>,
  count: InputCount,
): AsyncGenerator<JsonRecord> {
  const reportHealth = createHealthReport();
  const batches = createBatches(() => ({ arrivalMs: Date.now() }));
  let isOfRecords: boolean | undefined;
  for await (const texts of textsOf(path)) {
    isOfRecords ??= texts[0] !== undefined && valuesIn(texts[0]).some(isRecord);
    if (isOfRecords) {
      const values = texts.flatMap(valuesIn);
      const records = values.filter(isRecord);
      count.records += records.length;
      count.ignored += values.length - records.length;
      yield* records;
      continue;
    }
    const pipeline = await openPipeline();
    for (const batch of batches(texts)) {
      const { records, summary } = await pipeline.run(batch);
      reportHealth(summary);
      count.records += records.length;
      count.ignored += summary.passedThrough;
      yield* records;
    }
  }
}

/** The values in a text: of a list, in an array, or the value itself. */
const valuesIn = ({ value }: Text): readonly unknown[] =>
  isRecord(value) ? [value] : (listIn(value) ?? [value]);

/** The list in an array, or in the result of a query: `{"records": [...]}`, also within `result`. */
function listIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return undefined;
  const { records } = isObject(value.result) ? value.result : value;
  return Array.isArray(records) ? records : undefined;
}
