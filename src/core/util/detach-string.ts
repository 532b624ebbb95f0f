// V8 copies a shorter piece of a text anyway.
const MIN_SLICE = 13;

/** A text that does not keep the one alive that it was cut from: V8's slices point into the whole envelope. */
export const detachString = (text: string): string => (text.length < MIN_SLICE ? text : ` ${text}`.slice(1));
