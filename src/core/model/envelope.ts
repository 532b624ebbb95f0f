import type { SystemFields } from './origin.ts';

/** Where an event stands in the envelope's text; all positions count characters of the binary text. */
export type EventSpan = {
  /** The literal of `id`; -1 where there is none. */
  readonly idStart: number;
  readonly idEnd: number;
  readonly timestampMs: number;
  /** The event object, braces included. */
  readonly start: number;
  readonly end: number;
  /** The literal of `message`, quotes included. */
  readonly messageStart: number;
  readonly messageEnd: number;
  /** From `extractedFields`, where CloudWatch says where the event came from. */
  readonly systemFields: SystemFields | undefined;
};

/** An envelope, read once. */
export type Envelope = {
  readonly bytes: Buffer;
  /** The same as binary text (util/binary-text.ts): faster to search, while bytes are faster to copy. */
  readonly text: string;
  /** Whether all of it is ASCII: then its texts need no decoding. */
  readonly isAscii: boolean;
  readonly messageType: string;
  readonly owner: string | undefined;
  readonly logGroup: string | undefined;
  readonly logStream: string | undefined;
  readonly events: readonly EventSpan[];
};
