// The two kinds of requests to a Kubernetes API: a JSON document, and a stream of watch events.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { IncomingMessage } from 'node:http';
import { Agent } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { sendRequest } from './http.ts';

/** An event of a watch: `{"type":"MODIFIED","object":{"kind":"Pod",...}}`. */
export type WatchEvent = { readonly type: string; readonly object: unknown };

/** The part of a Kubernetes API that the directory uses; `signal` aborts a request. */
export interface KubernetesApi {
  /** Resolves to the JSON document at `path`. Rejects with an `ApiFault` unless the response is 200. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /**
   * Calls `onEvent` for each event at `path` until it returns false or the server ends the stream. Resolves to true
   * if the server ended it; rejects when the connection breaks.
   */
  watch(path: string, onEvent: (event: WatchEvent) => boolean, signal: AbortSignal): Promise<boolean>;
}

/** A response other than 200. */
export type ApiFault = Error & { readonly status: number; readonly retryAfterMs: number | undefined };

/** Creates the error for a response other than 200; `retryAfterMs` is the value of `Retry-After`. */
export const apiFault = (status: number, message: string, retryAfterMs?: number): ApiFault =>
  Object.assign(new Error(message), { status, retryAfterMs });

/** The HTTP status of an `ApiFault`; undefined for any other error. */
export const statusOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined;

/** Endpoint, trust anchor and credentials of a cluster. */
export type ApiOptions = {
  /** `https://0123.gr7.eu-west-1.eks.amazonaws.com` */
  readonly endpoint: string;
  /** The cluster's own CA in PEM; no other CA is trusted. */
  readonly ca: string;
  /** Resolves to a bearer token, a new one when the last was refused. */
  readonly token: (isRefused: boolean) => Promise<string>;
};

/** A client for one cluster that owns its sockets. */
export type KubernetesClient = KubernetesApi & {
  /** Closes all sockets; the client stays usable. */
  readonly disconnect: () => void;
};

/** A client for one cluster. Connects with the first request. */
export function createKubernetesApi(options: ApiOptions): KubernetesClient {
  // One agent for all invocations: it keeps the TLS session, which shortens later handshakes.
  const agent = new Agent({ keepAlive: true, maxSockets: 6, ca: options.ca });

  const target = { endpoint: options.endpoint, ca: options.ca, agent };
  const send = (path: string, encoding: string, token: string, signal: AbortSignal) =>
    sendRequest(target, { path, token, headers: { 'accept-encoding': encoding }, signal });

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

/** Limit for a response body; a page of 500 pods has about 3 MB. */
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
      // Returning from the loop destroys the response and its connection.
      if (line !== '' && !onEvent(JSON.parse(line))) return false;
    }
  }
  if (pending !== '') throw new Error('the watch ended within an event');
  return true;
}
