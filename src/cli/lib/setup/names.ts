/**
 * The steps in the order in which they are made. The stack first, because the record key comes from it; then everything
 * that names pods; then Dynatrace's processor, because records that arrive before it are stored as raw JSON for good; then
 * the function in the stream, and only then the logs and their way onto the stream.
 */
export const STEP_NAMES = [
  'stack',
  'access',
  'rbac',
  'dynatrace',
  'attach',
  'resolver',
  'coredns',
  'subscribe',
] as const;
/** One of `STEP_NAMES`. */
export type StepName = (typeof STEP_NAMES)[number];

/** What the user can leave out. */
export const PARTS = ['resolver', 'coredns', 'dynatrace'] as const;
/** One of `PARTS`. */
export type Part = (typeof PARTS)[number];
