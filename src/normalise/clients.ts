import type { Client } from '../model/client.ts';
import { memoise } from '../model/memo.ts';
import type { Caps } from './caps.ts';
import { clientText, instanceText } from './client-text.ts';
import { bytesOf, type JsonText } from './json-text.ts';

/** Text from `dns.client.kind` to the client's instance, and what it was written for. */
export type ClientText = {
  readonly origin: Uint8Array;
  readonly vpcId: string | undefined;
  readonly text: Uint8Array;
  /** A value was cut: annotations may be longer than attributes. */
  readonly isCut: boolean;
};

/** The last texts of a client: one, or one for each of two logs that it is in (CoreDNS and the Resolver). */
type Last = { first: ClientText | undefined; second: ClientText | undefined };

/** About as many as ask in one batch, 1.4 kB each; twice as many are remembered at most. */
const MAX_CLIENTS = 4096;

/** Creates the writer of what records say of a client; `origin` is what they say of the log, in the middle of it. */
export function createClientTexts(
  json: JsonText,
): (client: Client, origin: Uint8Array, vpcId: string | undefined) => ClientText {
  const known = memoise((_: Client): Last => ({ first: undefined, second: undefined }), MAX_CLIENTS);
  return (client, origin, vpcId) => {
    const last = known(client);
    const { first, second } = last;
    if (first?.origin === origin && first.vpcId === vpcId) return first;
    last.second = first;
    last.first =
      second?.origin === origin && second.vpcId === vpcId ? second : write(json, client, origin, vpcId);
    return last.first;
  };
}

function write(json: JsonText, client: Client, origin: Uint8Array, vpcId: string | undefined): ClientText {
  const caps: Caps = { hit: false };
  const who = clientText(json, client, caps);
  const where = instanceText(json, client, vpcId, caps);
  const text = bytesOf(who + Buffer.from(origin).toString('latin1') + where);
  return { origin, vpcId, text, isCut: caps.hit };
}
