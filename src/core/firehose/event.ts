// A Firehose transformation event, from Direct PUT or from a Kinesis stream:
//   {"invocationId":"...","deliveryStreamArn":"arn:aws:firehose:...","region":"eu-west-1",
//    "records":[{"recordId":"...","approximateArrivalTimestamp":1700000000000,"data":"<base64>"}]}
// https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html
import type { FirehoseTransformationResult, FirehoseTransformationResultRecord } from 'aws-lambda';
import type { InputRecord, Outcome } from '../model/firehose-record.ts';
import type { StreamIdentity } from '../model/origin.ts';
import { isObject, type JsonObject } from '../util/json.ts';

/** The members of an event that the pipeline uses. */
export type InputBatch = {
  readonly invocationId: string;
  readonly stream: StreamIdentity;
  readonly records: readonly InputRecord[];
};

/**
 * Reads an event of any shape without throwing. An event without a `records` array has no records. A malformed record is
 * kept with empty members, because Firehose expects every record id in the response. `nowMs` replaces a missing arrival
 * time.
 */
export function readFirehoseEvent(event: unknown, nowMs: number): InputBatch {
  const { invocationId, records, region, deliveryStreamArn } = asObject(event);
  const [, arnRegion, accountId] = STREAM_ARN.exec(textOf(deliveryStreamArn) ?? '') ?? [];
  return {
    invocationId: typeof invocationId === 'string' ? invocationId : '',
    records: Array.isArray(records) ? records.map((record) => readRecord(asObject(record), nowMs)) : [],
    stream: { accountId, region: textOf(region) ?? arnRegion },
  };
}

function readRecord(record: JsonObject, nowMs: number): InputRecord {
  const { recordId, data, approximateArrivalTimestamp: arrival } = record;
  return {
    recordId: typeof recordId === 'string' ? recordId : '',
    data: typeof data === 'string' ? data : '',
    arrivalMs: typeof arrival === 'number' && Number.isFinite(arrival) ? arrival : nowMs,
  };
}

// arn:aws:firehose:eu-west-1:111122223333:deliverystream/dynatrace-logs
const STREAM_ARN = /^arn:[\w-]{1,20}:firehose:([\w-]{1,32}):(\d{12}):/;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const asObject = (value: unknown): JsonObject => (isObject(value) ? value : {});

/**
 * The response to Firehose: every record id once, in order, with its result and base64 data. Data is present for every
 * result, so that a record with `ProcessingFailed` reaches the error prefix with its original data.
 */
export const firehoseResponse = (outcomes: readonly Outcome[]): FirehoseTransformationResult => ({
  records: outcomes.map(
    ({ input, result, data }): FirehoseTransformationResultRecord => ({
      recordId: input.recordId,
      result,
      data: data === undefined ? input.data : data.toString('base64'),
    }),
  ),
});

/** Outcomes that return every record unchanged. */
export const passThrough = (records: readonly InputRecord[]): Outcome[] =>
  records.map((input) => ({ input, result: 'Ok', data: undefined }));
