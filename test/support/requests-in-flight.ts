// Counts this process's open HTTP requests, so that a test can wait for a state instead of for some time.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const STARTED = 'http.client.request.start';

/** Timer turns without a change after which the state counts as final. */
const QUIET_TURNS = 10;

/** Starts counting; ends with `stop`. */
export function watchRequests() {
  const open = new Set<ClientRequest>();
  const onStart = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    open.add(request);
    request.once('close', () => open.delete(request));
  };
  subscribe(STARTED, onStart);
  return {
    /** Resolves once exactly `count` requests are open and `isReady` holds, both for `QUIET_TURNS`. */
    settleAt: async (count: number, isReady: () => boolean): Promise<void> => {
      for (let turns = 0; turns < QUIET_TURNS; ) {
        await setTimeout(1);
        turns = open.size === count && isReady() ? turns + 1 : 0;
      }
    },
    stop: () => unsubscribe(STARTED, onStart),
  };
}
