import type { Stamp } from './stamp.ts';

/** A line or a JSON text; `value` is undefined unless it is JSON, `stamp` what a tool printed before it. */
export type Text = { readonly text: string; readonly value: unknown; readonly stamp: Stamp | undefined };

/** Whether a container runtime split the line, and the rest follows. */
export const isPart = (text: string): boolean => PART.test(text.slice(0, PART_CHARS));

const PART = / std(?:out|err) P[ :]/;
const PART_CHARS = 64;
