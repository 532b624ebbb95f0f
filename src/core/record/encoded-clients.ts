import type { AddressNote, AttributionResult, Client, ClientText } from '../model/client.ts';
import { createTwoGenerationCache } from '../util/two-generation-cache.ts';
import { clientText, instanceText } from './client-fields.ts';
import { bytesOf, type JsonText } from './json-encoder.ts';
import type { Caps } from './truncation.ts';

// Clients without an address of their own: whoever is known by none, and strangers, who all look alike.
const MAX_CLIENTS = 1000;
// Instances: their pods share what is said of them.
const MAX_INSTANCES = 1000;

/** Creates the writer of what records say of a client. */
export function createClientTexts(
  json: JsonText,
): (who: AttributionResult, vpcId: string | undefined) => ClientText {
  const { depth } = json;
  const instanceBytes = createTwoGenerationCache((text: string) => bytesOf(text), MAX_INSTANCES);

  const write = (client: Client, vpcId: string | undefined): ClientText => {
    const caps: Caps = { hit: false };
    const who = bytesOf(clientText(json, client, caps));
    const where = instanceBytes(instanceText(json, client, vpcId, caps));
    return { client, depth, vpcId, who, where, isCut: caps.hit };
  };
  const written = createTwoGenerationCache(
    (_: Client): AddressNote => ({ clientText: undefined }),
    MAX_CLIENTS,
  );

  return ({ client, note }, vpcId) => {
    const noted = note?.clientText;
    if (noted?.client === client && noted.vpcId === vpcId && noted.depth === depth) return noted;
    const known = written(client);
    const last = known.clientText;
    const text = last !== undefined && last.vpcId === vpcId ? last : write(client, vpcId);
    known.clientText = text;
    if (note !== undefined) note.clientText = text;
    return text;
  };
}
