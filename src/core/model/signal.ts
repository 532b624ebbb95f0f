/**
 * What is worth a second look in one query, in the order in which it is printed as `dns.signals`. A signal is a hint
 * for a hunter, never a verdict; `src/core/question/signals.ts` says what raises which.
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
] as const;

/** One of `SIGNALS`. */
export type Signal = (typeof SIGNALS)[number];
