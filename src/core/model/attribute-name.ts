import { MAX_ATTRIBUTE_NAME_BYTES } from './limits.ts';

/** The rule of `isAttributeName`, for messages to people. */
export const ATTRIBUTE_NAME_RULE = `letters, digits, _ . : / -, at most ${MAX_ATTRIBUTE_NAME_BYTES}`;

// ASCII, so one character is one byte. A name that ends in a dot has lost what should follow its prefix.
const ATTRIBUTE_NAME = new RegExp(`^(?!.*\\.$)[A-Za-z_][A-Za-z0-9_.:/-]{0,${MAX_ATTRIBUTE_NAME_BYTES - 1}}$`);

/**
 * Whether Dynatrace's log ingest accepts the name of an attribute as it is: `coredns.metadata.log.type`. Every name that
 * is made of logged or configured text has to pass this test: label keys of a FORMAT, members of a JSON record, settings.
 * https://docs.dynatrace.com/docs/analyze-explore-automate/logs/lma-limits
 */
export const isAttributeName = (name: string): boolean =>
  name.length <= MAX_ATTRIBUTE_NAME_BYTES && ATTRIBUTE_NAME.test(name);
