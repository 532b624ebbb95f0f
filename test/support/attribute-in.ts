import { attribute, type Enricher, scopeOf } from '../../src/core/attribution/index.ts';
import type { AttributionResult } from '../../src/core/model/client.ts';
import type { DnsEvent } from '../../src/core/model/dns-event.ts';

/** Attributes events of one log group. */
export const attributeIn = (
  enricher: Enricher,
  logGroup: string | undefined,
): ((event: DnsEvent) => AttributionResult) => {
  const scope = scopeOf(enricher, logGroup);
  return (event) => attribute(enricher, scope, event);
};
