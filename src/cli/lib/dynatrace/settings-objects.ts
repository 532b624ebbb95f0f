// Settings objects: reading all of a schema, and creating, changing and deleting one.
// https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/objects
import { isObject, type JsonObject } from '../../../core/util/json.ts';
import { fail } from '../../terminal.ts';
import { type Answer, type Call, errorText, type Session, send, settingsScope, settingsUrl } from './api.ts';

/** A settings object as it is stored. */
export type StoredObject = {
  readonly objectId: string;
  /** Version for optimistic locking. */
  readonly updateToken: string;
  readonly externalId: string | undefined;
  readonly value: JsonObject;
};

/** A settings object as it is sent. */
export type NewObject = {
  readonly schemaId: string;
  readonly scope: 'environment';
  readonly externalId?: string;
  readonly value: JsonObject;
};

/** Schemas of the settings objects that the commands read and write. */
export const SCHEMA = {
  pipelines: 'builtin:openpipeline.logs.pipelines',
  routing: 'builtin:openpipeline.logs.routing',
  detectors: 'builtin:davis.anomaly-detectors',
} as const;

/** Objects per page: a pipeline may have hundreds of kilobytes. */
const PAGE_SIZE = 25;
/** 1,000 anomaly detectors, the most of any schema here, and some more. */
const MAX_PAGES = 50;

/** All objects of a schema that the token may see; undefined if the environment has no such schema. */
export async function listObjects(
  session: Session,
  schemaId: string,
): Promise<readonly StoredObject[] | undefined> {
  const found: StoredObject[] = [];
  let query: Readonly<Record<string, string>> = {
    schemaIds: schemaId,
    scopes: 'environment',
    fields: 'objectId,updateToken,externalId,value',
    pageSize: String(PAGE_SIZE),
  };
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { status, body } = await send(session, {
      ...call(session, 'GET', '/objects', 'read'),
      query,
      allowed: [404],
    });
    if (status === 404) return undefined;
    const { items, nextPageKey } = isObject(body) ? body : {};
    if (!Array.isArray(items)) throw unexpected();
    for (const item of items) found.push(storedObject(item));
    if (typeof nextPageKey !== 'string' || nextPageKey === '') return found;
    // The key stands for all other parameters, which must not be repeated.
    query = { nextPageKey };
  }
  throw fail(`there are more objects of ${schemaId} than an environment may have`);
}

/** Validates an object without creating it. */
export async function validateNew(session: Session, object: NewObject): Promise<void> {
  const { body } = await send(session, {
    ...call(session, 'POST', '/objects', 'write'),
    query: { validateOnly: 'true' },
    json: [object],
  });
  refuseInvalid(session, body);
}

/** Creates an object; resolves to its id. */
export async function createObject(session: Session, object: NewObject): Promise<string> {
  const { body } = await send(session, { ...call(session, 'POST', '/objects', 'write'), json: [object] });
  refuseInvalid(session, body);
  const [first]: readonly unknown[] = Array.isArray(body) ? body : [];
  if (!isObject(first) || typeof first.objectId !== 'string') throw unexpected();
  return first.objectId;
}

/** Validates a change without making it. */
export async function validateChange(
  session: Session,
  before: StoredObject,
  value: JsonObject,
): Promise<void> {
  await put(session, before, value, { validateOnly: 'true' });
}

/** Changes an object if nobody else changed it since it was read; resolves to false if somebody did. */
export async function changeObject(
  session: Session,
  before: StoredObject,
  value: JsonObject,
): Promise<boolean> {
  const { status } = await put(session, before, value, {}, [409]);
  return status !== 409;
}

function put(
  session: Session,
  { objectId, updateToken }: StoredObject,
  value: JsonObject,
  query: Readonly<Record<string, string>>,
  allowed: readonly number[] = [],
): Promise<Answer> {
  const path = `/objects/${encodeURIComponent(objectId)}`;
  return send(session, {
    ...call(session, 'PUT', path, 'write'),
    query,
    json: { updateToken, value },
    allowed,
  });
}

/** Deletes an object if nobody changed it since it was read. */
export async function deleteObject(session: Session, { objectId, updateToken }: StoredObject): Promise<void> {
  const path = `/objects/${encodeURIComponent(objectId)}`;
  await send(session, { ...call(session, 'DELETE', path, 'write'), query: { updateToken } });
}

/**
 * Whether every user of the environment may read the object. Objects that a platform token creates belong to its user, and
 * only the user sees them until they are shared.
 */
export async function isShared(session: Session, objectId: string): Promise<boolean> {
  const path = `/objects/${encodeURIComponent(objectId)}/permissions/all-users`;
  const { status, body } = await send(session, {
    ...call(session, 'GET', path, 'read'),
    allowed: [400, 403, 404, 405],
  });
  // Without owners in this environment (400, 405) everybody sees the objects; what the token may not see, it cannot mend.
  if (status !== 200 && status !== 404) return true;
  const permissions = isObject(body) ? body.permissions : undefined;
  return Array.isArray(permissions) && permissions.includes('r');
}

/** Lets every user of the environment read the object. */
export async function shareObject(session: Session, objectId: string): Promise<void> {
  const path = `/objects/${encodeURIComponent(objectId)}/permissions`;
  const permissions = ['r'];
  const { status } = await send(session, {
    ...call(session, 'PUT', `${path}/all-users`, 'write'),
    json: { permissions },
    allowed: [404],
  });
  // 404: all users have no permission yet that could be changed.
  if (status !== 404) return;
  const json = { accessor: { type: 'all-users' }, permissions };
  await send(session, { ...call(session, 'POST', path, 'write'), json });
}

function call(session: Session, method: Call['method'], path: string, access: 'read' | 'write'): Call {
  return {
    method,
    url: settingsUrl(session) + path,
    does: `${access} settings`,
    scope: settingsScope(session, access),
  };
}

function storedObject(item: unknown): StoredObject {
  if (!isObject(item)) throw unexpected();
  const { objectId, updateToken, externalId, value } = item;
  if (typeof objectId !== 'string' || typeof updateToken !== 'string' || !isObject(value)) throw unexpected();
  return {
    objectId,
    updateToken,
    externalId: typeof externalId === 'string' ? externalId : undefined,
    value,
  };
}

/** Several objects are answered with one result each, so the status of the response says nothing about the first. */
function refuseInvalid(session: Session, body: unknown): void {
  const [first]: readonly unknown[] = Array.isArray(body) ? body : [];
  if (isObject(first) && typeof first.code === 'number' && first.code >= 400)
    throw fail(`Dynatrace refused the settings (${first.code}): ${errorText(session, body)}`);
}

const unexpected = (): Error =>
  fail('this does not answer like the settings API of Dynatrace', 'check the address of the environment');
