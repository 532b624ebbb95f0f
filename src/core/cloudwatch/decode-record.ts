import type { Envelope } from '../model/envelope.ts';
import type { FailureCode } from '../model/failure.ts';
import { isGzip } from '../util/is-gzip.ts';
import { readEnvelope } from './envelope.ts';
import { inflate } from './inflate.ts';

/** The decoded data of one Firehose record. All text is binary: one character per byte. */
export type DecodedRecord =
  | {
      readonly kind: 'envelope';
      readonly envelope: Envelope;
      readonly gzipped: boolean;
      /** Size of the record's data, before it was inflated. */
      readonly bytes: number;
    }
  /** Messages without an envelope, one per line (message extraction, or Resolver logs sent directly to Firehose). */
  | { readonly kind: 'text'; readonly text: string }
  /** A control message of CloudWatch Logs, which contains no log events. */
  | { readonly kind: 'control' }
  /** Anything else: passed through unchanged. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'failed'; readonly code: FailureCode };

const FOREIGN = { kind: 'foreign' } as const;

/**
 * Decodes the base64 data of a record. Its content alone decides whether it is an envelope (gzip or plain), text or
 * something else. `maxBytes` limits the inflated size of gzip.
 */
export function decodeRecord(base64: string, maxBytes: number): DecodedRecord {
  const data = Buffer.from(base64, 'base64');
  if (!isGzip(data)) return decodeText(data);
  const inflated = inflate(data, maxBytes);
  if (!inflated.ok) return { kind: 'failed', code: inflated.code };
  const envelope = readEnvelope(inflated.value);
  return envelope === undefined ? FOREIGN : decodedEnvelope(envelope, true, data.length);
}

function decodeText(data: Buffer): DecodedRecord {
  if (data.includes('"logEvents"')) {
    const envelope = readEnvelope(data);
    if (envelope !== undefined) return decodedEnvelope(envelope, false, data.length);
  }
  return { kind: 'text', text: data.toString('latin1') };
}

function decodedEnvelope(envelope: Envelope, gzipped: boolean, bytes: number): DecodedRecord {
  if (envelope.messageType === 'CONTROL_MESSAGE') return { kind: 'control' };
  // Message types that are added later pass through unchanged.
  return envelope.messageType === 'DATA_MESSAGE' ? { kind: 'envelope', envelope, gzipped, bytes } : FOREIGN;
}
