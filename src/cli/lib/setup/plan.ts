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

/** A step of the plan, or the reason why it cannot be made. */
export type PlannedStep = StepPlan & {
  readonly name: StepName;
  readonly blocked?: { readonly reason: string; readonly remedy: string | undefined };
};

/** What `setup` will do, in this order; nothing was changed. */
export type SetupPlan = { readonly situation: Situation; readonly steps: readonly PlannedStep[] };

/** The steps to take, in their order. */
function chosen({ only, without, undo }: SetupOptions): readonly SetupStep[] {
  const left = STEPS.filter(
    ({ name }) =>
      !(without as readonly string[]).includes(name) && (only.length === 0 || only.includes(name)),
  );
  return undo === true ? left.toReversed() : left;
}

const planStep = (step: SetupStep, situation: Situation): Promise<StepPlan> =>
  situation.options.undo === true ? step.undo(situation) : step.plan(situation);

/** Works out what every step would do now. A step that refuses is in the plan with its reason. */
export async function planSetup(aws: Aws, options: SetupOptions): Promise<SetupPlan> {
  progress(`reading what is there for cluster ${options.cluster}`);
  const situation = await readSituation(aws, options);
  const steps: PlannedStep[] = [];
  for (const step of chosen(options)) {
    try {
      steps.push({ name: step.name, ...(await planStep(step, situation)) });
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
export async function runSetup(aws: Aws, options: SetupOptions): Promise<Situation> {
  let situation = await readSituation(aws, options);
  for (const step of chosen(options)) {
    try {
      const { changes, run } = await planStep(step, situation);
      if (changes.length === 0) continue;
      progress(`${options.undo === true ? 'undoing' : 'step'} ${step.name}`);
      await run?.();
      // Only the stack makes what later steps look for: function and stream.
      if (step.name === 'stack' && options.undo !== true) situation = await readSituation(aws, options);
    } catch (error) {
      warn(`stopped at step "${step.name}"; the same command goes on from there`);
      throw error;
    }
  }
  return situation;
}
