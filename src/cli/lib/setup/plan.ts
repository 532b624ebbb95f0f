// The whole plan of `setup`, and going through it.
import { isUserError, progress, warn } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { ACCESS_STEP, COREDNS_STEP, RBAC_STEP } from './cluster-steps.ts';
import { DYNATRACE_STEP } from './dynatrace-step.ts';
import type { StepName } from './names.ts';
import { RESOLVER_STEP } from './resolver-step.ts';
import { readSituation, type SetupOptions, type Situation } from './situation.ts';
import { STACK_STEP } from './stack-step.ts';
import type { SetupStep, StepPlan } from './step.ts';
import { ATTACH_STEP, SUBSCRIBE_STEP } from './stream-steps.ts';

/** All steps, in the order of `STEP_NAMES`. */
const STEPS: readonly SetupStep[] = [
  STACK_STEP,
  ACCESS_STEP,
  RBAC_STEP,
  DYNATRACE_STEP,
  ATTACH_STEP,
  RESOLVER_STEP,
  COREDNS_STEP,
  SUBSCRIBE_STEP,
];

/** Forward, back, or back with the stack. */
export type Direction = 'apply' | 'undo' | 'undo-with-stack';

/** A step of the plan, or the reason why it cannot be made. */
export type PlannedStep = StepPlan & {
  readonly name: StepName;
  readonly blocked?: { readonly reason: string; readonly remedy: string | undefined };
};

/** What `setup` will do, in this order; nothing was changed. */
export type SetupPlan = { readonly situation: Situation; readonly steps: readonly PlannedStep[] };

/** The steps to take, in their order. */
function chosen({ only, without }: SetupOptions, direction: Direction): readonly SetupStep[] {
  const left = STEPS.filter(
    ({ name }) =>
      !(without as readonly string[]).includes(name) && (only.length === 0 || only.includes(name)),
  );
  if (direction === 'apply') return left;
  return left.toReversed().filter(({ name }) => name !== 'stack' || direction === 'undo-with-stack');
}

const planStep = (step: SetupStep, situation: Situation, direction: Direction): Promise<StepPlan> =>
  direction === 'apply' ? step.plan(situation) : step.undo(situation);

/** Works out what every step would do now. A step that refuses is in the plan with its reason. */
export async function planSetup(aws: Aws, options: SetupOptions, direction: Direction): Promise<SetupPlan> {
  progress(`reading what is there for cluster ${options.cluster}`);
  const situation = await readSituation(aws, options);
  const steps: PlannedStep[] = [];
  for (const step of chosen(options, direction)) {
    try {
      steps.push({ name: step.name, ...(await planStep(step, situation, direction)) });
    } catch (error) {
      if (!isUserError(error)) throw error;
      const { message: reason, remedy } = error;
      steps.push({ name: step.name, changes: [], blocked: { reason, remedy } });
    }
  }
  return { situation, steps };
}

/**
 * Takes the steps. Each is worked out again before it is taken: the earlier ones have changed what is there, and a step
 * that is done by now has nothing to do. So after a failure, the same command goes on where this one stopped.
 */
export async function runSetup(aws: Aws, options: SetupOptions, direction: Direction): Promise<Situation> {
  let situation = await readSituation(aws, options);
  for (const step of chosen(options, direction)) {
    try {
      const { changes, run } = await planStep(step, situation, direction);
      if (changes.length === 0) continue;
      progress(`${direction === 'apply' ? 'step' : 'undoing'} ${step.name}`);
      await run?.();
      // Only the stack makes what later steps look for: function and stream.
      if (step.name === 'stack' && direction === 'apply') situation = await readSituation(aws, options);
    } catch (error) {
      warn(`stopped at step "${step.name}"; the same command goes on from there`);
      throw error;
    }
  }
  return situation;
}
