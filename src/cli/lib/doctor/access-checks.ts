// Checks whether the function may read a cluster: its role needs an access entry, and the entry's group needs
// permissions.
import type { ClusterSetting } from '../../../core/model/settings.ts';
import { parseClusterList } from '../../../lambda/cluster-list.ts';
import { arnParts } from '../aws/arn.ts';
import type { Aws } from '../aws/clients.ts';
import { collect, isAwsError } from '../aws/command.ts';
import { openCluster } from '../cluster/api.ts';
import { kubectlCommand, type NamedCluster, rulesCommand } from '../cluster/kubectl.ts';
import { accessEntryCommand, KUBERNETES_GROUP } from '../lookup-role/index.ts';
import { type DeployTarget, deployFix } from '../stream/deployment.ts';
import type { DnsFunction } from '../stream/function.ts';
import { mayAssume } from '../stream/role-grant.ts';
import { attempt, type Check, missing, ok, warning } from './check.ts';

/** Entries of the function's setting CLUSTERS. */
const entriesOf = (dnsFunction: DnsFunction | undefined): readonly string[] =>
  collect(dnsFunction?.variables.CLUSTERS ?? '');

/** Whether the function is configured for the cluster. */
export const isLookedUp = ({ id, name }: ClusterSetting, dnsFunction: DnsFunction): boolean =>
  parseClusterList(entriesOf(dnsFunction).join(','), arnParts(dnsFunction.arn).region).clusters.some(
    (configured) => configured.id === id || (configured.arn === undefined && configured.name === name),
  );

/**
 * The deployment that adds an entry, in place of `old` where it is given. The parameter lists all clusters, so the
 * others are included.
 */
export const deployWith = (
  entry: string,
  dnsFunction: DnsFunction | undefined,
  target: DeployTarget,
  old?: string,
): string => {
  const others = entriesOf(dnsFunction).filter((one) => one !== old);
  return deployFix(target, `Clusters=${[...others, entry].join(',')}`);
};

/** A cluster; the authentication mode is `API`, `CONFIG_MAP` or `API_AND_CONFIG_MAP`. */
type ClusterAccess = { readonly setting: ClusterSetting; readonly authenticationMode: string | undefined };

/** Checks the function's access entry in a cluster of `region`, and the permissions of its group. */
export async function accessChecks(
  aws: Aws,
  { setting, authenticationMode }: ClusterAccess,
  dnsFunction: DnsFunction | undefined,
  region: string | undefined,
  target: DeployTarget,
): Promise<readonly Check[]> {
  const { id, name } = setting;
  const cluster = { name, region: setting.region ?? region };
  const title = `${id}: access`;
  if (dnsFunction === undefined)
    return [
      missing(
        title,
        'the function is not deployed',
        'pods are not named',
        deployWith(id, dnsFunction, target),
      ),
    ];
  const roleArn = setting.roleArn ?? dnsFunction.roleArn;
  if (authenticationMode === 'CONFIG_MAP') return [mappedCheck(title, roleArn, cluster)];
  const groups = await entryGroups(aws, name, roleArn);
  if (groups === undefined)
    return [noEntry(title, { setting, authenticationMode }, cluster, dnsFunction, target)];
  return [
    ok(title, `access entry with group ${groups.join(', ') || '(none)'}`),
    ...(await attempt(`${id}: permissions`, () =>
      permissionChecks(id, cluster, groups, dnsFunction.variables.METADATA_FROM === 'namespace'),
    )),
  ];
}

/** Checks whether the function may assume the role of a cluster; nothing without a role. */
export async function roleChecks(
  aws: Aws,
  { id, roleArn }: ClusterSetting,
  dnsFunction: DnsFunction | undefined,
  target: DeployTarget,
): Promise<readonly Check[]> {
  if (roleArn === undefined || dnsFunction === undefined) return [];
  const title = `${id}: role`;
  return attempt(title, async () => [
    (await mayAssume(aws, dnsFunction.roleArn, roleArn))
      ? ok(title, `the function's role may assume ${roleArn}, if its trust policy agrees`)
      : missing(
          title,
          `no policy allows the function's role to assume ${roleArn}`,
          'the cluster cannot be read; its pods are not named',
          deployFix(target, `Clusters=${entriesOf(dnsFunction).join(',')}`),
        ),
  ]);
}

