import type { SourceIds } from '../../model/dns-event.ts';
import { isObject } from '../../util/json.ts';

// Version 1.0 spells the keys of an endpoint with hyphens.
const RESOLVER_ENDPOINT = ['resolver_endpoint', 'resolver-endpoint'] as const;
const NETWORK_INTERFACE = ['resolver_network_interface', 'resolver-network-interface'] as const;
const KEYS: ReadonlySet<string> = new Set(['instance', ...RESOLVER_ENDPOINT, ...NETWORK_INTERFACE]);

/** Reads `srcids`, such as `{"instance":"i-0b48"}` or `{}`; undefined without an id. */
export function readSourceIds(value: unknown): SourceIds | undefined {
  if (!isObject(value)) return undefined;
  const instance = idOf(value.instance);
  const resolverEndpoint = idOf(value[RESOLVER_ENDPOINT[0]]) ?? idOf(value[RESOLVER_ENDPOINT[1]]);
  const resolverNetworkInterface = idOf(value[NETWORK_INTERFACE[0]]) ?? idOf(value[NETWORK_INTERFACE[1]]);
  const hasId = (instance ?? resolverEndpoint ?? resolverNetworkInterface) !== undefined;
  return hasId ? { instance, resolverEndpoint, resolverNetworkInterface } : undefined;
}

/** Whether `readSourceIds` reads this member of `srcids`. */
export function isSourceId(key: string, value: unknown): boolean {
  return KEYS.has(key) && typeof value === 'string';
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
