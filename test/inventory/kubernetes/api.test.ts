// A Kubernetes API that sends too much, or that is not the cluster's, over real sockets.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createKubernetesApi, type KubernetesClient } from '../../../src/inventory/kubernetes/api.ts';
import { DocumentTooLarge } from '../../../src/inventory/kubernetes/document-too-large.ts';
import { members, WHOLE } from '../../../src/inventory/kubernetes/shape.ts';
import { OTHER_CA, pem, STUB_CA } from '../../support/kubernetes-stub.ts';

const TOKEN = `k8s-aws-v1.${'aZ4x'.repeat(30)}`;
const { signal } = new AbortController();
const shape = members({ metadata: members({ name: WHOLE }) });

let respond: (response: ServerResponse, request: IncomingMessage) => unknown;
let server: Server;
let api: KubernetesClient;
const endpoint = (scheme: string, host: string): string =>
  `${scheme}://${host}:${(server.address() as AddressInfo).port}`;
const client = (ca = STUB_CA, url = endpoint('https', '127.0.0.1')): KubernetesClient =>
  createKubernetesApi({ endpoint: url, ca, token: async () => TOKEN });

beforeEach(async () => {
  const tls = { key: pem('server-key.pem'), cert: pem('server.pem') };
  const https = createServer(tls, (request, response) => void respond(response, request));
  server = https;
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  api = client();
});
afterEach(async () => {
  api.disconnect();
  (server as ReturnType<typeof createServer>).closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Writes without end; resolves when the client has closed the connection. */
const writeForEver = async (response: ServerResponse, text: string): Promise<void> => {
  const write = (): void => {
    while (!response.destroyed && response.write(text));
  };
  response.on('drain', write);
  write();
};
const closed = (response: ServerResponse): Promise<unknown> =>
  new Promise((resolve) => response.once('close', resolve));

const list = async (maxBytes = 1e6) => {
  const items: unknown[] = [];
  const onItem = (item: unknown): void => void items.push(item);
  const document = await api.list({ path: '/api/v1/pods?limit=500', shape, maxBytes, onItem }, signal);
  return { document, items };
};
const watch = async () => {
  const events: unknown[] = [];
  const onEvent = (event: unknown): boolean => events.push(event) < 3;
  const hasEnded = await api.watch({ path: '/api/v1/pods?watch=1', shape, onEvent }, signal);
  return { hasEnded, events };
};

describe('a list', () => {
  const page =
    '{"kind":"PodList","metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"a","x":1}},null]}';
  it.each([
    ['plain', (response: ServerResponse) => response.end(page)],
    [
      'gzip',
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(page)),
    ],
  ])('delivers its items as they arrive: %s', async (_, answer) => {
    respond = answer;
    expect(await list()).toEqual({
      document: { metadata: { resourceVersion: '7' }, items: [] },
      items: [{ metadata: { name: 'a' } }, null],
    });
  });

  it('that never ends is abandoned, and its connection closed', async () => {
    const ended = new Promise((resolve) => {
      respond = (response) => {
        response.write('{"metadata":{},"items":[null');
        void closed(response).then(resolve);
        void writeForEver(response, ',{"metadata":{"name":"a"}}'.repeat(100));
      };
    });
    await expect(list()).rejects.toThrow(DocumentTooLarge);
    await ended;
  });

  it('that is a gzip bomb is abandoned', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    respond = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    await expect(list()).rejects.toThrow(DocumentTooLarge);
  });

  it.each([
    ['cut off', '{"metadata":{},"items":[{"metadata"'],
    ['empty', ''],
    ['HTML', '<html></html>'],
  ])('that is %s rejects', async (_, text) => {
    respond = (response) => response.end(text);
    // Nothing is a document without a version, which the reader of the page refuses.
    if (text === '') expect((await list()).document).toBeUndefined();
    else await expect(list()).rejects.toThrow(SyntaxError);
  });

  it('that is no gzip rejects', async () => {
    respond = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(page);
    await expect(list()).rejects.toThrow(/header/);
  });
});

