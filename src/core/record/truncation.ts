import { capValue } from './json-encoder.ts';

/** Dynatrace's cap for the values of one attribute. */
export const MAX_LIST = 32;

/** Whether a value of the record was cut. */
export type Caps = { hit: boolean };

/** The value within Dynatrace's cap; notes when it was cut. */
export function capped(value: string, caps: Caps): string {
  const cut = capValue(value);
  caps.hit ||= cut !== value;
  return cut;
}
