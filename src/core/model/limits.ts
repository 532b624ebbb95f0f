// Limits of Dynatrace for one attribute of a log record.
// https://docs.dynatrace.com/docs/analyze-explore-automate/logs/lma-limits

/** Most values in an array. */
export const MAX_ATTRIBUTE_VALUES = 32;
/** Size of a value, UTF-8 bytes. */
export const MAX_ATTRIBUTE_BYTES = 32_000;
/** Size of a name, UTF-8 bytes. */
export const MAX_ATTRIBUTE_NAME_BYTES = 100;
