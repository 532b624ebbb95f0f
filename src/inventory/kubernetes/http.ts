// One HTTPS request to a Kubernetes API, for the function and the command line.
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';

/** A request; `agent` false opens a connection of its own. */
export type ApiRequest = {
  readonly method?: string;
  /** `/api/v1/pods?limit=500` */
  readonly path: string;
  readonly token: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
};

/** Where a request goes. Only the cluster's own CA is trusted; an agent brings its own. */
export type ApiTarget = {
  /** `https://0123.gr7.eu-west-1.eks.amazonaws.com` */
  readonly endpoint: string;
  /** PEM. */
  readonly ca: string;
  readonly agent: Agent | false;
};

/** Sends a request; resolves to the response, whatever its status, before its body is read. */
export const sendRequest = async (
  { endpoint, ca, agent }: ApiTarget,
  { method = 'GET', path, token, headers, body, signal }: ApiRequest,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    // Node 24 opens a connection for a request that is aborted already, and leaves it to the agent.
    signal.throwIfAborted();
    const all = { accept: 'application/json', authorization: `Bearer ${token}`, ...headers };
    request(new URL(path, endpoint), { method, headers: all, ca, agent, signal, rejectUnauthorized: true })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });
