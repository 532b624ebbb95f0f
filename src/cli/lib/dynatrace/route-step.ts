// Our route: one entry in the list of all routes, written without losing what others write at the same time.
import type { JsonObject } from '../../../core/util/json.ts';
import { EXIT, fail } from '../../terminal.ts';
import { hasStatus, type Session } from './api.ts';
import { entriesOf, nameOf, type Position, planRoute, type RoutePlan } from './routing.ts';
import {
  changeObject,
  createObject,
  type NewObject,
  SCHEMA,
  type StoredObject,
  validateChange,
  validateNew,
} from './settings-objects.ts';
import { conflict, kept, type Step } from './step.ts';
import { readRouting, type Tenant } from './tenant.ts';

/** Where our route may go. */
export type RouteConsent = {
  /** By default a new route goes first, and one that is there stays. */
  readonly position: Position | undefined;
  /** Whether our route may go ahead of enabled routes of others. */
  readonly mayPrecede: boolean;
};

/** What earlier steps made. */
export type Made = { pipelineId: string | undefined };

/** Throws if our route would newly go ahead of routes of others and the user did not agree. */
export function refuseToPrecede({ action, precedes }: RoutePlan, mayPrecede: boolean): void {
  if (action !== 'keep' && precedes.length > 0 && !mayPrecede)
    throw fail(
      `our route would go ahead of ${precedes.length} enabled route${precedes.length === 1 ? '' : 's'} of others: ${precedes.join(', ')}`,
      'add --yes if records of the function are to reach none of them; --position last lets them win',
      EXIT.refused,
    );
}

/** Attempts to write the routes while others change them. */
export const ROUTE_ATTEMPTS = 3;

/** The step that makes, moves, enables or changes our route, or keeps it. */
export function routeStep(
  session: Session,
  { routing, pipelines }: Tenant,
  plan: RoutePlan,
  { position, mayPrecede }: RouteConsent,
  made: Made,
  matcher: string,
): Step {
  const name = nameOf(plan.after);
  if (plan.action === 'keep') return kept('route', name);
  const planFor = (stored: StoredObject | undefined): RoutePlan =>
    planRoute(entriesOf(stored?.value), made.pipelineId ?? '', matcher, position, pipelines);
  const write = async (): Promise<void> => {
    for (let attempt = 1; attempt <= ROUTE_ATTEMPTS; attempt += 1) {
      // Read again each time: nothing of what others did meanwhile may get lost.
      const stored = await readRouting(session);
      const now = planFor(stored);
      refuseToPrecede(now, mayPrecede);
      if (now.action === 'keep' || (await writeRoutes(session, stored, now))) return;
    }
    throw conflict('the routes');
  };
  return {
    kind: 'route',
    name,
    action: plan.action,
    before: listOf(entriesOf(routing?.value)),
    after: listOf(plan.entries),
    // A route to a pipeline that does not exist yet would be refused.
    ...(made.pipelineId !== undefined &&
      routing !== undefined && {
        validate: () => validateChange(session, routing, withEntries(routing, plan)),
      }),
    run: write,
  };
}

const listOf = (entries: readonly JsonObject[]): object | undefined =>
  entries.length === 0 ? undefined : { routingEntries: entries };

const withEntries = (stored: StoredObject, { entries }: RoutePlan): JsonObject => ({
  ...stored.value,
  routingEntries: entries,
});

/** Writes the routes; resolves to false if somebody else changed them. */
async function writeRoutes(
  session: Session,
  stored: StoredObject | undefined,
  plan: RoutePlan,
): Promise<boolean> {
  if (stored !== undefined) {
    const value = withEntries(stored, plan);
    await validateChange(session, stored, value);
    return changeObject(session, stored, value);
  }
  const object: NewObject = {
    schemaId: SCHEMA.routing,
    scope: 'environment',
    externalId: ROUTING_EXTERNAL_ID,
    value: { routingEntries: plan.entries },
  };
  try {
    await validateNew(session, object);
    // There is no version to compare, and creating may replace: so look as late as possible for the first route of others.
    if ((await readRouting(session)) !== undefined) return false;
    await createObject(session, object);
    return true;
  } catch (error) {
    if (hasStatus(error, 409) || (await readRouting(session)) !== undefined) return false;
    throw error;
  }
}

/** On a routing object that `apply` made, so that `remove` takes it away again. */
export const ROUTING_EXTERNAL_ID = 'eks-dns-firehose:routing';
