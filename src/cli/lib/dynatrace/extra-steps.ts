// Steps for what helps to use the records: documents, alerts and lists.
import { hasStatus, type Session } from './api.ts';
import { type Content, OWNER } from './content.ts';
import { createDocument, findDocuments, updateDocument } from './documents.ts';
import { findLists, uploadList } from './lists.ts';
import { includes } from './pipeline.ts';
import {
  createObject,
  listObjects,
  type NewObject,
  SCHEMA,
  type StoredObject,
  validateNew,
} from './settings-objects.ts';
import { changeStep, kept, type Step } from './step.ts';

/** Why a classic token cannot have the documents and lists. */
export const CLASSIC_TOKEN = 'an API token cannot; use a platform token';

/** Dashboard and notebook; a note where the token may not make them. */
export async function documentSteps(
  session: Session,
  { documents }: Content,
  notes: string[],
): Promise<readonly Step[]> {
  const names = documents.map(({ type }) => type).join(' and ');
  if (session.token.kind === 'classic') {
    notes.push(`${names}: not made, ${CLASSIC_TOKEN}`);
    return [];
  }
  const steps: Step[] = [];
  for (const document of documents) {
    const { type: kind, name, content } = document;
    try {
      const [stored] = await findDocuments(session, document);
      if (stored === undefined)
        steps.push({
          kind,
          name,
          action: 'create',
          after: `the content of dynatrace/${kind}.json, public in the environment\n`,
          run: () => createDocument(session, document),
        });
      else if (!stored.isPrivate && includes(stored.content, content)) steps.push(kept(kind, name));
      else {
        const run = (): Promise<void> => updateDocument(session, stored, document);
        steps.push({ kind, name, action: 'update', before: stored.content, after: content, run });
      }
    } catch (error) {
      // Pipeline and route need no documents.
      if (!hasStatus(error, 403)) throw error;
      notes.push(`${kind}: not made, the token has no scope document:documents:read`);
    }
  }
  return steps;
}

/** Alerts, recognised by their external id. */
export async function alertSteps(session: Session, alerts: readonly NewObject[]): Promise<readonly Step[]> {
  const stored = (await listObjects(session, SCHEMA.detectors)) ?? [];
  return alerts.map((alert): Step => {
    const name = String(alert.value.title);
    const before = stored.find(
      (one) =>
        one.externalId === alert.externalId ||
        (one.externalId === undefined && isOwnAlert(one) && one.value.title === alert.value.title),
    );
    if (before === undefined)
      return {
        kind: 'alert',
        name,
        action: 'create',
        after: alert.value,
        validate: () => validateNew(session, alert),
        run: async () => {
          await createObject(session, alert);
        },
      };
    if (includes(before.value, alert.value)) return kept('alert', name);
    return changeStep(session, 'alert', name, before, { ...before.value, ...alert.value });
  });
}

/** Whether `apply` made an alert: by its external id, or where the environment does not tell that, by its source. */
export const isOwnAlert = ({ externalId, value }: StoredObject): boolean =>
  externalId === undefined ? value.source === OWNER : externalId.startsWith(`${OWNER}:alert:`);

/** Lookup tables, recognised by the digest of their content. */
export async function listSteps(
  session: Session,
  { lists }: Content,
  notes: string[],
): Promise<readonly Step[]> {
  if (session.token.kind === 'classic') {
    notes.push(`lists: not uploaded, ${CLASSIC_TOKEN}`);
    return [];
  }
  const stored = await storedLists(session, notes);
  return lists.map((list): Step => {
    if (stored.get(list.path) === list.description) return kept('list', list.path);
    const after = { columns: list.columns, rows: list.rows.length, description: list.description };
    return { kind: 'list', name: list.path, action: 'upload', after, run: () => uploadList(session, list) };
  });
}

async function storedLists(session: Session, notes: string[]): Promise<ReadonlyMap<string, string>> {
  try {
    return await findLists(session);
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    notes.push('lists: uploaded again, the token may not look which are there (scope storage:files:read)');
    return new Map();
  }
}
