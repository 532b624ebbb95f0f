// Dashboards and notebooks: documents of the platform, made public to the environment.
// https://docs.dynatrace.com/docs/dynatrace-api/platform-api/platform-document-v1
import { isObject, type JsonObject } from '../../../core/util/json.ts';
import { fail } from '../../terminal.ts';
import { platformUrl, type Session, send } from './api.ts';
import type { ShippedDocument } from './content.ts';

/** A document as it is stored. */
export type StoredDocument = {
  readonly id: string;
  /** Version for optimistic locking. */
  readonly version: string;
  readonly isPrivate: boolean;
  readonly content: unknown;
};

const url = (session: Session, path = ''): string =>
  `${platformUrl(session)}/platform/document/v1/documents${path}`;

const READ = { does: 'read documents', scope: 'document:documents:read' };
const WRITE = { does: 'write documents', scope: 'document:documents:write' };
const DELETE = { does: 'delete documents', scope: 'document:documents:delete' };

/** The documents that `apply` made with this external id; more than one if it ran twice at the same time. */
export async function findDocuments(
  session: Session,
  { externalId, type }: Pick<ShippedDocument, 'externalId' | 'type'>,
): Promise<readonly StoredDocument[]> {
  const { body } = await send(session, {
    ...READ,
    method: 'GET',
    url: url(session),
    query: { filter: `externalId == '${externalId}'` },
  });
  const documents = isObject(body) ? body.documents : undefined;
  if (!Array.isArray(documents)) throw unexpected();
  const found: StoredDocument[] = [];
  for (const metadata of documents) {
    // Nothing of others is touched, whatever the filter let through.
    if (!isObject(metadata) || metadata.type !== type || (metadata.externalId ?? externalId) !== externalId)
      continue;
    const { id, version, isPrivate } = documentOf(metadata);
    const path = `/${encodeURIComponent(id)}/content`;
    const answer = await send(session, { ...READ, method: 'GET', url: url(session, path) });
    found.push({ id, version, isPrivate, content: answer.body });
  }
  return found;
}

/** Creates a document that every user of the environment may read. */
export async function createDocument(session: Session, document: ShippedDocument): Promise<void> {
  const form = new FormData();
  form.set('name', document.name);
  form.set('type', document.type);
  form.set('externalId', document.externalId);
  form.set('isPrivate', 'false');
  form.set('content', jsonFile(document.content), `${document.type}.json`);
  const { body } = await send(session, { ...WRITE, method: 'POST', url: url(session), form });
  const made = documentOf(body);
  // Environments of before summer 2026 make every new document private.
  if (made.isPrivate) await patch(session, made, undefined);
}

/** Replaces a document's content, of which Dynatrace keeps the old as a snapshot, and makes it public. */
export function updateDocument(
  session: Session,
  before: StoredDocument,
  { content }: ShippedDocument,
): Promise<void> {
  return patch(session, before, content);
}

/** Moves a document to the trash, unless somebody changed it since it was read. */
export async function deleteDocument(session: Session, { id, version }: StoredDocument): Promise<void> {
  await send(session, {
    ...DELETE,
    method: 'DELETE',
    url: url(session, `/${encodeURIComponent(id)}`),
    query: { 'optimistic-locking-version': version },
  });
}

async function patch(
  session: Session,
  { id, version }: Pick<StoredDocument, 'id' | 'version'>,
  content: JsonObject | undefined,
): Promise<void> {
  const form = new FormData();
  form.set('isPrivate', 'false');
  if (content !== undefined) form.set('content', jsonFile(content), 'content.json');
  await send(session, {
    ...WRITE,
    method: 'PATCH',
    url: url(session, `/${encodeURIComponent(id)}`),
    query: {
      'optimistic-locking-version': version,
      ...(content === undefined ? {} : { 'create-snapshot': 'true' }),
    },
    form,
  });
}

const jsonFile = (content: JsonObject): Blob =>
  new Blob([JSON.stringify(content)], { type: 'application/json' });

function documentOf(metadata: unknown): Omit<StoredDocument, 'content'> {
  if (!isObject(metadata)) throw unexpected();
  const { id, version, isPrivate } = metadata;
  if (typeof id !== 'string' || !(typeof version === 'number' || typeof version === 'string'))
    throw unexpected();
  return { id, version: String(version), isPrivate: isPrivate !== false };
}

const unexpected = (): Error => fail('this does not answer like the document service of Dynatrace');
