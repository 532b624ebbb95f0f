// Kubernetes and EC2 together: brought up to date beside decoding, awaited within the budget, then left alone.
import type { Directory, LookupKeys } from '../model/directory.ts';
import type { PendingDirectory } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { canonicalAddress } from './address.ts';
import { createEc2Source, type Ec2Keys } from './ec2.ts';
import { createClusterSource } from './kubernetes/cluster.ts';
import { createOwnerIndex } from './owner-index.ts';

/** Share of the budget that clusters may take while EC2 waits for what they say. */
const CLUSTER_SHARE = 0.75;

/** A source whose sockets and timers live only from `begin` to the end of `lookup`. */
export type LiveSource = { readonly begin: (clock: () => number) => PendingDirectory };

/** Connects to nothing before the first `begin`. */
export function createLiveSource(settings: Settings): LiveSource {
  const clusters = settings.clusters.map((name) => createClusterSource(name, settings));
  const ec2 = createEc2Source(settings.region);
  const directory = createOwnerIndex(
    clusters.map(({ tables }) => tables),
    ec2.instances,
  );
  /** The invocation before, should it have ended without a `lookup`. */
  let last = new AbortController();

  return {
    begin: (clock) => {
      last.abort();
      const refreshing = new AbortController();
      last = refreshing;
      const refreshed = Promise.all(clusters.map(({ refresh }) => refresh(clock, refreshing.signal)));
      ec2.begin();
      return {
        lookup: async (keys) => {
          const everything = new AbortController();
          const budgetMs = settings.lookupBudgetMs;
          const share = settings.ec2Lookup ? CLUSTER_SHARE : 1;
          const timers = [
            setTimeout(() => refreshing.abort(), budgetMs * share),
            setTimeout(() => everything.abort(), budgetMs),
          ];
          // What the records name themselves need not wait for the clusters.
          const named = { ids: keys.instanceIds, addresses: new Map() };
          const describe = async (what: Ec2Keys) =>
            settings.ec2Lookup ? ec2.describe(what, clock, everything.signal) : undefined;
          await Promise.all([refreshed, describe(named)]);
          await describe(derivedKeys(keys, directory, clusters));
          for (const timer of timers) clearTimeout(timer);
          return directory;
        },
        health: () => {
          const healths = clusters.map(({ health }) => health(clock()));
          return settings.ec2Lookup ? [...healths, ec2.health(clock())] : healths;
        },
      };
    },
  };
}

type Clusters = readonly Pick<ReturnType<typeof createClusterSource>, 'tables'>[];

/** Instances of the nodes behind the clients; addresses that no cluster knows. */
function derivedKeys(keys: LookupKeys, directory: Directory, clusters: Clusters): Ec2Keys {
  const ids = new Set(keys.instanceIds);
  const addresses = new Map<string, Set<string>>();
  const want = (vpcId: string | undefined, ip: string): void => {
    if (vpcId === undefined || !isPrivate(ip) || directory.instanceAt(vpcId, ip)) return;
    const wanted = addresses.get(vpcId) ?? new Set();
    addresses.set(vpcId, wanted.add(ip));
  };
  for (const ip of keys.clientIps) {
    if (addInstances(ids, ip, clusters)) continue;
    for (const { tables } of clusters) want(tables.cluster.vpcId, canonicalAddress(ip) ?? ip);
  }
  for (const [vpcId, ips] of keys.vpcIps) {
    for (const ip of ips) {
      const inVpc = clusters.filter(({ tables }) => tables.cluster.vpcId === vpcId);
      if (!addInstances(ids, ip, inVpc)) want(vpcId, canonicalAddress(ip) ?? ip);
    }
  }
  return { ids, addresses };
}

/** Adds the instances of whoever had `ip` at any time; false when nobody did. */
function addInstances(ids: Set<string>, ip: string, clusters: Clusters): boolean {
  const key = canonicalAddress(ip) ?? ip;
  let isKnown = false;
  for (const { tables } of clusters) {
    const pods = tables.pods.at(key)?.tenures ?? [];
    const nodes = tables.nodes.at(key)?.tenures ?? [];
    for (const { holder } of [...pods, ...nodes]) {
      isKnown = true;
      const name = holder.kind === 'pod' ? holder.pod.nodeName : holder.node.name;
      const node = tables.nodes.named(name ?? '')?.holder;
      if (node?.kind === 'node' && node.node.instanceId !== undefined) ids.add(node.node.instanceId);
    }
  }
  return isKnown;
}

/** IPv4 addresses that a VPC hands out: RFC 1918 and the shared space of RFC 6598 (EKS custom networking). */
function isPrivate(ip: string): boolean {
  const [a, b] = ip.split('.').map(Number);
  if (ip.includes(':') || a === undefined || b === undefined) return false;
  if (a === 172) return b >= 16 && b < 32;
  if (a === 100) return b >= 64 && b < 128;
  return a === 10 || (a === 192 && b === 168);
}
