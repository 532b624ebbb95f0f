// The API of a cluster in memory, without sockets and in simulated time.
import { apiFault, type KubernetesApi } from '../../src/inventory/kubernetes/api.ts';
import type { KubernetesCluster } from './kubernetes-cluster.ts';

/**
 * The API without sockets. A bookmark ends each watch, because time does not advance within an invocation; a late cache,
 * which knows the changes until `cachedUntilMs`, sends none.
 */
export function socketlessApi(cluster: KubernetesCluster, cachedUntilMs?: number): KubernetesApi {
  const parse = (path: string) => new URL(path, 'https://bench');
  return {
    get: async (path) =>
      path.startsWith('/apis/')
        ? cluster.list(parse(path).pathname, 100_000, undefined)
        : { metadata: { uid: 'uid-cluster' } },
    list: async ({ path, onItem }) => {
      const { pathname, searchParams } = parse(path);
      const page = cluster.list(
        pathname,
        Number(searchParams.get('limit')),
        searchParams.get('continue') ?? undefined,
      );
      if (page === 'gone') throw apiFault(410, 'gone');
      for (const item of page.items) onItem(item);
      return page;
    },
    watch: async ({ path, onEvent }) => {
      const { pathname, searchParams } = parse(path);
      const events = cluster.since(pathname, Number(searchParams.get('resourceVersion')), cachedUntilMs);
      if (events === 'gone') throw apiFault(410, 'gone');
      for (const event of events) if (!onEvent(event)) return false;
      if (cachedUntilMs !== undefined) return true;
      return onEvent({
        type: 'BOOKMARK',
        object: { metadata: { resourceVersion: String(cluster.version()) } },
      });
    },
  };
}
