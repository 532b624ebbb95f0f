/** One step of a recipe: a change to one file. */
export type Step = {
  readonly file: string;
  /** The work of a person in that file, for docs/contributing.md. */
  readonly what: string;
  /** The dummy change: a new file, text inserted after or before a text of the file, or a text replaced by another. */
  readonly change:
    | { readonly create: string }
    | { readonly after: string; readonly insert: string }
    | { readonly before: string; readonly insert: string }
    | { readonly replace: string; readonly by: string };
};

/** How something is added to the program. */
export type Recipe = {
  /** Name of the region in docs/contributing.md: `source` for `recipe-source`. */
  readonly name: string;
  /** What is added: `a log source`. */
  readonly title: string;
  /** Most files that a person has to touch, besides golden cases and generated files. */
  readonly maxFiles: number;
  readonly steps: readonly Step[];
  /** Golden cases: files below test/golden/, whose `expected.json` is then written by the test. */
  readonly golden: readonly (readonly [path: string, text: string])[];
  /** Whether existing golden cases change, because every record does. */
  readonly changesAllGolden: boolean;
  /** Test files and folders that hold the addition. */
  readonly tests: readonly string[];
};

/** Applies a change to the text of a file (undefined = the file does not exist yet). */
export function applyChange({ file, change }: Step, text: string | undefined): string {
  if ('create' in change) {
    if (text !== undefined) throw new Error(`${file} exists already`);
    return change.create;
  }
  const anchor = 'after' in change ? change.after : 'before' in change ? change.before : change.replace;
  const parts = text?.split(anchor) ?? [];
  if (parts.length !== 2)
    throw new Error(`${file}: "${anchor}" is there ${parts.length - 1} times, not once`);
  if ('replace' in change) return parts.join(change.by);
  return parts.join('after' in change ? anchor + change.insert : change.insert + anchor);
}
