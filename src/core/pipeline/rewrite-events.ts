import { MERGED, type RecordRoles } from '../aggregation/index.ts';
import type { Attributor } from '../attribution/index.ts';
import type { Client } from '../model/client.ts';
import type { BatchSummary } from '../model/summary.ts';
import type { EventsWriter } from '../outputs/output.ts';
import { categoryOf, type DescribeQuestion } from '../question/index.ts';
import { isProtected } from '../question/protection.ts';
import { signalsOf } from '../question/signals.ts';
import type { VolumeFilter } from '../question/volume-filter.ts';
import type { RecordWriter } from '../record/writer.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { pairFailures, withFailure } from './pair-failures.ts';
import type { PlaceOf } from './places.ts';
import { type EventList, TOO_COMPLEX, TOO_LONG, UNPARSED, UNTRUSTED } from './read-events.ts';

/** The events of one Firehose record, and where they come from. */
export type RecordEvents = {
  readonly events: EventList;
  /** The id by which an event is sampled. */
  readonly idOf: (index: number) => string;
  readonly placeOf: PlaceOf;
  readonly attributor: Attributor;
};

/** The events of one Firehose record, and what applies to all of them. */
export type RecordContext = RecordEvents & {
  /** What `AGGREGATE` makes of the events. */
  readonly roles: RecordRoles | undefined;
  readonly summary: BatchSummary;
  /** Size at which the record is given up: it could not go back. */
  readonly maxBytes: number;
  /** Undefined: everything is written. */
  readonly reduction: Reduction | undefined;
};

/** What is left out of a record's events, so that it fits. */
export type Reduction = {
  /** Replaces a client by the one that is written. */
  readonly clientOf: (client: Client) => Client;
  /** Whether the fields of the set `lean` of `OMIT` are left out. */
  readonly isLean: boolean;
};

/** Writers of records: with all fields, and without those of the set `lean` of `OMIT`. */
export type RecordWriters = { readonly whole: RecordWriter; readonly lean: RecordWriter };

/** What became of the events of a record. */
export type Rewritten = {
  /** Events replaced with normalised records, and events that were dropped or merged into others. */
  readonly replaced: number;
  readonly dropped: number;
  /** The record became larger than `maxBytes`: what is written of it, and counted, is not complete. */
  readonly isTooLarge: boolean;
  /** Whether a client has labels or annotations. */
  readonly hasMetadata: boolean;
};

/** Rewrites the events of one record to `writer`, and counts them in the summary. */
export type EventsRewriter = (context: RecordContext, writer: EventsWriter) => Rewritten;

/**
 * Creates the rewriter: each event is described, attributed, filtered and written. `writer`s write to `out`.
 * Create once per process: V8 would optimise new closures from scratch in every batch.
 */
export function createEventsRewriter(
  filter: VolumeFilter | undefined,
  describeQuestion: DescribeQuestion,
  writers: RecordWriters,
  out: ByteWriter,
): EventsRewriter {
  return ({ events, idOf, placeOf, attributor, roles, summary, maxBytes, reduction }, writer) => {
    let replaced = 0;
    let dropped = 0;
    let hasMetadata = false;
    const failures = pairFailures(events);
    const writeRecord = reduction?.isLean === true ? writers.lean : writers.whole;
    for (let index = 0; index < events.length; index++) {
      summary.eventsIn++;
      const read = events.at(index);
      if (typeof read !== 'object') {
        summary.passedThrough++;
        if (read === UNPARSED) summary.unparsed++;
        else if (read === UNTRUSTED) summary.untrusted++;
        else if (read === TOO_LONG) summary.unreadEventsByReason['message-bytes']++;
        else if (read === TOO_COMPLEX) summary.unreadEventsByReason['message-members']++;
        writer.keep(index);
        continue;
      }
      const failure = failures.get(index);
      const event = failure === undefined ? read : withFailure(read, failure);
      const question = describeQuestion(event.name);
      const { origin, scope } = placeOf(index, event.producer);
      const attribution = attributor.attribute(scope, event);
      const signals = signalsOf(event, question, attribution.bypassesCoreDns);
      if (filter !== undefined) {
        const category = categoryOf(event, question.domain);
        const verdict = filter.verdict(category, idOf(index), isProtected(event, signals));
        if (verdict !== 'keep') {
          summary[verdict === 'drop' ? 'droppedByCategory' : 'sampledOutByCategory'][category]++;
          dropped++;
          writer.drop(index);
          continue;
        }
      }
      summary.normalisedBySource[event.source]++;
      summary.attributions[attribution.client.attribution]++;
      summary.clientsByKind[attribution.client.kind]++;
      const role = roles?.get(index);
      if (role === MERGED) {
        summary.merged++;
        dropped++;
        writer.drop(index);
        continue;
      }
      replaced++;
      writer.beginRecord(index);
      const { client } = attribution;
      hasMetadata ||= hasLabels(client);
      const written =
        reduction === undefined ? attribution : { ...attribution, client: reduction.clientOf(client) };
      if (writeRecord(out, event, question, written, signals, origin, role)) summary.truncated++;
      writer.endRecord(index);
      if (out.length() > maxBytes) return { replaced, dropped, isTooLarge: true, hasMetadata };
    }
    writer.end();
    return { replaced, dropped, isTooLarge: out.length() > maxBytes, hasMetadata };
  };
}

const hasLabels = ({ pod, loggedLabels }: Client): boolean =>
  loggedLabels.length > 0 ||
  (pod !== undefined && (pod.labels.length > 0 || pod.annotations.length > 0 || pod.dynatrace.length > 0));
