// V8 copies shorter slices anyway (`SlicedString::kMinLength`).
const MIN_SLICE = 13;

/** Copies a slice, so that it does not keep its source in memory: a V8 slice points into the whole envelope. */
export const detachString = (text: string): string => (text.length < MIN_SLICE ? text : ` ${text}`.slice(1));
