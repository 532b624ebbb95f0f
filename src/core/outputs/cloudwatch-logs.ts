import type { Envelope, EventSpan } from '../model/envelope.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import type { EnvelopeWriter } from './output.ts';

/**
 * Creates the writer that gives the envelope back with messages replaced. Every other byte is copied: ids, timestamps,
 * white space, unknown members, messages that are not DNS.
 */
export function createEnvelopeWriter(out: ByteWriter): EnvelopeWriter {
  let bytes: Buffer = Buffer.alloc(0);
  let events: readonly EventSpan[] = [];
  /** Start of the bytes that are copied unchanged as soon as their end is known. */
  let from = 0;
  let kept = 0;

  return {
    begin: (envelope: Envelope) => {
      bytes = envelope.bytes;
      events = envelope.events;
      from = 0;
      kept = 0;
      out.startFrom(bytes);
    },
    keep: () => {
      kept++;
    },
    beginRecord: (index) => {
      kept++;
      const event = events[index];
      if (event === undefined) return;
      out.copy(from, event.messageStart + 1);
      from = event.messageEnd - 1;
    },
    endRecord: () => undefined,
    drop: (index) => {
      const event = events[index];
      if (event === undefined) return;
      if (kept === 0) {
        // The text before the list stays for the first event that is kept; the separator behind this event is dropped.
        if (from === 0) out.copy(0, event.start);
        from = events[index + 1]?.start ?? event.end;
      } else {
        // The separator before this event is dropped.
        out.copy(from, Math.max(from, events[index - 1]?.end ?? from));
        from = event.end;
      }
    },
    end: () => {
      if (kept === 0) out.clear();
      else out.copy(from, bytes.length);
    },
  };
}
