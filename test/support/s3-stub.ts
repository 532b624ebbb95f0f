// Objects of S3 over HTTP, with conditional reads and writes, as far as the shared memory uses them.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeserted } from './deserted.ts';

/** An answer that replaces that of the bucket; undefined: the bucket's own. */
export type S3Answer =
  | { readonly status: number; readonly code: string; readonly message?: string }
  /** Accepts the request and never responds. */
  | 'hang'
  /** Half of the object, then the connection closes. */
  | 'half'
  /** Stores the object, and closes the connection without an answer. */
  | 'lost'
  /** A body without end. */
  | 'endless'
  | undefined;

/** Entries on a page of a list, as S3 has them. */
const PAGE = 1000;

/** A request: `GET dns/111122223333/eu-west-1/prod.v1.gz if-none-match`. */
const describe = ({ method, url, headers }: IncomingMessage): string => {
  const { pathname } = new URL(url ?? '', 'http://localhost');
  const condition = ['if-match', 'if-none-match'].find((name) => headers[name] !== undefined);
  return [method, decodeURIComponent(pathname.split('/').slice(2).join('/')), condition]
    .filter(Boolean)
    .join(' ');
};

/** Serves one bucket of any name until `close`. */
export async function startS3Stub() {
  const objects = new Map<string, Buffer>();
  const requests: string[] = [];
  let modified = () => new Date();
  let answer: (request: string) => S3Answer = () => undefined;
  let hanging = 0;
  let bytesOut = 0;

  const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`;
  const fail = (response: ServerResponse, status: number, code: string, message = code) =>
    void response
      .writeHead(status, { 'content-type': 'application/xml' })
      .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);

  const list = (response: ServerResponse, query: URLSearchParams) => {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter') ?? '';
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    /** Keys, and what they have in common up to the delimiter. */
    const entries = new Set(
      keys.map((key) => {
        const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
        return end < 0 ? key : key.slice(0, end + 1);
      }),
    );
    const after = query.get('continuation-token') ?? '';
    const left = [...entries].filter((entry) => entry > after);
    const page = left.slice(0, PAGE);
    const at = modified().toISOString();
    const contents = page.map((entry) =>
      delimiter !== '' && entry.endsWith(delimiter)
        ? `<CommonPrefixes><Prefix>${entry}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${entry}</Key><LastModified>${at}</LastModified></Contents>`,
    );
    const isTruncated = left.length > page.length;
    const next = isTruncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    );
  };

  const read = (request: IncomingMessage, response: ServerResponse, key: string, special: S3Answer) => {
    const body = objects.get(key);
    if (special === 'endless') {
      response.writeHead(200, { etag: '"endless"' });
      const chunk = Buffer.alloc(1024 * 1024);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) {}
      };
      response.on('drain', more);
      return more();
    }
    if (body === undefined) return fail(response, 404, 'NoSuchKey');
    const etag = etagOf(body);
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304, { etag }).end();
    response.writeHead(200, { etag, 'content-length': String(body.length) });
    bytesOut += body.length;
    if (special !== 'half') return void response.end(body);
    response.write(body.subarray(0, body.length / 2), () => request.socket.destroy());
  };

  const write = (request: IncomingMessage, response: ServerResponse, key: string, body: Buffer) => {
    const known = objects.get(key);
    const { 'if-match': match, 'if-none-match': noneMatch } = request.headers;
    if (match !== undefined && known === undefined) return fail(response, 404, 'NoSuchKey');
    if (match !== undefined && known && etagOf(known) !== match)
      return fail(response, 412, 'PreconditionFailed');
    if (noneMatch === '*' && known !== undefined) return fail(response, 412, 'PreconditionFailed');
    objects.set(key, body);
    response.writeHead(200, { etag: etagOf(body) }).end();
  };

  const server = createServer(async (request, response) => {
    const name = describe(request);
    requests.push(name);
    const special = answer(name);
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const key = decodeURIComponent(pathname.split('/').slice(2).join('/'));
    if (special === 'hang') {
      hanging += 1;
      return void response.once('close', () => {
        hanging -= 1;
      });
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (typeof special === 'object') return fail(response, special.status, special.code, special.message);
    if (request.method === 'GET' && searchParams.has('list-type')) return list(response, searchParams);
    if (request.method === 'GET') return read(request, response, key, special);
    if (special === 'lost') {
      objects.set(key, Buffer.concat(chunks));
      return void request.socket.destroy();
    }
    write(request, response, key, Buffer.concat(chunks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    objects,
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Sets the function that chooses the responses from now on. */
    answerWith: (next: typeof answer): void => {
      answer = next;
    },
    /** Sets when the listed objects were written. */
    modifiedAt: (at: Date): void => {
      modified = () => at;
    },
    /** Number of open requests that will not be answered. */
    hanging: (): number => hanging,
    bytesOut: (): number => bytesOut,
    isDeserted: async (): Promise<boolean> => isDeserted(server),
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
