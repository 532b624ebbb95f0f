// The step in Dynatrace: `dynatrace apply` and `dynatrace remove`.
import { EXIT, fail } from '../../terminal.ts';
import { stackOutputs } from '../aws/stack.ts';
import {
  apply,
  checkedKey,
  keysIn,
  loadContent,
  openSession,
  parsePosition,
  planApply,
  planRemove,
  readTenant,
  runSteps,
  type Step,
} from '../dynatrace/index.ts';
import { commandLine } from '../shell.ts';
import type { Situation } from './situation.ts';
import { type Change, done, type SetupStep, type StepPlan } from './step.ts';

/** Pipeline, route, dashboard and notebook. */
export const DYNATRACE_STEP: SetupStep = { name: 'dynatrace', plan, undo };

async function sessionOf({ options: { dynatrace, tokenFile } }: Situation) {
  if (dynatrace === undefined)
    throw fail(
      'the environment is not named',
      'add --dynatrace https://<environment>.apps.dynatrace.com, with the token in DT_TOKEN or --token-file <path>; or leave it out: --without dynatrace',
      EXIT.usage,
    );
  return openSession(dynatrace, tokenFile === undefined ? {} : { tokenFile });
}

/** The record key of the stack; undefined before there is one. */
async function recordKey({ aws, stack }: Situation): Promise<string | undefined> {
  const key = (await stackOutputs(aws, stack))?.get('RecordKey');
  return key === undefined ? undefined : checkedKey(key);
}

async function plan(situation: Situation): Promise<StepPlan> {
  const { options, stack } = situation;
  const session = await sessionOf(situation);
  const tenant = await readTenant(session);
  const key = await recordKey(situation);
  const applyOptions = {
    keys: key === undefined ? [] : [key],
    position: options.position === undefined ? undefined : parsePosition(options.position),
    alerts: false,
    findings: false,
    lists: false,
    // The plan names the routes of others that ours would precede, and the user agrees to the plan.
    mayPrecede: true,
  };
  const planned = await planApply(session, tenant, loadContent(), applyOptions);
  const { action, precedes, behind } = planned.route;
  return {
    changes: changesOf(planned.steps),
    command: commandLine(['eks-dns', 'dynatrace', 'apply', options.dynatrace ?? ''], {
      ...tokenOf(options),
      stack,
      position: options.position,
      // The user agrees to the plan, which names the routes of others that ours would precede.
      yes: precedes.length > 0 || undefined,
      region: options.region,
    }),
    notes: [
      ...planned.notes,
      ...(action === 'keep'
        ? []
        : precedes.map((name) => `our route goes ahead of the enabled route "${name}"`)),
      ...behind.map((name) => `the enabled route "${name}" is ahead of ours and may take its records`),
    ],
    run: async () => {
      // Without a key the pipeline would take whatever looks like a record.
      if (key === undefined)
        throw fail(`stack ${stack} has no output RecordKey`, 'take the step "stack" first');
      await apply(planned, applyOptions);
    },
  };
}

async function undo(situation: Situation): Promise<StepPlan> {
  const { options, otherClusters } = situation;
  if (otherClusters.length > 0) return done(`pipeline and route stay for ${otherClusters.join(', ')}`);
  const session = await sessionOf(situation);
  const tenant = await readTenant(session);
  const key = await recordKey(situation);
  const keys = keysIn(tenant.pipeline?.value);
  // Where the stack is gone, one of the keys was its.
  const others = key === undefined ? keys.slice(1) : keys.filter((one) => one !== key);
  if (others.length > 0)
    return done(
      `pipeline and route stay, for they take the records of ${others.length} more ${others.length === 1 ? 'stack' : 'stacks'}`,
    );
  const { steps, notes } = await planRemove(session, tenant, loadContent());
  return {
    changes: changesOf(steps),
    command: commandLine(['eks-dns', 'dynatrace', 'remove', options.dynatrace ?? ''], tokenOf(options)),
    notes,
    run: () => runSteps(steps),
  };
}

const tokenOf = ({ tokenFile }: Situation['options']) => ({ 'token-file': tokenFile });

const changesOf = (steps: readonly Step[]): readonly Change[] =>
  steps.flatMap(({ action, kind, name }): readonly Change[] => {
    if (action === 'keep') return [];
    const known = action === 'create' || action === 'delete' ? action : 'change';
    const how = action === known || action === 'update' ? '' : ` (${action})`;
    return [{ action: known, where: 'Dynatrace', resource: `${kind} ${name}${how}` }];
  });
