// What to ask EC2 for, once the clusters have said who is where.
import type { Directory, LookupKeys } from '../model/directory.ts';
import { canonicalAddress } from './address.ts';
import type { Ec2Keys } from './ec2.ts';
import type { ClusterTables } from './owner-index.ts';

/** Instances of the nodes behind the clients; addresses that no cluster knows, whether an instance has them or not. */
export function derivedKeys(
  keys: LookupKeys,
  directory: Pick<Directory, 'instanceAt'>,
  clusters: readonly ClusterTables[],
): Ec2Keys {
  const ids = new Set(keys.instanceIds);
  const addresses = new Map<string, Set<string>>();
  /** To be confirmed now and then; those of nobody come first, because not all may have their turn. */
  const known: (readonly [string, string])[] = [];
  const add = (vpcId: string, ip: string): void => {
    const wanted = addresses.get(vpcId) ?? new Set();
    addresses.set(vpcId, wanted.add(ip));
  };
  const want = (vpcId: string | undefined, ip: string): void => {
    if (vpcId === undefined || !isPrivate(ip)) return;
    if (directory.instanceAt(vpcId, ip)) known.push([vpcId, ip]);
    else add(vpcId, ip);
  };
  for (const ip of keys.clientIps) {
    if (addInstances(ids, ip, clusters)) continue;
    for (const { cluster } of clusters) want(cluster.vpcId, canonicalAddress(ip) ?? ip);
  }
  for (const [vpcId, ips] of keys.vpcIps) {
    const inVpc = clusters.filter(({ cluster }) => cluster.vpcId === vpcId);
    for (const ip of ips) {
      if (!addInstances(ids, ip, inVpc)) want(vpcId, canonicalAddress(ip) ?? ip);
    }
  }
  for (const [vpcId, ip] of known) add(vpcId, ip);
  return { ids, addresses };
}

/** Adds the instances of whoever had `ip` at any time; false when nobody did. */
function addInstances(ids: Set<string>, ip: string, clusters: readonly ClusterTables[]): boolean {
  const key = canonicalAddress(ip) ?? ip;
  let isKnown = false;
  for (const tables of clusters) {
    const pods = tables.pods.at(key)?.tenures ?? [];
    const nodes = tables.nodes.at(key)?.tenures ?? [];
    for (const { holder, startMs } of [...pods, ...nodes]) {
      isKnown = true;
      const name = holder.kind === 'pod' ? holder.pod.nodeName : holder.node.name;
      const node = tables.nodes.named(name ?? '', startMs)?.holder;
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
