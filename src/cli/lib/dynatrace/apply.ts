// Making pipeline, route, documents, alerts and lists: what has to change, and changing it.
import type { JsonObject } from '../../../core/util/json.ts';
import { isUserError, warn } from '../../terminal.ts';
import type { Session } from './api.ts';
import type { Content } from './content.ts';
import { alertSteps, documentSteps, listSteps } from './extra-steps.ts';
import { differences, matcherOf, merged, PIPELINE_ID, withStages, writesFindings } from './pipeline.ts';
import { keysIn, withKeys } from './record-key.ts';
import { type Made, type RouteConsent, refuseToPrecede, routeStep } from './route-step.ts';
import { entriesOf, planRoute, type RoutePlan } from './routing.ts';
import {
  createObject,
  isShared,
  type NewObject,
  SCHEMA,
  type StoredObject,
  shareObject,
  validateNew,
} from './settings-objects.ts';
import { changeStep, kept, runSteps, type Step } from './step.ts';
import type { Tenant } from './tenant.ts';

/** What to apply. */
export type ApplyOptions = RouteConsent & {
  /** Record keys to add to those that the pipeline asks for; `none` = the functions write no key. */
  readonly keys: readonly string[] | 'none';
  readonly alerts: boolean;
  readonly findings: boolean;
  readonly lists: boolean;
};

/** Everything that `apply` will do. */
export type ApplyPlan = {
  readonly steps: readonly Step[];
  readonly route: RoutePlan;
  /** What is not made, and why. */
  readonly notes: readonly string[];
};

/** The value of the pipeline of this version. */
export function wantedPipeline(content: Content, keys: readonly string[], findings: boolean): JsonObject {
  const { pipeline } = content;
  const more = findings ? content.findings : undefined;
  return withKeys(more === undefined ? pipeline : withStages(pipeline, more), keys);
}

/** The keys for which the pipeline will ask: those that it asks for, and more. */
function allKeys(stored: StoredObject | undefined, keys: ApplyOptions['keys']): readonly string[] {
  return keys === 'none' ? [] : [...new Set([...keysIn(stored?.value), ...keys])];
}

/** Stands for the id of a pipeline that does not exist yet. */
const NEW_PIPELINE = '<object id of the new pipeline>';

/** Works out what has to change; changes nothing. */
export async function planApply(
  session: Session,
  tenant: Tenant,
  content: Content,
  options: ApplyOptions,
): Promise<ApplyPlan> {
  const { pipeline } = tenant;
  const notes: string[] = [];
  const findings = options.findings || (pipeline !== undefined && writesFindings(pipeline.value));
  const wanted = wantedPipeline(content, allKeys(pipeline, options.keys), findings);
  if (options.findings && content.findings === undefined) notes.push('findings: this version has none');
  const made: Made = { pipelineId: pipeline?.objectId };
  const entries = entriesOf(tenant.routing?.value);
  const matcher = matcherOf(wanted);
  const route = planRoute(
    entries,
    made.pipelineId ?? NEW_PIPELINE,
    matcher,
    options.position,
    tenant.pipelines,
  );
  const steps = [
    ...(await pipelineSteps(session, pipeline, wanted, made)),
    routeStep(session, tenant, route, options, made, matcher),
    ...(await documentSteps(session, content, notes)),
    ...(options.alerts ? await alertSteps(session, content.alerts) : []),
    ...(options.lists ? await listSteps(session, content, notes) : []),
  ];
  return { steps, route, notes };
}

/** Makes the planned changes; throws before the first if they are unsafe or Dynatrace would refuse one. */
export async function apply(plan: ApplyPlan, { mayPrecede }: ApplyOptions): Promise<void> {
  refuseToPrecede(plan.route, mayPrecede);
  await runSteps(plan.steps);
}

async function pipelineSteps(
  session: Session,
  stored: StoredObject | undefined,
  wanted: JsonObject,
  made: Made,
): Promise<readonly Step[]> {
  const isOwned = session.token.kind === 'platform';
  const share: Step = {
    kind: 'pipeline',
    name: PIPELINE_ID,
    action: 'share',
    before: 'readable for its owner\n',
    after: 'readable for all users of the environment\n',
    run: () => shareIfPossible(session, made.pipelineId ?? ''),
  };
  if (stored === undefined) {
    const object: NewObject = { schemaId: SCHEMA.pipelines, scope: 'environment', value: wanted };
    const create: Step = {
      kind: 'pipeline',
      name: PIPELINE_ID,
      action: 'create',
      after: wanted,
      validate: () => validateNew(session, object),
      run: async () => {
        made.pipelineId = await createObject(session, object);
      },
    };
    return isOwned ? [create, share] : [create];
  }
  const value = merged(stored.value, wanted);
  const change: Step =
    differences(stored.value, wanted).length === 0
      ? kept('pipeline', PIPELINE_ID)
      : changeStep(session, 'pipeline', PIPELINE_ID, stored, value);
  return isOwned && !(await isShared(session, stored.objectId)) ? [change, share] : [change];
}

/** A pipeline that only its owner sees works as well, so its route is made in any case. */
async function shareIfPossible(session: Session, objectId: string): Promise<void> {
  try {
    await shareObject(session, objectId);
  } catch (error) {
    if (!isUserError(error)) throw error;
    warn(`only you see the pipeline: ${error.message}`);
  }
}
