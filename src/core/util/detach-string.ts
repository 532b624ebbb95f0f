// V8 copies shorter slices anyway.
const MIN_SLICE = 13;

/** A copy of a slice that does not keep its source alive: V8's slices point into the whole envelope. */
export const detachString = (text: string): string => (text.length < MIN_SLICE ? text : ` ${text}`.slice(1));
