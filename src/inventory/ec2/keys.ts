// The instances and addresses to request from EC2, derived from the keys of a batch and the state of the clusters.
import type { BatchLookupKeys, Directory } from '../../core/model/directory.ts';
import { canonicalAddress, isPrivateIPv4 } from '../address.ts';
import type { ClusterTables } from '../ip-ownership/index.ts';
import type { Owner } from '../ip-ownership/interval.ts';
import type { Ec2Keys } from './index.ts';

/**
 * The instances of the nodes behind the clients of a batch, and all client addresses that no cluster knows: unknown
 * ones first, then those whose known instance needs to be confirmed now and then. `keys` and `clusters` are those of one
 * account and region, `all` the clusters of all of them. Call after the clusters are synced.
 */
export function derivedKeys(
  keys: BatchLookupKeys,
  directory: Pick<Directory, 'instanceAt'>,
  clusters: readonly ClusterTables[],
  all: readonly ClusterTables[] = clusters,
): Ec2Keys {
  const ids = new Set<string>();
  const clusterVpcs = new Set(clusters.flatMap(({ cluster }) => cluster.vpcId ?? []));
  const addresses = new Map<string, Set<string>>();
  /** Pairs of VPC id and address; added last, because the number of addresses per invocation is limited. */
  const known: (readonly [string, string])[] = [];
  const add = (vpcId: string, ip: string): void => {
    const ips = addresses.get(vpcId) ?? new Set();
    addresses.set(vpcId, ips.add(ip));
  };
  const addIfPrivate = (vpcId: string | undefined, ip: string): void => {
    if (vpcId === undefined || !isPrivateIPv4(ip)) return;
    if (directory.instanceAt(vpcId, ip)) known.push([vpcId, ip]);
    else add(vpcId, ip);
  };
  for (const tables of clusters) {
    const { cluster, nodes } = tables;
    const inVpc = keys.vpcs.filter(({ vpcId }) => vpcId !== undefined && vpcId === cluster.vpcId);
    const clients = [keys.clientIps, ...inVpc.map(({ ips }) => ips)];
    // With more clients than nodes, nearly all nodes have clients: adding all is cheaper than finding out which.
    const isBusy = clients.reduce((sum, ips) => sum + ips.size, 0) > nodes.size();
    if (isBusy) for (const owner of nodes.owners()) addInstance(ids, owner);
    else for (const ips of clients) for (const ip of ips) addInstancesOf(ids, ip, tables);
  }
  for (const ip of keys.clientIps) {
    if (isOwned(ip, all)) continue;
    for (const { cluster } of clusters) addIfPrivate(cluster.vpcId, canonicalAddress(ip) ?? ip);
  }
  for (const { vpcId, ips } of keys.vpcs) {
    const inVpc = all.filter(({ cluster }) => cluster.vpcId === vpcId);
    for (const ip of ips) if (!isOwned(ip, inVpc)) addIfPrivate(vpcId, canonicalAddress(ip) ?? ip);
  }
  for (const [vpcId, ip] of known) add(vpcId, ip);
  return { ids, areIdsLogged: false, addresses, clusterVpcs };
}

/** Whether the address has an owner in one of the clusters, at any time. */
function isOwned(ip: string, clusters: readonly ClusterTables[]): boolean {
  // Logged addresses are nearly always canonical, and the conversion is slow.
  for (const { pods } of clusters) if (pods.byIp(ip) !== undefined) return true;
  const key = canonicalAddress(ip) ?? ip;
  return clusters.some(({ pods, nodes }) => pods.byIp(key) !== undefined || nodes.byIp(key) !== undefined);
}

/** Adds the instances of all owners of `ip`, at any time. */
function addInstancesOf(ids: Set<string>, ip: string, { pods, nodes }: ClusterTables): void {
  const key = canonicalAddress(ip) ?? ip;
  const ownerships = [pods, nodes].flatMap((table) => table.byIp(key)?.ownerships ?? []);
  for (const { owner, startMs } of ownerships) {
    const nodeName = owner.kind === 'pod' ? owner.pod.nodeName : owner.node.name;
    addInstance(ids, nodes.byName(nodeName ?? '', startMs)?.owner);
  }
}

function addInstance(ids: Set<string>, owner: Owner | undefined): void {
  if (owner?.kind === 'node' && owner.node.instanceId !== undefined) ids.add(owner.node.instanceId);
}
