// A strict stub of a Dynatrace environment: both addresses in one, tokens with scopes, and faults that a test sets.
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createPlatform } from './platform.ts';
import { createSettings, errorReply, type Reply } from './settings.ts';

/** Tokens that the stub knows, with all scopes. */
export const CLASSIC = 'dt0c01.ST2EY72KQINMH574WMNVI7YN.CLASSICSECRETCLASSICSECRET';
export const PLATFORM = 'dt0s16.SAMPLE2KQINMH574WMNVI7YN.PLATFORMSECRETPLATFORMSECRET';

const ALL_SCOPES: Readonly<Record<string, readonly string[]>> = {
  [CLASSIC]: ['settings.read', 'settings.write'],
  [PLATFORM]: [
    'settings:objects:read',
    'settings:objects:write',
    'document:documents:read',
    'document:documents:write',
    'document:documents:delete',
    'openpipeline:configurations:read',
    'storage:logs:read',
    'storage:files:write',
    'storage:files:delete',
  ],
};

/** How the environment differs from a new one of today. */
export type StubOptions = Parameters<typeof createSettings>[0] &
  Parameters<typeof createPlatform>[0] & {
    /** TLS with this certificate. */
    readonly tls?: { readonly key: Buffer; readonly cert: Buffer };
    /** Scopes that the tokens lack. */
    readonly without?: readonly string[];
  };

/** Looks at a request before it is answered; a reply of its own replaces the answer. */
export type Hook = (
  method: string,
  path: string,
  count: number,
) => Reply | Promise<Reply | undefined> | undefined;

/** Starts the stub on a free port, until `close`. */
export async function startDynatraceStub(options: StubOptions = {}) {
  const settings = createSettings(options);
  const platform = createPlatform(options);
  /** `<method> <path>?<query>` of every request, in order. */
  const requests: string[] = [];
  const writes: string[] = [];
  /** Bodies of requests that are not multipart. */
  const bodies: string[] = [];
  let hook: Hook = () => undefined;

  async function answerTo(request: IncomingMessage): Promise<Reply> {
    const method = request.method ?? '';
    const url = new URL(request.url ?? '', 'http://stub');
    const bytes = await buffer(request);
    if (bytes.length > 0 && !request.headers['content-type']?.startsWith('multipart'))
      bodies.push(bytes.toString());
    requests.push(`${method} ${url.pathname}${url.search}`);
    if (method !== 'GET' && !/validateOnly|:execute|preview/.test(request.url ?? ''))
      writes.push(`${method} ${url.pathname}`);
    const special = await hook(method, url.pathname, requests.length);
    if (special !== undefined) return special;
    const [, scheme, secret = ''] =
      /^(Api-Token|Bearer) (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const isPlatform = scheme === 'Bearer';
    const scopes = ALL_SCOPES[secret]?.filter((scope) => !options.without?.includes(scope));
    if (scopes === undefined || isPlatform !== (secret === PLATFORM))
      return errorReply(401, 'Token Authentication failed');
    const base = isPlatform ? '/platform/classic/environment-api/v2/settings' : '/api/v2/settings';
    const refused = (scope: string): Reply =>
      errorReply(403, `Token is missing required scope. Use one of: ${scope}`);
    if (url.pathname.startsWith(base)) {
      const access = method === 'GET' ? 'read' : 'write';
      const scope = isPlatform ? `settings:objects:${access}` : `settings.${access}`;
      if (!scopes.includes(scope)) return refused(scope);
      const path = url.pathname.slice(base.length);
      return settings.answer({
        method,
        path,
        query: url.searchParams,
        body: bytes.toString(),
        user: isPlatform ? 'user-of-the-token' : '',
        isPlatform,
      });
    }
    const contentType = request.headers['content-type'] ?? '';
    const found = platform.route({
      method,
      path: url.pathname,
      query: url.searchParams,
      bytes,
      contentType,
      user: 'user-of-the-token',
    });
    if (!isPlatform || found === undefined) return errorReply(404, 'no such path');
    const [scope, answer] = found;
    return scopes.includes(scope) ? answer() : refused(scope);
  }

  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body, headers } = await answerTo(request).catch((error) =>
      errorReply(500, String(error)),
    );
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
  const server = options.tls === undefined ? createHttp(listener) : createHttps(options.tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    settings,
    platform,
    requests,
    bodies,
    /** Requests that change something. */
    writes,
    /** Sets the hook that sees every request first. */
    onRequest: (next: Hook): void => {
      hook = next;
    },
    close,
  };
}
