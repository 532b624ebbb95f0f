// Whether all clients of a server have disconnected.
import type { Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** Number of checks, 10 ms apart: a client that closes its connections has done so long before the last one. */
const TRIES = 3000;

/** True once every connection is closed; false when some are left after half a minute. */
export async function isDeserted(server: Server): Promise<boolean> {
  const count = async (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_, connections) => resolve(connections)));
  for (let tries = 0; tries < TRIES && (await count()) > 0; tries += 1) await setTimeout(10);
  return (await count()) === 0;
}
