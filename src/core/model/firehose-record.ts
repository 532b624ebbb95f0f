import type { RecordResult } from './summary.ts';

/** One record of a Firehose event. */
export type InputRecord = {
  readonly recordId: string;
  /** Base64. */
  readonly data: string;
  /** `approximateArrivalTimestamp`, epoch ms; where it is missing, the time of the invocation. */
  readonly arrivalMs: number;
};

/** What goes back for one record. */
export type Outcome = {
  readonly input: InputRecord;
  readonly result: RecordResult;
  /** The record's new bytes; undefined: those that came in. */
  readonly data: Buffer | undefined;
  /** Padding that is to come to them as far as there is room; undefined where there can be none. */
  readonly paddingBytes?: number;
};
