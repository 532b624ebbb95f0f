// A complete setup, broken at one place: which check of `doctor` finds it, and what its fix is good for.
import type { setupPerTest } from '../setup-run.ts';

/** What a break may change: cluster, account and environment of a test. */
export type Run = ReturnType<typeof setupPerTest>;

/** One break of one link. */
export type BrokenSetup = {
  readonly name: string;
  readonly break: (run: Run) => unknown;
  /** More options of `doctor`. */
  readonly args?: readonly string[];
  /** The check that finds it. */
  readonly check: string;
  /**
   * Its commands mend the link, at least show something, or it has none: it says what a person has to find out or do.
   */
  readonly fix: 'mends' | 'shows' | 'says';
};

/** Changes the clusters of the function; undefined: it is not deployed. */
export const clusters =
  (text: string | undefined) =>
  ({ account }: Run): void => {
    account.state.clusters = text;
    account.state.entries = text?.split(',') ?? [];
  };
