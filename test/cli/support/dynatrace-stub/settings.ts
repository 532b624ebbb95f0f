// The settings API as Dynatrace documents it, strict: an unknown parameter or member is refused, versions are compared, and
// the constraints of the schemas that the commands rely on hold.
import type { JsonObject } from '../../../../src/core/util/json.ts';

/** A stored settings object. */
export type Stored = {
  readonly objectId: string;
  readonly schemaId: string;
  readonly externalId: string | undefined;
  version: number;
  value: JsonObject;
  /** Object of a platform token: only readable for its owner, unless shared. */
  readonly owner: string | undefined;
  isShared: boolean;
};

/** What a request is answered with. */
export type Reply = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A request as far as the stub looks at it. */
export type Received = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly user: string;
  readonly isPlatform: boolean;
};

const PIPELINES = 'builtin:openpipeline.logs.pipelines';
const ROUTING = 'builtin:openpipeline.logs.routing';
const SCHEMAS = [PIPELINES, ROUTING, 'builtin:davis.anomaly-detectors'];

/** The error body of the API. */
export const errorReply = (status: number, message: string, violations: readonly object[] = []): Reply => ({
  status,
  body: {
    error: { code: status, message, ...(violations.length > 0 && { constraintViolations: violations }) },
  },
});

/** A settings store; `sent` lists every settings object that was received, validated only or written. */
export function createSettings(
  options: {
    readonly pageSize?: number;
    readonly hasOpenPipeline?: boolean;
    readonly replacesSingle?: boolean;
    readonly tellsExternalIds?: boolean;
  } = {},
) {
  const objects: Stored[] = [];
  const sent: { readonly schemaId: string; readonly scope: string; readonly value: JsonObject }[] = [];
  const pages = new Map<string, readonly Stored[]>();
  let ids = 0;

  const create = (schemaId: string, value: JsonObject, more: Partial<Stored> = {}): Stored => {
    ids += 1;
    const stored: Stored = {
      objectId: `vu9U3hXa3q0AAAABA${String(ids).padStart(4, '0')}`,
      schemaId,
      externalId: undefined,
      version: 1,
      value,
      owner: undefined,
      isShared: false,
      ...more,
    };
    objects.push(stored);
    return stored;
  };

  const canSee = ({ owner, isShared }: Stored, user: string): boolean =>
    owner === undefined || owner === user || isShared;

  function violations(schemaId: string, value: JsonObject, own: Stored | undefined): readonly object[] {
    const found: { path: string; message: string }[] = [];
    const add = (path: string, message: string): void => void found.push({ path, message });
    const others = objects.filter((one) => one.schemaId === schemaId && one !== own);
    if (schemaId === PIPELINES) {
      if (!/^\S{4,100}$/.test(String(value.customId))) add('customId', 'must have 4 to 100 characters');
      if (others.some((one) => one.value.customId === value.customId))
        add('customId', 'There is another pipeline with an identical customId defined.');
      if (own !== undefined && own.value.customId !== value.customId) add('customId', 'must not be changed');
      for (const [stage, held] of Object.entries(value)) {
        const { processors } = (held ?? {}) as { processors?: readonly JsonObject[] };
        for (const processor of processors ?? [])
          if (!/^\w{4,100}$/.test(String(processor.id)) || typeof processor.matcher !== 'string')
            add(`${stage}.processors`, 'a processor needs id and matcher');
          else if (processor.matcher.length > 4096) add(`${stage}.processors.matcher`, 'too long');
      }
    }
    if (schemaId === ROUTING) {
      const entries = value.routingEntries as readonly JsonObject[] | undefined;
      if (!Array.isArray(entries)) add('routingEntries', 'must not be null');
      const descriptions = (entries ?? []).map(({ description }) => description);
      if (new Set(descriptions).size < descriptions.length)
        add('routingEntries', 'description must be unique');
      for (const { pipelineType, pipelineId, description, matcher } of entries ?? []) {
        if (typeof description !== 'string' || description.trim() === '')
          add('description', 'must not be blank');
        if (typeof matcher !== 'string' || matcher.trim() === '' || matcher.length > 4096)
          add('matcher', 'length');
        const exists = objects.some((one) => one.schemaId === PIPELINES && one.objectId === pipelineId);
        if (pipelineType === 'custom' && !exists) add('pipelineId', `${pipelineId} does not exist`);
      }
    }
    return found;
  }

  /** Dynatrace stores what it got and adds defaults where members are missing. */
  const withDefaults = (schemaId: string, value: JsonObject): JsonObject =>
    schemaId === PIPELINES ? { metadataList: [], routing: 'routable', ...value } : value;

  const invalid = (found: readonly object[]): Reply => ({
    status: 400,
    body: [{ code: 400, error: { code: 400, message: 'Validation failed', constraintViolations: found } }],
  });

  function list({ query, user }: Received): Reply {
    const key = query.get('nextPageKey');
    let rest = key === null ? undefined : pages.get(key);
    if (key !== null && ([...query].length > 1 || rest === undefined))
      return errorReply(400, 'nextPageKey excludes all other parameters');
    if (key === null) {
      const known = ['schemaIds', 'scopes', 'fields', 'pageSize'];
      for (const [name] of query)
        if (!known.includes(name)) return errorReply(400, `unknown parameter ${name}`);
      const schemaId = query.get('schemaIds') ?? '';
      const isMissing = options.hasOpenPipeline === false && schemaId !== 'builtin:davis.anomaly-detectors';
      if (!SCHEMAS.includes(schemaId) || isMissing) return errorReply(404, `No schema with id ${schemaId}`);
      rest = objects.filter((one) => one.schemaId === schemaId && canSee(one, user));
    }
    const size = options.pageSize ?? 500;
    const items = (rest ?? []).slice(0, size).map(({ objectId, version, externalId, value }) => ({
      objectId,
      updateToken: `v${version}`,
      ...(externalId !== undefined && options.tellsExternalIds !== false && { externalId }),
      value,
    }));
    const next = (rest ?? []).slice(size);
    if (next.length === 0) return { status: 200, body: { items, totalCount: items.length, pageSize: size } };
    const nextPageKey = `page-${pages.size}/+=`;
    pages.set(nextPageKey, next);
    return { status: 200, body: { items, totalCount: items.length, pageSize: size, nextPageKey } };
  }

  function post({ query, body, user, isPlatform }: Received): Reply {
    const [object, ...more] = JSON.parse(body) as readonly Readonly<Record<string, unknown>>[];
    if (object === undefined || more.length > 0) return errorReply(400, 'the stub takes one object');
    const { schemaId, scope, externalId, value, ...unknown } = object;
    if (Object.keys(unknown).length > 0 || scope !== 'environment' || !SCHEMAS.includes(String(schemaId)))
      return errorReply(400, `not a settings object: ${JSON.stringify({ schemaId, scope, unknown })}`);
    sent.push({ schemaId: String(schemaId), scope, value: value as JsonObject });
    const found = violations(String(schemaId), value as JsonObject, undefined);
    if (found.length > 0) return invalid(found);
    const single = objects.findIndex((one) => schemaId === ROUTING && one.schemaId === ROUTING);
    if (single >= 0 && options.replacesSingle !== true)
      return errorReply(400, 'there is an object of this schema already');
    if (query.get('validateOnly') === 'true') return { status: 200, body: [{ code: 200 }] };
    if (single >= 0) objects.splice(single, 1);
    const owner = isPlatform && schemaId === PIPELINES ? user : undefined;
    const { objectId } = create(String(schemaId), withDefaults(String(schemaId), value as JsonObject), {
      externalId: externalId as string | undefined,
      owner,
    });
    return { status: 200, body: [{ code: 200, objectId }] };
  }

  function put(stored: Stored, { query, body }: Received): Reply {
    const { updateToken, value, ...unknown } = JSON.parse(body) as Record<string, unknown>;
    if (Object.keys(unknown).length > 0 || typeof updateToken !== 'string')
      return errorReply(400, 'updateToken and value are needed, and nothing else');
    sent.push({ schemaId: stored.schemaId, scope: 'environment', value: value as JsonObject });
    if (updateToken !== `v${stored.version}`) return errorReply(409, 'The updateToken is outdated');
    const found = violations(stored.schemaId, value as JsonObject, stored);
    if (found.length > 0) return invalid(found);
    if (query.get('validateOnly') !== 'true') {
      stored.value = value as JsonObject;
      stored.version += 1;
    }
    return { status: 200, body: { code: 200, objectId: stored.objectId } };
  }

  function remove(stored: Stored, { query }: Received): Reply {
    if (query.get('updateToken') !== `v${stored.version}`)
      return errorReply(409, 'The updateToken is outdated');
    const routes = objects.find((one) => one.schemaId === ROUTING)?.value
      .routingEntries as readonly JsonObject[];
    if (stored.schemaId === PIPELINES && routes?.some(({ pipelineId }) => pipelineId === stored.objectId))
      return errorReply(400, 'the object is referenced by builtin:openpipeline.logs.routing');
    objects.splice(objects.indexOf(stored), 1);
    return { status: 204 };
  }

  function permissions(stored: Stored, tail: string, { method, body }: Received): Reply {
    if (stored.schemaId !== PIPELINES) return errorReply(400, 'no owner-based access control');
    if (method === 'POST' && tail === '') {
      if (body !== '{"accessor":{"type":"all-users"},"permissions":["r"]}')
        return errorReply(400, 'accessor');
      stored.isShared = true;
      return { status: 201 };
    }
    // Permissions are created before they can be changed.
    if (!stored.isShared && stored.owner !== undefined)
      return errorReply(404, 'no permissions for all users');
    if (method === 'PUT' && body !== '{"permissions":["r"]}')
      return errorReply(400, 'unexpected permissions');
    return { status: 200, body: { accessor: { type: 'all-users' }, permissions: ['r'] } };
  }

  return {
    objects,
    sent,
    create,
    /** Answers a request below `/settings`. */
    answer(request: Received): Reply {
      const { method, path } = request;
      if (path === '/objects') return method === 'GET' ? list(request) : post(request);
      const [, id, tail] = /^\/objects\/([^/]+)(?:\/permissions(|\/all-users))?$/.exec(path) ?? [];
      const stored = objects.find(({ objectId }) => objectId === decodeURIComponent(id ?? ''));
      if (stored === undefined || !canSee(stored, request.user)) return errorReply(404, 'No such object');
      if (tail !== undefined) return permissions(stored, tail, request);
      if (method === 'PUT') return put(stored, request);
      return method === 'DELETE' ? remove(stored, request) : errorReply(405, 'method');
    },
  };
}
