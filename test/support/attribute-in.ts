import { attribute, type Enricher, scopeOf } from '../../src/enrich.ts';
import type { Attributed } from '../../src/model/client.ts';
import type { DnsEvent } from '../../src/model/dns-event.ts';

/** Attributes events of one log group. */
export const attributeIn = (
  enricher: Enricher,
  logGroup: string | undefined,
): ((event: DnsEvent) => Attributed) => {
  const scope = scopeOf(enricher, logGroup);
  return (event) => attribute(enricher, scope, event);
};
