import type { Envelope, EventSpan } from '../model/envelope.ts';
import type { Origin } from '../model/origin.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { isTimeMs, rfc3339Text } from '../util/rfc3339.ts';
import { wellFormedBinaryJson } from '../util/well-formed.ts';
import type { EnvelopeWriter } from './output.ts';

/**
 * Creates the writer of one JSON object per line, each line ended: normalised records, and for other events
 * `{"timestamp":"...","content":"<message>","aws.log_group":"...",...}`.
 */
export function createNdjsonWriter(out: ByteWriter): EnvelopeWriter {
  let envelope: Envelope | undefined;
  let originOf: ((index: number) => Origin) | undefined;
  let lastOrigin: Origin | undefined;
  let lastMembers = '';

  const membersOf = (origin: Origin): string => {
    if (origin !== lastOrigin) lastMembers = originMembers(origin);
    lastOrigin = origin;
    return lastMembers;
  };

  return {
    begin: (next, nextOriginOf) => {
      envelope = next;
      originOf = nextOriginOf;
      out.clear();
    },
    keep: (index) => {
      const event = envelope?.events[index];
      if (envelope !== undefined && event !== undefined && originOf !== undefined)
        out.addText(`${firstMembers(envelope, event)}${membersOf(originOf(index))}\n`);
    },
    beginRecord: () => undefined,
    endRecord: () => out.addText('\n'),
    drop: () => undefined,
    end: () => undefined,
  };
}

/** `{"timestamp":"...","content":"..."` of an event that stays as it is. */
function firstMembers({ text }: Envelope, event: EventSpan): string {
  // A JSON string is copied, not decoded. An event without a message is itself the content.
  const content =
    event.messageStart < 0
      ? JSON.stringify(wellFormedBinaryJson(text.slice(event.start, event.end)))
      : wellFormedBinaryJson(text.slice(event.messageStart, event.messageEnd));
  // Without a usable time the receiver sets its own.
  const time = isTimeMs(event.timestampMs) ? `"timestamp":"${rfc3339Text(event.timestampMs)}",` : '';
  return `{${time}"content":${content}`;
}

function originMembers(origin: Origin): string {
  const pairs = [
    ['aws.log_group', origin.logGroup],
    ['aws.log_group.source', origin.sourceLogGroup],
    ['aws.log_stream', origin.logStream],
    ['aws.account.id', origin.accountId],
    ['aws.region', origin.region],
    ['cloud.provider', 'aws'],
  ] as const;
  let out = '';
  for (const [name, value] of pairs) {
    if (value === undefined) continue;
    const literal = JSON.stringify(value.toWellFormed());
    out += `,"${name}":${Buffer.from(literal, 'utf8').toString('latin1')}`;
  }
  return `${out}}`;
}
