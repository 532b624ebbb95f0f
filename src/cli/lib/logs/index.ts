// Logs in every form in which people have them, as batches for the pipeline.
import type { FirehoseEvent } from '../io/log-input.ts';
import { batchesOf, type EventContext } from './batches.ts';
import { createItemReader } from './items.ts';
import type { Text } from './text.ts';
import { textsIn, textsOf } from './texts.ts';

export type { EventContext } from './batches.ts';

/** The forms that can be read, for help and messages. */
export const FORMS = [
  'lines of CoreDNS or Route 53, also as kubectl logs (--prefix, --timestamps), container runtimes, log shippers, syslog and aws logs tail print them',
  'JSON of Route 53, one a line, indented, or in an array',
  'files of an export task or of Route 53 in S3, also gzip',
  'what aws logs filter-log-events, get-log-events and get-query-results print (JSON or text)',
  'results of Logs Insights that the console downloads (JSON or CSV), with @message',
  'envelopes of CloudWatch Logs, Firehose events and their data, records that Firehose backed up',
] as const;

/** Creates the batches of groups of texts of one file. */
export function createBatches(
  context: () => EventContext,
): (texts: readonly Text[]) => Generator<FirehoseEvent> {
  const itemsOf = createItemReader();
  return (texts) =>
    batchesOf(
      (function* () {
        for (const text of texts) yield* itemsOf(text);
      })(),
      context(),
    );
}

/** The batches of a file, or of stdin for `-`, as its lines arrive; none if it is empty. */
export async function* readLogs(path: string, context: () => EventContext): AsyncGenerator<FirehoseEvent> {
  const toBatches = createBatches(context);
  for await (const texts of textsOf(path)) yield* toBatches(texts);
}

/** One Firehose event of a whole text. A text that is an event is returned as it is. */
export function toFirehoseEvent(text: string, context: EventContext): FirehoseEvent {
  const items = textsIn(text).flatMap(createItemReader());
  const [event, ...others] = batchesOf(items, context, Number.POSITIVE_INFINITY);
  if (event === undefined) throw new Error('a text without a line');
  return others.length === 0
    ? event
    : { ...event, records: [event, ...others].flatMap(({ records }) => records) };
}
