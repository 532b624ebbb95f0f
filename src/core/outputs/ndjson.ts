import { DROP, type Editor, KEEP } from '../model/edit.ts';
import type { Envelope, EventSpan } from '../model/envelope.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { isTimeMs } from '../util/rfc3339.ts';
import type { OutputContext } from './index.ts';

/**
 * Writes one JSON object a line, each line ended: normalized records, and for events that are no DNS log
 * `{"timestamp":"...","content":"<message>","aws.log_group":"...",...}`. Writes nothing when no event is left.
 */
export function writeLines(
  envelope: Envelope,
  editor: Editor,
  out: ByteWriter,
  context: OutputContext,
): void {
  const origin = originText(envelope, context);
  for (const [i, event] of envelope.events.entries()) {
    const edit = editor.decide(i);
    if (edit === DROP) continue;
    if (edit === KEEP) out.add(plainLine(envelope, event, context) + origin);
    else editor.write();
    out.add('\n');
  }
}

function plainLine(envelope: Envelope, event: EventSpan, context: OutputContext): string {
  const { text } = envelope;
  // A literal is a literal in any JSON: copied, not decoded. An event without one stands for itself.
  const content =
    event.messageStart < 0
      ? JSON.stringify(text.slice(event.start, event.end))
      : text.slice(event.messageStart, event.messageEnd);
  // Without a usable time the far end takes its own.
  const time = isTimeMs(event.timestampMs) ? `"timestamp":"${context.timestamp(event.timestampMs)}",` : '';
  return `{${time}"content":${content}`;
}

function originText(envelope: Envelope, context: OutputContext): string {
  const pairs = [
    ['aws.log_group', envelope.logGroup],
    ['aws.log_stream', envelope.logStream],
    ['aws.account.id', envelope.owner],
    ['aws.region', context.region],
    ['cloud.provider', 'aws'],
  ] as const;
  let out = '';
  for (const [name, value] of pairs) {
    if (value === undefined) continue;
    out += `,"${name}":${Buffer.from(JSON.stringify(value), 'utf8').toString('latin1')}`;
  }
  return `${out}}`;
}
