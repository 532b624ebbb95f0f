import { expect } from '@jest/globals';
import { type Attributor, createAttributor } from '../../src/core/attribution/index.ts';
import { createCachedAttributors } from '../../src/core/fast-path/cached-attributor.ts';
import type { AttributionResult } from '../../src/core/model/client.ts';
import type { Directory } from '../../src/core/model/directory.ts';
import type { DnsEvent } from '../../src/core/model/dns-event.ts';
import type { Settings } from '../../src/core/model/settings.ts';
import { originStub } from './origin-stub.ts';

type AttributionSettings = Pick<Settings, 'logGroupClusters'>;

/** Attributes events of one log group. */
export const attributeIn = (
  attributor: Attributor,
  logGroup: string | undefined,
): ((event: DnsEvent) => AttributionResult) => {
  const scope = attributor.scopeOf(originStub({ logGroup }));
  return (event) => attributor.attribute(scope, event);
};

/** An attributor whose every result is compared with that of the fast path, first and from its cache. */
export function checkedAttributor(directory: Directory, settings: AttributionSettings): Attributor {
  const ordinary = createAttributor(directory, settings);
  const cached = createCachedAttributors(settings)(directory);
  const cachedScopes = new Map<unknown, ReturnType<Attributor['scopeOf']>>();
  return {
    scopeOf: (origin) => {
      const scope = ordinary.scopeOf(origin);
      cachedScopes.set(scope, cached.scopeOf(origin));
      return scope;
    },
    attribute: (scope, event) => {
      const result = ordinary.attribute(scope, event);
      const cachedScope = cachedScopes.get(scope) ?? scope;
      for (const _ of ['first', 'again']) expect(cached.attribute(cachedScope, event)).toMatchObject(result);
      return result;
    },
  };
}
