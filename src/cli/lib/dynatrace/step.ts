// A step of `apply` or `remove`.
import type { JsonObject } from '../../../core/util/json.ts';
import { fail, progress } from '../../terminal.ts';
import type { Session } from './api.ts';
import { changeObject, type StoredObject, validateChange } from './settings-objects.ts';

/** One change of an environment, or something that is as it should be. */
export type Step = {
  readonly kind: 'pipeline' | 'route' | 'dashboard' | 'notebook' | 'alert' | 'list';
  readonly name: string;
  readonly action: 'keep' | 'create' | 'update' | 'enable' | 'move' | 'share' | 'upload' | 'delete';
  /** What is there, and what will be; undefined = nothing. For the diff. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** Asks Dynatrace whether it would take the change. Runs before the first change is made. */
  readonly validate?: () => Promise<void>;
  readonly run: () => Promise<void>;
};

/** A step for something that needs no change. */
export const kept = (kind: Step['kind'], name: string): Step => ({
  kind,
  name,
  action: 'keep',
  run: async () => {},
});

/** Validates all steps, then makes their changes in order; each is named before it is made, so that a failure has a place. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  for (const { validate } of steps) await validate?.();
  for (const { action, kind, name, run } of steps) {
    if (action !== 'keep') progress(`${action} ${kind} ${name}`);
    await run();
  }
}

/** Changes a settings object. */
export function changeStep(
  session: Session,
  kind: Step['kind'],
  name: string,
  stored: StoredObject,
  value: JsonObject,
): Step {
  return {
    kind,
    name,
    action: 'update',
    before: stored.value,
    after: value,
    validate: () => validateChange(session, stored, value),
    run: async () => {
      if (!(await changeObject(session, stored, value))) throw conflict(`the ${kind} ${name}`);
    },
  };
}

/** The error when somebody else changed the same object. */
export const conflict = (what: string): Error =>
  fail(
    `somebody else changed ${what} at the same time`,
    'run the command again: it reads the new state first',
  );
