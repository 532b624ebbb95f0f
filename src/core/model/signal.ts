/**
 * Hints that a query deserves a closer look, in the order in which they are printed as `dns.signals`. A signal is never a
 * verdict. `src/core/question/signals.ts` raises them.
 */
export const SIGNALS = [
  'long-name',
  'deep-name',
  'high-entropy',
  'hex-label',
  'punycode',
  'txt-answer',
  'firewall-alert',
  'firewall-block',
  'bypasses-coredns',
  'metadata-answer',
] as const;

/** One of `SIGNALS`. */
export type Signal = (typeof SIGNALS)[number];
