// A Kubernetes API server over TLS with its own CA; see `tls/README.md`.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Clock, SYSTEM_CLOCK } from '../../src/inventory/clock.ts';
import { isDeserted } from './deserted.ts';
import { createKubernetesCluster } from './kubernetes-cluster.ts';

/** A file of `tls/`. Relative to the repository's root, because bundled scripts also use this stub. */
export const pem = (name: string): string => readFileSync(`test/support/tls/${name}`, 'utf8');

/** The CA of the stub's certificate, and another CA; PEM. */
export const STUB_CA = pem('ca.pem');
export const OTHER_CA = pem('other-ca.pem');

/** A response that replaces that of the cluster; undefined: the cluster's own response. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly message?: string }
  /** Accepts the request and never responds. */
  | 'hang'
  /** Closes the connection. */
  | 'cut'
  /** A watch whose connection closes within an event. */
  | 'half-closed'
  /** A JSON body, gzipped in advance so that compression does not count in a measurement. */
  | Buffer
  /** A watch whose stream contains a `Status` 410. */
  | 'gone-in-stream'
  | undefined;

/** Serves a cluster until `close`. Watches end by `clock`. */
export async function startKubernetesStub(clock: Clock = SYSTEM_CLOCK) {
  const cluster = createKubernetesCluster();
  const requests: string[] = [];
  const tokens = new Set<string>();
  let hasBookmarks = true;
  let hanging = 0;
  let answer: (path: string, request: IncomingMessage) => Answer = () => undefined;

  const sendJson = (response: ServerResponse, status: number, body: object, headers = {}): void => {
    const bytes = gzipSync(JSON.stringify(body));
    const type = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    response.writeHead(status, { ...type, ...headers }).end(bytes);
  };
  const sendStatus = (response: ServerResponse, status: number, message: string, headers = {}): void =>
    sendJson(response, status, { kind: 'Status', status: 'Failure', code: status, message }, headers);

  const hang = (response: ServerResponse): void => {
    hanging += 1;
    response.once('close', () => {
      hanging -= 1;
    });
  };

  const sendWatch = (response: ServerResponse, path: string, query: URLSearchParams): void => {
    const events = cluster.since(path, Number(query.get('resourceVersion')));
    if (events === 'gone') {
      sendStatus(response, 410, 'too old resource version');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const bookmark = {
      type: 'BOOKMARK',
      object: { kind: 'Pod', metadata: { resourceVersion: String(cluster.version()) } },
    };
    const text = [...events, ...(hasBookmarks ? [bookmark] : [])]
      .map((event) => `${JSON.stringify(event)}\n`)
      .join('');
    // In two pieces, so that an event arrives in two chunks.
    response.write(text.slice(0, text.length / 2));
    setImmediate(() => response.write(text.slice(text.length / 2)));
    hang(response);
    clock.after(Number(query.get('timeoutSeconds')) * 1000, () => response.end());
  };

  const server = createServer(
    { key: pem('server-key.pem'), cert: pem('server.pem') },
    (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'https://localhost');
      requests.push(request.url ?? '');
      tokens.add(request.headers.authorization ?? '');
      const special = answer(request.url ?? '', request);
      if (special === 'hang') return hang(response);
      if (special === 'cut') return void request.socket.destroy();
      if (special === 'half-closed') {
        const half = '{"type":"MODIFIED","obj';
        return void response.writeHead(200).write(half, () => request.socket.destroy());
      }
      if (special === 'gone-in-stream') {
        return void response.end(
          `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`,
        );
      }
      if (Buffer.isBuffer(special)) {
        return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(special);
      }
      if (special !== undefined)
        return sendStatus(response, special.status, special.message ?? '', special.headers);
      if (pathname.startsWith('/api/v1/namespaces/'))
        return sendJson(response, 200, { metadata: { uid: 'uid-cluster' } });
      if (searchParams.has('watch')) return sendWatch(response, pathname, searchParams);
      const page = cluster.list(
        pathname,
        Number(searchParams.get('limit')),
        searchParams.get('continue') ?? undefined,
      );
      if (page === 'gone') return sendStatus(response, 410, 'The provided continue parameter is too old');
      sendJson(response, 200, page);
    },
  );
  const open = new Set<Socket>();
  let closedBytes = 0;
  server.on('secureConnection', (socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      closedBytes += socket.bytesWritten;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    cluster,
    /** Bytes of all answers so far. */
    bytesOut: (): number => [...open].reduce((sum, { bytesWritten }) => sum + bytesWritten, closedBytes),
    /** Paths with query strings, in the order of arrival. */
    requests,
    tokens,
    /** Number of open requests that only time will end. */
    hanging: (): number => hanging,
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Sets the function that chooses the responses from now on. */
    answerWith: (next: typeof answer): void => {
      answer = next;
    },
    /** Stops sending bookmarks, which are optional in short watches. */
    withoutBookmarks: (): void => {
      hasBookmarks = false;
    },
    isDeserted: async (): Promise<boolean> => isDeserted(server),
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
