import type { Envelope } from '../model/envelope.ts';
import type { FailureCode } from '../model/failure.ts';
import { readEnvelope } from './envelope.ts';
import { inflate, isGzip } from './inflate.ts';

/** What one Firehose record turned out to be. All text is binary: one character per byte. */
export type DecodedRecord =
  | {
      readonly kind: 'envelope';
      readonly envelope: Envelope;
      readonly gzipped: boolean;
      readonly bytes: number;
    }
  /** Bare messages, one a line (message extraction, Resolver logs straight to Firehose). */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'control' }
  /** Not ours to judge: goes back as it came. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'failed'; readonly code: FailureCode };

const FOREIGN = { kind: 'foreign' } as const;

/**
 * Decodes the base64 data of a record: gzip envelope, plain envelope, bare text or anything else, by content alone.
 * `maxBytes` caps what gzip may inflate to.
 */
export function decodeRecord(base64: string, maxBytes: number): DecodedRecord {
  const data = Buffer.from(base64, 'base64');
  if (!isGzip(data)) return decodeText(data);
  const inflated = inflate(data, maxBytes);
  if (!inflated.ok) return { kind: 'failed', code: inflated.code };
  const envelope = readEnvelope(inflated.value);
  return envelope === undefined ? FOREIGN : ofEnvelope(envelope, true, data.length);
}

function decodeText(data: Buffer): DecodedRecord {
  if (data.includes('"logEvents"')) {
    const envelope = readEnvelope(data);
    if (envelope !== undefined) return ofEnvelope(envelope, false, data.length);
  }
  return { kind: 'text', text: data.toString('latin1') };
}

function ofEnvelope(envelope: Envelope, gzipped: boolean, bytes: number): DecodedRecord {
  if (envelope.messageType === 'CONTROL_MESSAGE') return { kind: 'control' };
  // Message types of a later day are not ours to judge.
  return envelope.messageType === 'DATA_MESSAGE' ? { kind: 'envelope', envelope, gzipped, bytes } : FOREIGN;
}
