// The API as its administrator uses it: the simulation writes pods, nodes and Leases.
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** One request; rejects unless the response is 2xx or one of `accepted`. */
export type Admin = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
  accepted?: readonly number[],
) => Promise<unknown>;

/** An API client with the certificate `admin` of `folder`. `close` closes its connections. */
export function openAdmin(
  endpoint: string,
  folder: string,
): { readonly send: Admin; readonly close: () => void } {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 32,
    ca: read('ca.crt'),
    cert: read('admin.crt'),
    key: read('admin.key'),
  });
  const send: Admin = async (method, path, body, accepted = []) => {
    const content = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      // Node does not add it to a DELETE.
      'content-length': Buffer.byteLength(content),
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(new URL(path, endpoint), { method, agent, headers })
        .on('response', resolve)
        .on('error', reject)
        .end(content);
    });
    const answer = await text(response);
    const status = response.statusCode ?? 0;
    if (status >= 300 && !accepted.includes(status)) {
      throw new Error(`${method} ${path}: ${status} ${answer.slice(0, 500)}`);
    }
    return answer.startsWith('{') ? JSON.parse(answer) : answer;
  };
  return { send, close: () => agent.destroy() };
}
