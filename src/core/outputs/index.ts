import type { Editor } from '../model/edit.ts';
import type { Envelope } from '../model/envelope.ts';
import type { OutputFormat } from '../model/settings.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { writeEnvelope } from './cloudwatch-logs.ts';
import { writeLines } from './ndjson.ts';

/** What an output may need beside the envelope. */
export type OutputContext = {
  /** The function's region, which the envelope does not name. */
  readonly region: string | undefined;
  /** Epoch ms to RFC 3339. */
  readonly timestamp: (timeMs: number) => string;
};

/** A form in which envelopes leave; chosen by `OUTPUT_FORMAT`. */
export type Output = {
  /** 1: a record stands alone; 2: it is the text of an envelope's `message` (two levels of escaping). */
  readonly depth: 1 | 2;
  /** Whether the log stream has to stand in the record, because nothing else carries it. */
  readonly namesLogStream: boolean;
  /** Whether an envelope without any DNS event is rewritten as well. */
  readonly rewritesAll: boolean;
  /** Writes the envelope; asks for the edit of every event once, in order. */
  readonly write: (envelope: Envelope, editor: Editor, out: ByteWriter, context: OutputContext) => void;
};

/** Every output by its name. */
export const OUTPUTS: Readonly<Record<OutputFormat, Output>> = {
  'cloudwatch-logs': { depth: 2, namesLogStream: false, rewritesAll: false, write: writeEnvelope },
  ndjson: { depth: 1, namesLogStream: true, rewritesAll: true, write: writeLines },
};
