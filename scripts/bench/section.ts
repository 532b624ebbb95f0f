/** A target and its measured value; a missed target is reported, but the bench does not fail. */
export type Verdict = {
  readonly target: string;
  readonly found: string;
  readonly isMet: boolean;
};

/** Results of a section. */
export type Findings = {
  /** For JSON: plain numbers, with units in the names. */
  readonly figures: unknown;
  /** Human-readable text. */
  readonly text: string;
  /** Targets of the design that this section measures. */
  readonly verdicts: readonly Verdict[];
};

/** A part of `npm run bench`. */
export type Section = {
  readonly title: string;
  readonly measure: () => Promise<Findings>;
};
