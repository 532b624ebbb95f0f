// What Dynatrace accepts of one attribute.
// https://docs.dynatrace.com/docs/analyze-explore-automate/logs/lma-limits

/** Values in an array. */
export const MAX_ATTRIBUTE_VALUES = 32;
/** UTF-8 bytes of a value. */
export const MAX_ATTRIBUTE_BYTES = 32_000;
/** UTF-8 bytes of a name. */
export const MAX_ATTRIBUTE_NAME_BYTES = 100;