/** Groups of the role's access entry; undefined if it has none. */
export async function entryGroups(
  aws: Aws,
  clusterName: string,
  principalArn: string,
): Promise<readonly string[] | undefined> {
  try {
    const { accessEntry } = await (await aws.eks()).describeAccessEntry({ clusterName, principalArn });
    return accessEntry?.kubernetesGroups ?? [];
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

function mappedCheck(title: string, roleArn: string, cluster: NamedCluster): Check {
  return warning(
    title,
    'the cluster does not use access entries (authentication mode CONFIG_MAP)',
    'pods are named only if the role is mapped in aws-auth',
    `map ${roleArn} to group ${KUBERNETES_GROUP}: \`${kubectlCommand(cluster, '--namespace', 'kube-system', 'edit', 'configmap', 'aws-auth')}\``,
  );
}

function noEntry(
  title: string,
  { setting, authenticationMode: mode }: ClusterAccess,
  { name, region }: NamedCluster,
  dnsFunction: DnsFunction,
  target: DeployTarget,
): Check {
  const { id, roleArn } = setting;
  const observed = `${roleArn ?? "the function's role"} has no access entry`;
  const impact = 'the cluster answers with 401; pods are not named';
  const fix = isLookedUp(setting, dnsFunction)
    ? accessEntryCommand(name, roleArn ?? dnsFunction.roleArn, region)
    : deployWith(id, dnsFunction, target);
  return mode === 'API_AND_CONFIG_MAP'
    ? warning(title, observed, `unless it is mapped in aws-auth, ${impact}`, fix)
    : missing(title, observed, impact, fix);
}

/** One permission; Leases are granted in one namespace only. */
type Rule = {
  readonly verb: 'list' | 'watch';
  readonly resource: string;
  readonly group?: string;
  readonly namespace?: string;
};

const listAndWatch = (resource: string): readonly Rule[] => [
  { verb: 'list', resource },
  { verb: 'watch', resource },
];
const OWNERS = [...listAndWatch('pods'), ...listAndWatch('nodes')];
const LEASES: readonly Rule[] = [
  { verb: 'list', resource: 'leases', group: 'coordination.k8s.io', namespace: 'kube-node-lease' },
];

/** Checks the group's permissions with SubjectAccessReviews, without impersonating the group. */
async function permissionChecks(
  id: string,
  cluster: NamedCluster,
  groups: readonly string[],
  readsNamespaces: boolean,
): Promise<readonly Check[]> {
  const title = `${id}: permissions`;
  const denied = await deniedRequests(cluster, groups, OWNERS);
  const deniedLeases = await deniedRequests(cluster, groups, LEASES);
  const fix = rulesCommand(cluster);
  const checks = [ownersCheck(title, denied, deniedLeases, fix)];
  if (!readsNamespaces) return checks;
  const deniedNamespaces = await deniedRequests(cluster, groups, listAndWatch('namespaces'));
  if (deniedNamespaces.length === 0)
    return [...checks, ok(`${id}: namespaces`, 'the group may list and watch them')];
  const impact = 'METADATA_FROM=namespace: records lack dt.security_context and other annotated attributes';
  return [
    ...checks,
    warning(`${id}: namespaces`, `the group may not ${deniedNamespaces.join(', ')}`, impact, fix),
  ];
}

function ownersCheck(
  title: string,
  denied: readonly string[],
  deniedLeases: readonly string[],
  fix: string,
): Check {
  const all = [...denied, ...deniedLeases];
  if (all.length === 0) return ok(title, 'the group may list and watch pods and nodes, and list node Leases');
  const observed = `the group may not ${all.join(', ')}`;
  return denied.length === 0
    ? warning(title, observed, 'a node that dies is noticed up to a minute late', fix)
    : missing(title, observed, 'the cluster answers with 403; pods are not named', fix);
}

/** The requests that the groups may not make: `list pods`, `list leases in kube-node-lease`. */
async function deniedRequests(
  { name, region }: NamedCluster,
  groups: readonly string[],
  rules: readonly Rule[],
): Promise<readonly string[]> {
  const api = await openCluster(name, region);
  const denied: string[] = [];
  for (const rule of rules) {
    const spec = { user: 'eks-dns-firehose', groups, resourceAttributes: rule };
    const { status, body } = await api('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec,
    });
    if (status !== 201) throw new Error(`you may not create SubjectAccessReviews in the cluster (${status})`);
    if ((body as { status?: { allowed?: boolean } }).status?.allowed === true) continue;
    denied.push(
      `${rule.verb} ${rule.resource}${rule.namespace === undefined ? '' : ` in ${rule.namespace}`}`,
    );
  }
  return denied;
}
