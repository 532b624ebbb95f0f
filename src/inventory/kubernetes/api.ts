// The two requests that we make of a Kubernetes API: a JSON document, and a stream of watch events.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { gunzipSync } from 'node:zlib';

/** An event of a watch: `{"type":"MODIFIED","object":{"kind":"Pod",...}}`. */
export type WatchEvent = { readonly type: string; readonly object: unknown };

/** What the directory asks of a Kubernetes API; every request ends when `signal` says so. */
export interface KubernetesApi {
  /** The JSON document at `path`. Rejects with an `ApiFault` unless the answer is 200. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /**
   * Events at `path` until `onEvent` answers false or the server has ended the stream in good order;
   * true in the latter case. Rejects when it breaks off.
   */
  watch(path: string, onEvent: (event: WatchEvent) => boolean, signal: AbortSignal): Promise<boolean>;
}

/** An answer other than 200. */
export type ApiFault = Error & { readonly status: number; readonly retryAfterMs: number | undefined };

/** An answer other than 200 as an error; `retryAfterMs` from `Retry-After`. */
export const apiFault = (status: number, message: string, retryAfterMs?: number): ApiFault =>
  Object.assign(new Error(message), { status, retryAfterMs });

/** The status of an `ApiFault`; undefined for any other error. */
export const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined;

/** Where and as whom to ask. */
export type ApiOptions = {
  /** `https://0123.gr7.eu-west-1.eks.amazonaws.com` */
  readonly endpoint: string;
  /** The cluster's own CA in PEM; no other is trusted. */
  readonly ca: string;
  /** A bearer token; a new one when the last was refused. */
  readonly token: (isRefused: boolean) => Promise<string>;
};

/** A client for one cluster. */
export type KubernetesClient = KubernetesApi & {
  /** Closes every socket and leaves the client usable. */
  readonly disconnect: () => void;
};

/** Connects with the first request. */
export function createKubernetesApi(options: ApiOptions): KubernetesClient {
  // One agent for good: it keeps the TLS session, so that the next invocation shakes hands faster.
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: options.ca });

  const send = async (
    path: string,
    encoding: string,
    token: string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = {
        accept: 'application/json',
        'accept-encoding': encoding,
        authorization: `Bearer ${token}`,
      };
      request(new URL(path, options.endpoint), { agent, headers, signal })
        .on('response', resolve)
        .on('error', reject)
        .end();
    });

  const open = async (path: string, encoding: string, signal: AbortSignal): Promise<IncomingMessage> => {
    let response = await send(path, encoding, await options.token(false), signal);
    if (response.statusCode === 401) {
      response.resume();
      response = await send(path, encoding, await options.token(true), signal);
    }
    if (response.statusCode === 200) return response;
    const { statusCode = 0, headers } = response;
    const seconds = Number(headers['retry-after']);
    const message = statusMessage(await readBody(response));
    throw apiFault(statusCode, message, seconds > 0 ? seconds * 1000 : undefined);
  };

  return {
    get: async (path, signal) => JSON.parse(await readBody(await open(path, 'gzip', signal))),
    watch: async (path, onEvent, signal) => readEvents(await open(path, 'identity', signal), onEvent),
    disconnect: () => agent.destroy(),
  };
}

/** A page of 500 pods is about 3 MB; more than this is no answer of a Kubernetes API. */
const MAX_BODY_BYTES = 256 * 1024 * 1024;

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (response.headers['content-encoding'] !== 'gzip') return body.toString();
  return gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES }).toString();
}

/** The `message` of a `Status`: `pods is forbidden: User "..." cannot list resource "pods" ...`. */
function statusMessage(body: string): string {
  try {
    const { message } = JSON.parse(body);
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}

async function readEvents(
  response: IncomingMessage,
  onEvent: (event: WatchEvent) => boolean,
): Promise<boolean> {
  response.setEncoding('utf8');
  let pending = '';
  for await (const chunk of response) {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      // Leaving the loop destroys the response and with it the connection.
      if (line !== '' && !onEvent(JSON.parse(line))) return false;
    }
  }
  if (pending !== '') throw new Error('the watch broke off within an event');
  return true;
}
