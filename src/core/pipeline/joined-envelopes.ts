import type { EnvelopeEvents } from './read.ts';

/** An envelope without an event that was changed. */
export const UNCHANGED = 'unchanged';
/** An envelope of which every event was dropped. */
export const DROPPED = 'dropped';

/** What became of an envelope: its new bytes, valid until the next one is rewritten, or one of the words above. */
export type RewrittenEnvelope = Buffer | typeof UNCHANGED | typeof DROPPED;

/**
 * Rewrites the envelopes of a record, nearly always one, and joins them again: new bytes, and the old ones of those that
 * are unchanged, each followed by `ending`. A word where it applies to all of them.
 */
export function joinEnvelopes(
  envelopes: readonly [EnvelopeEvents, ...EnvelopeEvents[]],
  rewrite: (envelope: EnvelopeEvents) => RewrittenEnvelope,
  ending = '',
): RewrittenEnvelope {
  const [first, ...following] = envelopes;
  if (following.length === 0) return rewrite(first);
  const parts = envelopes.map((part) => {
    const rewritten = rewrite(part);
    return typeof rewritten === 'object' ? Buffer.from(rewritten) : rewritten;
  });
  for (const word of [UNCHANGED, DROPPED] as const) if (parts.every((part) => part === word)) return word;
  return Buffer.concat(
    parts.flatMap((part, i) => {
      if (typeof part === 'object') return [part];
      return part === DROPPED ? [] : [(envelopes[i] as EnvelopeEvents).envelope.bytes, Buffer.from(ending)];
    }),
  );
}
