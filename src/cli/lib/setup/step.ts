// A step of `setup`: what one command would do, worked out before it does it.
import type { StepName } from './names.ts';
import type { Situation } from './situation.ts';

/** One resource that a step creates, changes or takes away: `{ action: 'create', where: 'AWS', resource: 'stack dns' }`. */
export type Change = {
  readonly action: 'create' | 'change' | 'delete';
  readonly where: 'AWS' | 'cluster' | 'Dynatrace';
  readonly resource: string;
};

/** What a step will do now. */
export type StepPlan = {
  /** Empty = it is done already. */
  readonly changes: readonly Change[];
  /** The command that does the same alone. */
  readonly command?: string;
  /** The change as a diff, where it edits something that others own. */
  readonly detail?: string;
  /** What stays, and what the user should know. */
  readonly notes?: readonly string[];
  readonly run?: () => Promise<void>;
};

/** A step, and how it is taken back. Both work out what is to be done from what is there, so a finished step has no changes. */
export type SetupStep = {
  readonly name: StepName;
  readonly plan: (situation: Situation) => Promise<StepPlan>;
  readonly undo: (situation: Situation) => Promise<StepPlan>;
};

/** Nothing to do, perhaps with something to say. */
export const done = (...notes: readonly string[]): StepPlan => ({ changes: [], notes });
