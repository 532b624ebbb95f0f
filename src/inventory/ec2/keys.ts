// What to ask EC2 for, once the clusters have said who is where.
import type { BatchLookupKeys, Directory } from '../../core/model/directory.ts';
import type { Tenure } from '../ip-ownership/interval.ts';
import type { ClusterTables } from '../owner-index.ts';
import { canonicalAddress } from './address.ts';
import type { Ec2Keys } from './source.ts';

const NO_IPS: ReadonlySet<string> = new Set();

/** Instances of the nodes behind the clients; addresses that no cluster knows, whether an instance has them or not. */
export function derivedKeys(
  keys: BatchLookupKeys,
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
  for (const tables of clusters) {
    const { cluster, nodes } = tables;
    const inVpc = keys.vpcIps.get(cluster.vpcId ?? '') ?? NO_IPS;
    // With more clients than nodes, nearly all nodes are behind them: cheaper to ask for than to find out which.
    const isBusy = keys.clientIps.size + inVpc.size > nodes.size();
    if (isBusy) for (const holder of nodes.holders()) addInstance(ids, holder);
    else for (const ips of [keys.clientIps, inVpc]) for (const ip of ips) addInstancesOf(ids, ip, tables);
  }
  for (const ip of keys.clientIps) {
    if (isOwned(ip, clusters)) continue;
    for (const { cluster } of clusters) want(cluster.vpcId, canonicalAddress(ip) ?? ip);
  }
  for (const [vpcId, ips] of keys.vpcIps) {
    const inVpc = clusters.filter(({ cluster }) => cluster.vpcId === vpcId);
    for (const ip of ips) if (!isOwned(ip, inVpc)) want(vpcId, canonicalAddress(ip) ?? ip);
  }
  for (const [vpcId, ip] of known) add(vpcId, ip);
  return { ids, addresses };
}

/** Whether anybody ever had that address in one of the clusters. */
function isOwned(ip: string, clusters: readonly ClusterTables[]): boolean {
  for (const { pods } of clusters) if (pods.at(ip) !== undefined) return true;
  const key = canonicalAddress(ip) ?? ip;
  return clusters.some(({ pods, nodes }) => pods.at(key) !== undefined || nodes.at(key) !== undefined);
}

/** Adds the instances of whoever had `ip` at any time. */
function addInstancesOf(ids: Set<string>, ip: string, { pods, nodes }: ClusterTables): void {
  const key = canonicalAddress(ip) ?? ip;
  for (const { holder, startMs } of [...(pods.at(key)?.tenures ?? []), ...(nodes.at(key)?.tenures ?? [])]) {
    const name = holder.kind === 'pod' ? holder.pod.nodeName : holder.node.name;
    addInstance(ids, nodes.named(name ?? '', startMs)?.holder);
  }
}

function addInstance(ids: Set<string>, holder: Tenure['holder'] | undefined): void {
  if (holder?.kind === 'node' && holder.node.instanceId !== undefined) ids.add(holder.node.instanceId);
}

/** IPv4 addresses that a VPC hands out: RFC 1918 and the shared space of RFC 6598 (EKS custom networking). */
function isPrivate(ip: string): boolean {
  const [a, b] = ip.split('.').map(Number);
  if (ip.includes(':') || a === undefined || b === undefined) return false;
  if (a === 172) return b >= 16 && b < 32;
  if (a === 100) return b >= 64 && b < 128;
  return a === 10 || (a === 192 && b === 168);
}
