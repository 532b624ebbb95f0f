// The value of `CLUSTERS`: `<name or ARN>[=<role ARN>],...`, e.g.
//   shop,arn:aws:eks:us-east-1:444455556666:cluster/shop=arn:aws:iam::444455556666:role/eks-dns-reader
import type { ClusterSetting } from '../core/model/settings.ts';

/** The clusters of a valid value, and the faults of an invalid one. */
export type ClusterList = {
  readonly clusters: readonly ClusterSetting[];
  /** `"a.b" is not a cluster name: ...`; empty when the value is valid. */
  readonly faults: readonly string[];
};

// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
const NAME = /^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/;

// arn:aws:eks:eu-west-1:111122223333:cluster/shop
const CLUSTER_ARN = /^arn:(aws[a-z-]{0,20}):eks:([a-z0-9-]{1,30}):(\d{12}):cluster\/([^/]{1,100})$/;

// arn:aws:iam::444455556666:role/path/name. IAM also allows `=` and `,`, which separate the entries of this list.
const ROLE_ARN = /^arn:(aws[a-z-]{0,20}):iam::(\d{12}):role\/[\w+.@/-]{1,576}$/;

/**
 * Reads the value of `CLUSTERS`. `region` is the function's own: with it, the ARN of a cluster that is given by name
 * follows from its role.
 */
export function parseClusterList(text: string, region: string | undefined): ClusterList {
  const faults: string[] = [];
  const clusters = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const cluster = readEntry(entry, region);
      if (typeof cluster !== 'string') return cluster;
      faults.push(cluster);
      return [];
    });
  const seen = new Set<string>();
  for (const cluster of clusters) {
    const identities = identitiesOf(cluster, region);
    if (identities.some((identity) => seen.has(identity))) faults.push(`"${cluster.id}" is listed twice`);
    for (const identity of identities) seen.add(identity);
  }
  return { clusters, faults };
}

/** Without a role, an ARN of the function's own region can only be the cluster that the bare name means as well. */
const identitiesOf = ({ id, name, region, roleArn }: ClusterSetting, ownRegion: string | undefined) =>
  roleArn === undefined && (region ?? ownRegion) === ownRegion ? [id, name] : [id];

/** Whether a text may be the name or the ARN of a cluster: `shop`, `arn:aws:eks:eu-west-1:111122223333:cluster/shop`. */
export const isClusterId = (text: string): boolean => NAME.test(CLUSTER_ARN.exec(text)?.[4] ?? text);

/** One entry, or its fault. */
function readEntry(entry: string, ownRegion: string | undefined): ClusterSetting | string {
  const at = entry.indexOf('=');
  const id = (at < 0 ? entry : entry.slice(0, at)).trim();
  const roleArn = at < 0 ? undefined : entry.slice(at + 1).trim();
  const role = roleArn === undefined ? undefined : ROLE_ARN.exec(roleArn);
  if (role === null) return `"${roleArn}" is not the ARN of an IAM role, arn:aws:iam::<account>:role/<name>`;
  const [, rolePartition, roleAccountId] = role ?? [];
  if (!id.startsWith('arn:')) {
    if (!NAME.test(id))
      return `"${id}" is not a cluster name (letters, digits, - and _, at most 100) or its ARN`;
    const isDerivable = roleAccountId !== undefined && ownRegion !== undefined;
    const arn = isDerivable
      ? `arn:${rolePartition}:eks:${ownRegion}:${roleAccountId}:cluster/${id}`
      : undefined;
    return { id: arn ?? entry, name: id, arn, accountId: roleAccountId, region: undefined, roleArn };
  }
  const [, partition, region, accountId, name = ''] = CLUSTER_ARN.exec(id) ?? [];
  if (!NAME.test(name))
    return `"${id}" is not the ARN of a cluster, arn:aws:eks:<region>:<account>:cluster/<name>`;
  if (role !== undefined && (rolePartition !== partition || roleAccountId !== accountId))
    return `the role of "${id}" must be in the account of the cluster; found "${roleArn}"`;
  return { id, name, arn: id, accountId, region, roleArn };
}
