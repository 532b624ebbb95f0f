// The types of values that variables have.
import * as z from 'zod';

/** The items of a comma-separated list, without blanks. */
export const items = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** `a, b` */
export const list = z.string().transform(items);

/** A whole number within limits. */
// `z.coerce` reads an empty text as 0, so the digits are checked first.
export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\s*\d{1,12}\s*$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/** One of a closed set. */
export const choice = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` });

/** `a=b,c=d`; a value may contain `=` but not a comma. */
export const pairs = (hint: string) =>
  z.string().transform((text, context) =>
    items(text).map((item): [string, string] => {
      const at = item.indexOf('=');
      const key = item.slice(0, Math.max(0, at)).trim();
      const value = item.slice(at + 1).trim();
      if (key === '' || value === '') {
        context.addIssue({ code: 'custom', message: `must be a list like ${hint}; found "${item}"` });
      }
      return [key, value];
    }),
  );

/** Text without blanks around it. */
export const text = z.string().transform((value) => value.trim());
