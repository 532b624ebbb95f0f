// The roles with which the function reads clusters of other accounts: what has to be set up there, and how.
import type { ClusterSetting } from '../../../core/model/settings.ts';
import { arnParts } from '../aws/arn.ts';
import { rulesCommand } from '../cluster/kubectl.ts';
import { commandLine } from '../shell.ts';

/** What one role needs. */
export type LookupRole = {
  readonly roleArn: string;
  /** Who may assume it. */
  readonly trustPolicy: object;
  /** What it may do. */
  readonly permissionsPolicy: object;
  /** Shell commands that create all of it, to be run with credentials of the role's account. */
  readonly commands: readonly string[];
};

/** The group in scripts/kubernetes/rbac.yaml. */
export const KUBERNETES_GROUP = 'eks-dns-firehose';

/** The command that gives a role access to a cluster; `region` is that of the cluster, where it has to be named. */
export const accessEntryCommand = (name: string, roleArn: string, region: string | undefined): string =>
  commandLine(['aws', 'eks', 'create-access-entry'], {
    region,
    'cluster-name': name,
    'principal-arn': roleArn,
    'kubernetes-groups': KUBERNETES_GROUP,
  });

/** The function that assumes the roles. */
export type AssumingFunction = {
  readonly roleArn: string;
  readonly region: string;
  readonly externalId: string | undefined;
};

/** The roles of these clusters, in their order; one role may read several clusters. */
export function lookupRoles(
  clusters: readonly ClusterSetting[],
  dnsFunction: AssumingFunction,
): readonly LookupRole[] {
  const byRole = new Map<string, ClusterSetting[]>();
  for (const cluster of clusters) {
    if (cluster.roleArn === undefined) continue;
    const others = byRole.get(cluster.roleArn);
    if (others === undefined) byRole.set(cluster.roleArn, [cluster]);
    else others.push(cluster);
  }
  return [...byRole].map(([roleArn, ofRole]) => lookupRole(roleArn, ofRole, dnsFunction));
}

function lookupRole(
  roleArn: string,
  clusters: readonly ClusterSetting[],
  { roleArn: functionRoleArn, region: ownRegion, externalId }: AssumingFunction,
): LookupRole {
  const { partition, accountId, resource } = arnParts(roleArn);
  const located = clusters.map(({ name, region = ownRegion }) => ({
    name,
    region,
    arn: `arn:${partition}:eks:${region}:${accountId}:cluster/${name}`,
  }));
  const trust = {
    Effect: 'Allow',
    Principal: { AWS: functionRoleArn },
    Action: 'sts:AssumeRole',
    ...(externalId === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
  };
  const regions = [...new Set(located.map(({ region }) => region))];
  const permissions = [
    { Effect: 'Allow', Action: 'eks:DescribeCluster', Resource: located.map(({ arn }) => arn) },
    {
      // EC2 Describe calls have no resource-level permissions.
      Effect: 'Allow',
      Action: 'ec2:DescribeInstances',
      Resource: '*',
      Condition: { StringEquals: { 'ec2:Region': regions } },
    },
  ];
  const trustPolicy = { Version: '2012-10-17', Statement: [trust] };
  const permissionsPolicy = { Version: '2012-10-17', Statement: permissions };
  // role/team/eks-dns: a path may stand before the name.
  const [, path = '/', name = ''] = /^role(\/(?:.*\/)?)(.*)$/.exec(resource) ?? [];
  return {
    roleArn,
    trustPolicy,
    permissionsPolicy,
    commands: [
      commandLine(['aws', 'iam', 'create-role'], {
        'role-name': name,
        path: path === '/' ? undefined : path,
        'assume-role-policy-document': JSON.stringify(trustPolicy),
      }),
      commandLine(['aws', 'iam', 'put-role-policy'], {
        'role-name': name,
        'policy-name': 'eks-dns-firehose',
        'policy-document': JSON.stringify(permissionsPolicy),
      }),
      ...located.flatMap((cluster) => [
        accessEntryCommand(cluster.name, roleArn, cluster.region),
        rulesCommand(cluster),
      ]),
    ],
  };
}