describe('a watch', () => {
  const event = (name: string, spec = '') =>
    `{"type":"ADDED","object":{"metadata":{"name":"${name}"},"spec":"${spec}"}}\n`;

  it('delivers reduced events until it ends', async () => {
    respond = (response) => response.end(event('a', 'x'.repeat(4_000_000)) + event('b'));
    expect(await watch()).toEqual({
      hasEnded: true,
      events: ['a', 'b'].map((name) => ({ type: 'ADDED', object: { metadata: { name } } })),
    });
  });

  it('is closed by its reader', async () => {
    respond = (response) => void writeForEver(response, event('a'));
    const { hasEnded, events } = await watch();
    expect([hasEnded, events.length]).toEqual([false, 3]);
  });

  it.each(['x'.repeat(4_200_000), '\\u0001'.repeat(700_000)])(
    'with an event over 4 MB ends',
    async (spec) => {
      respond = (response) => response.end(event('a') + event('b', spec));
      await expect(watch()).rejects.toThrow(DocumentTooLarge);
    },
  );

  it('with an event that never ends ends', async () => {
    respond = (response) => {
      response.write('{"type":"ADDED","object":{"spec":"');
      void writeForEver(response, 'x'.repeat(100_000));
    };
    await expect(watch()).rejects.toThrow(DocumentTooLarge);
  });
});

describe('a refusal', () => {
  it.each([401, 403, 500])('%i that repeats the token does not print it', async (status) => {
    respond = (response, { headers }) => {
      const pieces = (headers.authorization ?? '').replace(/.{9}/g, '$&\n');
      const message = `refused: ${headers.authorization} ${JSON.stringify(JSON.stringify(headers))} ${pieces}`;
      response.writeHead(status).end(JSON.stringify({ message }));
    };
    const error = await list().catch((reason: Error) => reason);
    expect(error).toMatchObject({ status, message: expect.stringMatching(/^refused: .*redacted/) });
    expect(String((error as Error).message).replace(/[^A-Za-z0-9]/g, '')).not.toContain('aZ4xaZ4x');
  });

  it('that never ends is known by its status', async () => {
    respond = (response) => {
      response.writeHead(403);
      void writeForEver(response, ' '.repeat(100_000));
    };
    await expect(list()).rejects.toMatchObject({ status: 403, message: '' });
    await expect(api.get('/api/v1/namespaces/kube-system', signal)).rejects.toMatchObject({ status: 403 });
  });

  it('by a redirect is not followed', async () => {
    const paths: unknown[] = [];
    respond = (response, { url }) => {
      paths.push(url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    };
    await expect(list()).rejects.toMatchObject({ status: 307 });
    expect(paths).toHaveLength(1);
  });
});

it('a document over 2 MB is refused', async () => {
  respond = (response) => void writeForEver(response, ' '.repeat(100_000));
  await expect(api.get('/x', signal)).rejects.toThrow(/more than 2097152 bytes/);
  respond = (response) => response.end('{"metadata":{"uid":"u","__proto__":{"a":1}}}');
  expect(await api.get('/x', signal)).toMatchObject({ metadata: { uid: 'u' } });
  expect(({} as { a?: number }).a).toBeUndefined();
});

describe('an API that is not the one of the cluster', () => {
  beforeEach(() => {
    respond = (response) => response.end('{}');
  });

  it('has no certificate of its CA, whatever the environment says', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      api = client(OTHER_CA);
      await expect(list()).rejects.toMatchObject({ code: expect.stringMatching(/SIGNATURE|UNABLE|SELF/) });
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  it('has another name', async () => {
    api = client(STUB_CA, endpoint('https', '127.0.0.2'));
    await expect(list()).rejects.toMatchObject({ code: expect.stringMatching(/ALTNAME|REFUSED/) });
  });

  it('is plain HTTP', async () => {
    await new Promise((resolve) => server.close(resolve));
    const http = createHttpServer((_, response) => response.end('{}'));
    server = http;
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    api = client(STUB_CA, endpoint('http', '127.0.0.1'));
    await expect(list()).rejects.toMatchObject({ code: 'ERR_INVALID_PROTOCOL' });
    api = client(STUB_CA, endpoint('https', '127.0.0.1'));
    await expect(list()).rejects.toThrow();
  });
});
