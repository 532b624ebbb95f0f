import type { RecordResult } from './summary.ts';

/** One record of a Firehose event. */
export type InputRecord = {
  readonly recordId: string;
  /** Base64. */
  readonly data: string;
  /** `approximateArrivalTimestamp`, epoch ms; where it is missing, the time of the invocation. */
  readonly arrivalMs: number;
};

/** The result for one record. */
export type Outcome = {
  readonly input: InputRecord;
  readonly result: RecordResult;
  /** The record's new bytes; undefined = unchanged. */
  readonly data: Buffer | undefined;
  /** Size of the gzip padding to insert, as far as the response has room; undefined where none is needed. */
  readonly paddingBytes?: number;
};
