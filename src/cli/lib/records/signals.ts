/** Signals that tell of data in the name itself: a tunnel raises them. */
export const DATA_SIGNALS: ReadonlySet<string> = new Set([
  'long-name',
  'deep-name',
  'high-entropy',
  'hex-label',
]);
