import { DROP, type Editor, KEEP } from '../model/edit.ts';
import type { Envelope } from '../model/envelope.ts';
import type { ByteWriter } from '../util/byte-writer.ts';

/**
 * Writes the envelope with its messages replaced where an edit says so; every other byte is copied: ids, timestamps,
 * white space, members we do not know, messages that are not ours. Writes nothing when no event is left.
 */
export function writeEnvelope(envelope: Envelope, editor: Editor, out: ByteWriter): void {
  const { bytes, events } = envelope;
  out.load(bytes);
  // Start of the text that is to be copied as it stands, once it is known where it ends.
  let from = 0;
  let kept = 0;
  for (let i = 0; i < events.length; i++) {
    const event = events[i];
    if (event === undefined) break;
    const edit = editor.decide(i);
    if (edit !== DROP) {
      kept++;
      if (edit === KEEP) continue;
      out.range(from, event.messageStart + 1);
      editor.write();
      from = event.messageEnd - 1;
    } else if (kept === 0) {
      // The head stays for the first event that does; with this one goes the separator behind it.
      if (from === 0) out.range(0, event.start);
      from = events[i + 1]?.start ?? event.end;
    } else {
      out.range(from, Math.max(from, events[i - 1]?.end ?? from));
      from = event.end;
    }
  }
  if (kept === 0) out.reset();
  else out.range(from, bytes.length);
}
