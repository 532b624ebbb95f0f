// Taking away what `apply` made, and nothing else.
import type { JsonObject } from '../../../core/util/json.ts';
import { EXIT, fail } from '../../terminal.ts';
import { hasStatus, type Session } from './api.ts';
import { type Content, OWNER } from './content.ts';
import { deleteDocument, findDocuments } from './documents.ts';
import { CLASSIC_TOKEN, isOwnAlert } from './extra-steps.ts';
import { deleteList, findLists } from './lists.ts';
import { foreignProcessors, merged, PIPELINE_ID } from './pipeline.ts';
import { plain } from './plain.ts';
import { ROUTE_ATTEMPTS, ROUTING_EXTERNAL_ID } from './route-step.ts';
import { entriesOf, nameOf, ownEntry } from './routing.ts';
import {
  changeObject,
  deleteObject,
  listObjects,
  SCHEMA,
  type StoredObject,
  validateChange,
} from './settings-objects.ts';
import { changeStep, conflict, type Step } from './step.ts';
import { readRouting, type Tenant } from './tenant.ts';

/** Everything that `remove` will do. */
export type RemovePlan = { readonly steps: readonly Step[]; readonly notes: readonly string[] };

/** Works out what has to go; changes nothing. Throws if routes of others lead to our pipeline. */
export async function planRemove(session: Session, tenant: Tenant, content: Content): Promise<RemovePlan> {
  const notes: string[] = [];
  const { pipeline, routing } = tenant;
  const steps = [
    ...(pipeline === undefined ? [] : routeSteps(session, routing, pipeline.objectId)),
    ...(pipeline === undefined ? [] : [pipelineStep(session, pipeline, notes)]),
    ...(await documentSteps(session, content, notes)),
    ...(await alertSteps(session)),
    ...(await listSteps(session, content, notes)),
  ];
  return { steps, notes };
}

function routeSteps(
  session: Session,
  routing: StoredObject | undefined,
  pipelineId: string,
): readonly Step[] {
  const entries = entriesOf(routing?.value);
  const own = ownEntry(entries, pipelineId);
  const others = entries.filter((entry) => entry !== own && entry.pipelineId === pipelineId);
  if (others.length > 0)
    throw fail(
      `other routes lead to the pipeline as well: ${others.map(nameOf).join(', ')}`,
      'delete them in OpenPipeline > Logs > Dynamic routing first, or let them lead elsewhere',
      EXIT.refused,
    );
  if (routing === undefined || own === undefined) return [];
  const value = withoutOwn(routing, pipelineId);
  return [
    {
      kind: 'route',
      name: nameOf(own),
      action: 'delete',
      before: routing.value,
      after: value,
      ...(value !== undefined && { validate: () => validateChange(session, routing, value) }),
      run: () => deleteRoute(session, pipelineId),
    },
  ];
}

/** The routes without ours; undefined if `apply` made the object and nothing else is in it. */
function withoutOwn({ value, externalId }: StoredObject, pipelineId: string): JsonObject | undefined {
  const entries = entriesOf(value);
  const own = ownEntry(entries, pipelineId);
  const left = entries.filter((entry) => entry !== own);
  return left.length === 0 && externalId === ROUTING_EXTERNAL_ID
    ? undefined
    : { ...value, routingEntries: left };
}

async function deleteRoute(session: Session, pipelineId: string): Promise<void> {
  for (let attempt = 1; attempt <= ROUTE_ATTEMPTS; attempt += 1) {
    const routing = await readRouting(session);
    if (routing === undefined || ownEntry(entriesOf(routing.value), pipelineId) === undefined) return;
    const value = withoutOwn(routing, pipelineId);
    if (value === undefined) return deleteObject(session, routing);
    if (await changeObject(session, routing, value)) return;
  }
  throw conflict('the routes');
}

function pipelineStep(session: Session, stored: StoredObject, notes: string[]): Step {
  const others = foreignProcessors(stored.value);
  if (others.length === 0)
    return {
      kind: 'pipeline',
      name: PIPELINE_ID,
      action: 'delete',
      before: stored.value,
      run: () => deleteObject(session, stored),
    };
  notes.push(`pipeline: kept, because it holds processors of others: ${others.join(', ')}`);
  return changeStep(session, 'pipeline', PIPELINE_ID, stored, merged(stored.value, {}));
}

async function documentSteps(
  session: Session,
  { documents }: Content,
  notes: string[],
): Promise<readonly Step[]> {
  if (session.token.kind === 'classic') {
    notes.push(`dashboard, notebook and lists: not looked for, ${CLASSIC_TOKEN}`);
    return [];
  }
  const steps: Step[] = [];
  for (const document of documents) {
    const { type: kind, name } = document;
    const found = await orNote(findDocuments(session, document), [], notes, kind, 'document:documents:read');
    for (const stored of found)
      steps.push({
        kind,
        name,
        action: 'delete',
        before: stored.content,
        run: () => deleteDocument(session, stored),
      });
  }
  return steps;
}

async function alertSteps(session: Session): Promise<readonly Step[]> {
  const stored = (await listObjects(session, SCHEMA.detectors)) ?? [];
  return stored.filter(isOwnAlert).map((alert) => ({
    kind: 'alert',
    name: plain(String(alert.value.title)),
    action: 'delete',
    before: alert.value,
    run: () => deleteObject(session, alert),
  }));
}

async function listSteps(session: Session, { lists }: Content, notes: string[]): Promise<readonly Step[]> {
  if (session.token.kind === 'classic' || lists.length === 0) return [];
  const stored = await orNote(findLists(session), new Map(), notes, 'lists', 'storage:files:read');
  const steps: Step[] = [];
  for (const [path, description] of stored)
    if (description.startsWith(OWNER))
      steps.push({
        kind: 'list',
        name: plain(path),
        action: 'delete',
        before: { description },
        run: () => deleteList(session, path),
      });
    else notes.push(`${plain(path)}: kept, somebody replaced it with a list of their own`);
  return steps;
}

/** What is found; if the token may not look, a note and `otherwise`. */
async function orNote<T>(
  work: Promise<T>,
  otherwise: T,
  notes: string[],
  what: string,
  scope: string,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    notes.push(`${what}: not looked for, the token has no scope ${scope}`);
    return otherwise;
  }
}
