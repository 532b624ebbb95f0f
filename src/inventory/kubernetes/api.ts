// The requests to a Kubernetes API: a JSON document, a page of a list, and a stream of watch events.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { IncomingMessage } from 'node:http';
import { Agent } from 'node:https';
import { redact } from '../redact.ts';
import { bodyOf, readText } from './body.ts';
import { sendRequest } from './http.ts';
import { createProjection, type ProjectionOptions } from './json-projection.ts';
import { members, type Shape, unite, WHOLE } from './shape.ts';

/** An event of a watch: `{"type":"MODIFIED","object":{"kind":"Pod",...}}`. */
export type WatchEvent = { readonly type: string; readonly object: unknown };

/** What to read of the answer to a list. */
export type ListRequest = {
  /** `/api/v1/pods?limit=500` */
  readonly path: string;
  /** The members to keep of an item. */
  readonly shape: Shape;
  /** Limit for the inflated answer. */
  readonly maxBytes: number;
  /** Receives each item, reduced to its shape, as it arrives. */
  readonly onItem: (item: unknown) => void;
};

/** What to read of a watch. */
export type WatchRequest = {
  /** `/api/v1/pods?watch=1&resourceVersion=7` */
  readonly path: string;
  /** The members to keep of an object. */
  readonly shape: Shape;
  /** Receives each event; false: read no further. */
  readonly onEvent: (event: WatchEvent) => boolean;
};

/** The part of a Kubernetes API that the directory uses; `signal` aborts a request. */
export interface KubernetesApi {
  /** Resolves to the JSON document at `path`. Rejects with an `ApiFault` unless the response is 200. */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /**
   * Delivers the items of a list; resolves to the rest of the document, with its `metadata`. Rejects with
   * `DocumentTooLarge` for an answer over `maxBytes`, of which some items have been delivered.
   */
  list(request: ListRequest, signal: AbortSignal): Promise<unknown>;
  /**
   * Delivers events until `onEvent` returns false or the server ends the stream. Resolves to true if the server ended
   * it; rejects when the connection breaks, and with `DocumentTooLarge` for an event over 4 MB.
   */
  watch(request: WatchRequest, signal: AbortSignal): Promise<boolean>;
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
  // Verification is not left to the environment.
  const agent = new Agent({ keepAlive: true, maxSockets: 6, ca: options.ca, rejectUnauthorized: true });

  const target = { endpoint: options.endpoint, ca: options.ca, agent };
  const send = (path: string, encoding: string, token: string, signal: AbortSignal) =>
    sendRequest(target, { path, token, headers: { 'accept-encoding': encoding }, signal });

  const open = async (path: string, encoding: string, signal: AbortSignal): Promise<IncomingMessage> => {
    let token = await options.token(false);
    let response = await send(path, encoding, token, signal);
    if (response.statusCode === 401) {
      response.destroy();
      token = await options.token(true);
      response = await send(path, encoding, token, signal);
    }
    if (response.statusCode === 200) return response;
    const { statusCode = 0, headers } = response;
    const seconds = Number(headers['retry-after']);
    // The server may repeat the token that it was sent.
    const message = redact(await statusMessage(response), [token]);
    throw apiFault(statusCode, message, seconds > 0 ? seconds * 1000 : undefined);
  };

  return {
    get: async (path, signal) => JSON.parse(await readText(await open(path, 'gzip', signal), MAX_BODY_BYTES)),
    list: async ({ path, shape, maxBytes, onItem }, signal) => {
      const items = { kind: 'items', each: shape } as const;
      const page = unite(members({ items }), LIST);
      let document: unknown;
      const onDocument = (read: unknown): boolean => {
        document = read;
        return true;
      };
      await project(await open(path, 'gzip', signal), { shape: page, maxBytes, onDocument, onItem });
      return document;
    },
    watch: async ({ path, shape, onEvent }, signal) => {
      const event = members({ type: WHOLE, object: unite(shape, STATUS) });
      const onDocument = (document: unknown): boolean => onEvent(document as WatchEvent);
      const options = { shape: event, maxBytes: MAX_EVENT_BYTES, onDocument };
      return project(await open(path, 'identity', signal), options);
    },
    disconnect: () => agent.destroy(),
  };
}

/** Limit for a document that is read as a whole: a namespace, with up to 256 KiB of annotations. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Limit for the `Status` of a refused request. */
const MAX_STATUS_BYTES = 64 * 1024;

/** Limit for one event of a watch. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

/** Of a list, what is read beside its items. */
const LIST = members({ metadata: members({ resourceVersion: WHOLE, continue: WHOLE }) });

/** Of any object: its version, and the times that tell when it was written. */
const VERSION = {
  resourceVersion: WHOLE,
  creationTimestamp: WHOLE,
  deletionTimestamp: WHOLE,
  deletionGracePeriodSeconds: WHOLE,
};

/** Of the object of an event: the version of any object, and the members of a `Status`. */
const STATUS = members({ metadata: members(VERSION), code: WHOLE, message: WHOLE });

/** The `message` of a `Status`: `pods is forbidden: User "..." cannot list resource "pods" ...`. */
async function statusMessage(response: IncomingMessage): Promise<string> {
  try {
    const { message } = JSON.parse(await readText(response, MAX_STATUS_BYTES));
    return typeof message === 'string' ? message : '';
  } catch {
    return '';
  }
}

/** Reads the body of a response; resolves to false if `onDocument` ended it. */
async function project(response: IncomingMessage, options: ProjectionOptions): Promise<boolean> {
  const projection = createProjection(options);
  for await (const chunk of bodyOf(response)) {
    // Returning from the loop destroys the response and its connection.
    if (!projection.write(chunk)) return false;
  }
  projection.end();
  return true;
}
