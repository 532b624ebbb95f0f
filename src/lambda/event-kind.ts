// What an invocation is for, by its event.
import { isObject } from '../core/util/json.ts';

/** The event by which a schedule keeps the inventory up to date while no log flows (`template.yaml`). */
export const SYNC_EVENT = { 'eks-dns-firehose': 'sync' } as const;

/**
 * A batch of Firehose, which has `records`; the event of the schedule, `{"eks-dns-firehose":"sync"}`; or any other event,
 * such as one of S3, SQS or a test of the console, which is not for this function. An event without members is a batch
 * without records.
 */
export function eventKind(event: unknown): 'batch' | 'sync' | 'other' {
  if (!isObject(event) || 'records' in event || Object.keys(event).length === 0) return 'batch';
  return event['eks-dns-firehose'] === SYNC_EVENT['eks-dns-firehose'] ? 'sync' : 'other';
}

/** The answer to an event that is not for this function; a valid one for Firehose, too. */
export const NOT_FOR_US = {
  records: [],
  ignored: `neither a batch of Amazon Data Firehose nor ${JSON.stringify(SYNC_EVENT)}: nothing was done`,
} as const;
