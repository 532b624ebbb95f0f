/** What was promised, what was found; never a reason to fail. */
export type Verdict = {
  readonly target: string;
  readonly found: string;
  readonly isMet: boolean;
};

/** What a section has found out. */
export type Findings = {
  /** For machines: plain numbers, units in the names. */
  readonly figures: unknown;
  /** The same for people. */
  readonly text: string;
  /** Targets of design section 10 (and the caps of section 4) that this section can tell about. */
  readonly verdicts: readonly Verdict[];
};

/** A part of `npm run bench`. */
export type Section = {
  readonly title: string;
  readonly measure: () => Promise<Findings>;
};
