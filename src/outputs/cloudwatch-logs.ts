import { DROP, type EventEdit, KEEP } from '../model/edit.ts';
import type { Envelope } from '../model/envelope.ts';

/**
 * The envelope with its messages replaced where an edit says so; every other byte is copied: ids, timestamps, white
 * space, members we do not know, messages that are not ours. Empty text when no event is left.
 */
export function writeEnvelope(envelope: Envelope, edits: readonly EventEdit[]): string {
  const { text, events } = envelope;
  let out = '';
  let previousEnd = 0;
  for (let i = 0; i < events.length; i++) {
    const event = events[i];
    if (event === undefined) break;
    const edit = edits[i] ?? KEEP;
    if (edit !== DROP) {
      // Before the first event that stays, the envelope's head; else whatever separated this event from its neighbour.
      out += out === '' ? text.slice(0, events[0]?.start) : text.slice(previousEnd, event.start);
      out +=
        edit === KEEP
          ? text.slice(event.start, event.end)
          : text.slice(event.start, event.messageStart + 1) +
            edit +
            text.slice(event.messageEnd - 1, event.end);
    }
    previousEnd = event.end;
  }
  return out === '' ? '' : out + text.slice(previousEnd);
}
