import type { Client } from '../model/client.ts';
import { memoise } from '../model/memo.ts';
import type { Caps } from './caps.ts';
import { clientText, instanceText } from './client-text.ts';
import { bytesOf, type JsonText } from './json-text.ts';

/** What records say of a client; what they said last is nearly always said again. */
export type ClientTexts = {
  /** `dns.client.*`, `k8s.*`, `dt.*`. */
  readonly who: Uint8Array;
  readonly isWhoCut: boolean;
  rest: Rest | undefined;
};

/** Text from `network.transport` to the client's instance, and what it was written for. */
export type Rest = {
  readonly transport: string | undefined;
  readonly origin: Uint8Array;
  readonly vpcId: string | undefined;
  readonly text: Uint8Array;
  /** A value was cut: annotations may be longer than attributes. */
  readonly isCut: boolean;
};

// About as many clients as ask in one batch; twice as many are remembered at most.
const MAX_CLIENTS = 4096;

/** Creates the memory of clients. */
export const createClientTexts = (json: JsonText): ((client: Client) => ClientTexts) =>
  memoise((client: Client): ClientTexts => {
    const caps: Caps = { hit: false };
    const who = bytesOf(clientText(json, client, caps));
    return { who, isWhoCut: caps.hit, rest: undefined };
  }, MAX_CLIENTS);

/** Creates the writer of everything between `client.port` and `dns.resolver.*`; `origin` is the log's, in the middle. */
export function createRestText(json: JsonText, transportText: (transport: string) => Uint8Array) {
  const nothing = bytesOf('');
  return (
    texts: ClientTexts,
    client: Client,
    origin: Uint8Array,
    transport: string | undefined,
    vpcId: string | undefined,
  ): Rest => {
    const { rest } = texts;
    if (rest?.origin === origin && rest.transport === transport && rest.vpcId === vpcId) return rest;
    const caps: Caps = { hit: texts.isWhoCut };
    const instance = bytesOf(instanceText(json, client, vpcId, caps));
    const head = transport === undefined ? nothing : transportText(transport);
    const text = Buffer.concat([head, texts.who, origin, instance]);
    texts.rest = { transport, origin, vpcId, text, isCut: caps.hit };
    return texts.rest;
  };
}
