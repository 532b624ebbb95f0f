// Batches of Firehose records from the texts of a file.
import { envelopeJson, firehoseEvent, gzipText } from '../io/firehose-event.ts';
import type { FirehoseEvent } from '../io/log-input.ts';
import type { LogEvent, LogItem } from './items.ts';
import { isPart } from './text.ts';

/** What is said of log events that do not say it themselves; undefined members stay unknown. */
export type EventContext = {
  /** Puts lines into an envelope of this group; without it, lines without a time stay bare lines. */
  readonly logGroup?: string | undefined;
  readonly logStream?: string | undefined;
  readonly owner?: string | undefined;
  readonly region?: string | undefined;
  /** Time of lines without one, epoch ms. */
  readonly timeMs?: number | undefined;
  /** Whether envelopes are compressed, as CloudWatch Logs sends them. */
  readonly gzip?: boolean;
  /** When the records arrived, epoch ms. */
  readonly arrivalMs: number;
};

// The normalised form of a record must fit into Firehose's limit of a record (1,024,000 bytes).
const RECORD_CHARS = 32_768;
const BATCH_CHARS = 1_000_000;

/** The Firehose batches of items, in order; none is much larger than a million characters, unless one item is. */
export function* batchesOf(
  items: Iterable<LogItem>,
  context: EventContext,
  batchChars = BATCH_CHARS,
): Generator<FirehoseEvent> {
  let records: Buffer[] = [];
  let events: LogEvent[] = [];
  let recordChars = 0;
  let chars = 0;
  const closeRecord = (): void => {
    if (events.length > 0) records.push(recordOf(events, context));
    events = [];
    recordChars = 0;
  };
  const takeBatch = (): FirehoseEvent[] => {
    closeRecord();
    const { arrivalMs, region } = context;
    const batch = records.length === 0 ? [] : [firehoseEvent(records, { arrivalMs, region, kinesis: false })];
    records = [];
    chars = 0;
    return batch;
  };
  const add = (item: Exclude<LogItem, { kind: 'firehose' }>): void => {
    if (item.kind === 'data') {
      closeRecord();
      records.push(item.data);
      chars += item.data.length;
      return;
    }
    const { event } = item;
    const last = events.at(-1);
    if (
      last !== undefined &&
      !(isSameRecord(last, event) && (recordChars < RECORD_CHARS || isPart(last.message)))
    )
      closeRecord();
    events.push(event);
    recordChars += event.message.length;
    chars += event.message.length;
  };
  for (const item of items) {
    if (item.kind === 'firehose') {
      yield* takeBatch();
      yield item.batch;
    } else add(item);
    if (chars >= batchChars && !isPart(events.at(-1)?.message ?? '')) yield* takeBatch();
  }
  yield* takeBatch();
}

const isSameRecord = (one: LogEvent, other: LogEvent): boolean =>
  (one.timeMs === undefined) === (other.timeMs === undefined) &&
  one.logStream === other.logStream &&
  one.logGroup === other.logGroup &&
  one.owner === other.owner;

function recordOf(events: readonly LogEvent[], context: EventContext): Buffer {
  const [first] = events;
  const {
    timeMs,
    logGroup = context.logGroup,
    logStream = context.logStream,
    owner = context.owner,
  } = first ?? {};
  if (timeMs === undefined && logGroup === undefined)
    return Buffer.from(events.map(({ message }) => message).join('\n'));
  const envelope = envelopeJson({
    owner: owner ?? '',
    logGroup: logGroup ?? '',
    logStream: logStream ?? '',
    messageType: 'DATA_MESSAGE',
    events: events.map(({ message, timeMs: own = context.timeMs }) => ({ timeMs: own, message })),
  });
  return context.gzip === true ? gzipText(envelope) : Buffer.from(envelope);
}
