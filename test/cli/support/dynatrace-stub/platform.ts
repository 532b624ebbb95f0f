// Documents, lookup tables, queries and the preview of processors, as Dynatrace documents them; strict as the settings.
import type { JsonObject } from '../../../../src/core/util/json.ts';
import { errorReply, type Reply } from './settings.ts';

/** A stored document. */
export type StoredDocument = {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly externalId: string | undefined;
  readonly owner: string;
  version: number;
  isPrivate: boolean;
  content: unknown;
  readonly snapshots: unknown[];
};

/** A request of the platform's services. */
export type PlatformRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly user: string;
};

const formOf = ({ bytes, contentType }: PlatformRequest): Promise<FormData> =>
  new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();

const textOf = async (part: unknown): Promise<string> => (part instanceof Blob ? part.text() : String(part));

/** Metadata of a result by whether it is partial. */
const METADATA: Readonly<Record<string, object>> = {
  true: { grail: { notifications: [{ severity: 'WARNING', notificationType: 'SCAN_LIMIT_GBYTES' }] } },
  false: { grail: { notifications: [] } },
};

/** The platform's services of one environment. */
export function createPlatform(options: { readonly makesPrivate?: boolean } = {}) {
  const documents: StoredDocument[] = [];
  const lists = new Map<string, { readonly description: string; readonly text: string }>();
  /** What the query for arriving records finds. */
  const arrivals = { lifted: 0, text: 0, isPartial: false };
  const queries: string[] = [];
  /** Log records that a query for one name finds: those of that `dns.question.name`, or with it in their content. */
  const stored: JsonObject[] = [];
  let running = 0;

  const metadataOf = ({ id, name, type, version, isPrivate, owner, externalId }: StoredDocument): object => ({
    id,
    name,
    type,
    version,
    isPrivate,
    owner,
    externalId,
  });

  async function documentsAnswer(request: PlatformRequest, path: string): Promise<Reply> {
    const { method, query, user } = request;
    if (path === '' && method === 'GET') {
      const wanted = /^externalId == '([\w:-]+)'$/.exec(query.get('filter') ?? '')?.[1];
      if (wanted === undefined) return errorReply(400, 'filter');
      const found = documents.filter(
        (one) => one.externalId === wanted && (!one.isPrivate || one.owner === user),
      );
      return { status: 200, body: { documents: found.map(metadataOf), totalCount: found.length } };
    }
    if (path === '' && method === 'POST') {
      const form = await formOf(request);
      const text = await textOf(form.get('content'));
      const [name, type] = [form.get('name'), form.get('type')];
      if (typeof name !== 'string' || typeof type !== 'string') return errorReply(400, 'name and type');
      const made: StoredDocument = {
        id: `document-${documents.length + 1}`,
        name,
        type,
        externalId: String(form.get('externalId')),
        owner: user,
        version: 1,
        isPrivate: options.makesPrivate === true || form.get('isPrivate') !== 'false',
        content: JSON.parse(text),
        snapshots: [],
      };
      documents.push(made);
      return { status: 201, body: metadataOf(made) };
    }
    const [, id, tail] = /^\/([^/]+)(\/content)?$/.exec(path) ?? [];
    const document = documents.find((one) => one.id === id);
    if (document === undefined) return errorReply(404, 'no such document');
    if (tail !== undefined) return { status: 200, body: document.content };
    if (query.get('optimistic-locking-version') !== String(document.version))
      return errorReply(409, 'The version is outdated');
    if (document.owner !== user) return errorReply(403, 'the document belongs to somebody else');
    if (method === 'DELETE') {
      documents.splice(documents.indexOf(document), 1);
      return { status: 204 };
    }
    const form = await formOf(request);
    if (query.get('create-snapshot') === 'true') document.snapshots.push(document.content);
    if (form.has('content')) document.content = JSON.parse(await textOf(form.get('content')));
    if (form.get('isPrivate') === 'false') document.isPrivate = false;
    document.version += 1;
    return { status: 200, body: { documentMetadata: metadataOf(document) } };
  }

  async function listsAnswer(request: PlatformRequest, path: string): Promise<Reply> {
    if (path === ':delete') {
      const { filePath } = JSON.parse(request.bytes.toString()) as { filePath: string };
      return lists.delete(filePath) ? { status: 204 } : errorReply(404, 'no such file');
    }
    const form = await formOf(request);
    const parameters = JSON.parse(await textOf(form.get('request'))) as JsonObject;
    const { filePath, lookupField, parsePattern, skippedRecords, overwrite, displayName, description } =
      parameters;
    const text = await textOf(form.get('content'));
    const header = text.split('\n')[0] ?? '';
    const pattern = header
      .split(',')
      .map((column) => `LD:${column}`)
      .join(" ',' ");
    const isValid =
      /^\/lookups(\/[a-z0-9_]+)+$/.test(String(filePath)) &&
      header.startsWith(String(lookupField)) &&
      parsePattern === pattern &&
      skippedRecords === 1 &&
      overwrite === true &&
      typeof displayName === 'string';
    if (!isValid) return errorReply(400, `not an upload: ${JSON.stringify(parameters)}`);
    lists.set(String(filePath), { description: String(description), text });
    return { status: 200, body: { records: text.split('\n').length - 2 } };
  }

  const recordsOf = (query: string): readonly object[] => {
    const name = /dns\.question\.name == "([^"]+)" or contains\(content, "\1"\)/.exec(query)?.[1];
    if (name !== undefined)
      return stored.filter((one) => one['dns.question.name'] === name || String(one.content).includes(name));
    return query.startsWith('fetch dt.system.files')
      ? [...lists].map(([file, { description }]) => ({ name: file, description }))
      : [{ lifted: arrivals.lifted, text: arrivals.text }];
  };

  /** A query is answered at the second call, as long ones are. */
  function queryAnswer({ method, query, bytes }: PlatformRequest, path: string): Reply {
    if (path === ':execute' && method === 'POST') {
      const { query: text } = JSON.parse(bytes.toString()) as { query: string };
      queries.push(text);
      running = queries.length - 1;
      return { status: 202, body: { state: 'RUNNING', requestToken: `query ${running}` } };
    }
    const asked = query.get('request-token');
    if (path !== ':poll' || asked !== `query ${running}`) return errorReply(400, 'poll');
    return {
      status: 200,
      body: {
        state: 'SUCCEEDED',
        result: {
          records: recordsOf(queries[running] ?? ''),
          metadata: METADATA[String(arrivals.isPartial)],
        },
      },
    };
  }

  /** Does what the shipped script does to its sample, if the matcher asks for the sample's key. */
  function previewAnswer({ bytes }: PlatformRequest): Reply {
    const { configId, processor } = JSON.parse(bytes.toString()) as {
      configId: string;
      processor: Readonly<Record<string, string>>;
    };
    if (configId !== 'logs' || typeof processor.dqlScript !== 'string' || 'dql' in processor)
      return errorReply(400, 'not a processor for the preview');
    const sample = JSON.parse(processor.sampleData ?? '{}') as { content: string };
    const { 'dns.key': key, ...record } = JSON.parse(sample.content) as Readonly<Record<string, string>>;
    const { matcher = '' } = processor;
    const matched = !matcher.includes('dns.key') || matcher.includes(`${key}`);
    return {
      status: 200,
      body: { results: [{ matched, matchedProcessors: [], ...(matched && { record }) }] },
    };
  }

  return {
    documents,
    lists,
    arrivals,
    stored,
    queries,
    /** Scope that a request needs, and its answer; undefined for an unknown path. */
    route(
      request: PlatformRequest,
    ): readonly [scope: string, answer: () => Promise<Reply> | Reply] | undefined {
      const { method, path } = request;
      const access = method === 'GET' ? 'read' : method === 'DELETE' ? 'delete' : 'write';
      const after = (prefix: string): string => path.slice(prefix.length);
      const DOCUMENTS = '/platform/document/v1/documents';
      const FILES = '/platform/storage/resource-store/v1/files';
      const QUERY = '/platform/storage/query/v1/query';
      if (path.startsWith(DOCUMENTS))
        return [`document:documents:${access}`, () => documentsAnswer(request, after(DOCUMENTS))];
      if (path.startsWith(FILES))
        return [
          path.endsWith(':delete') ? 'storage:files:delete' : 'storage:files:write',
          () => listsAnswer(request, after(FILES)),
        ];
      if (path.startsWith(QUERY)) return ['storage:logs:read', () => queryAnswer(request, after(QUERY))];
      if (path === '/platform/openpipeline/v1/preview/processor')
        return ['openpipeline:configurations:read', () => previewAnswer(request)];
      return undefined;
    },
  };
}
