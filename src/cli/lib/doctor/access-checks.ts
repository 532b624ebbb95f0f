// Checks whether the function may read a cluster: its role needs an access entry, and the entry's group needs
// permissions.
import type { Aws } from '../aws/clients.ts';
import { isAwsError } from '../aws/command.ts';
import { openCluster } from '../cluster/api.ts';
import type { DnsFunction } from '../stream/function.ts';
import { attempt, type Check, missing, ok, warning } from './check.ts';

/** The group in scripts/kubernetes/rbac.yaml. */
const GROUP = 'eks-dns-firehose';

const clustersOf = (dnsFunction: DnsFunction | undefined): readonly string[] =>
  (dnsFunction?.variables.CLUSTERS ?? '').split(',').filter((one) => one !== '');

/** Whether the function is configured for the cluster. */
export const isLookedUp = (name: string, dnsFunction: DnsFunction): boolean =>
  clustersOf(dnsFunction).includes(name);

/** The deployment that adds a cluster. The parameter lists all clusters, so the current ones are included. */
export const deployWith = (name: string, dnsFunction: DnsFunction | undefined): string =>
  `sam deploy --parameter-overrides Clusters=${[...clustersOf(dnsFunction), name].join(',')}`;

/** A cluster; the authentication mode is `API`, `CONFIG_MAP` or `API_AND_CONFIG_MAP`. */
type ClusterAccess = { readonly name: string; readonly authenticationMode: string | undefined };

/** Checks the function's access entry in a cluster, and the permissions of its group. */
export async function accessChecks(
  aws: Aws,
  { name, authenticationMode }: ClusterAccess,
  dnsFunction: DnsFunction | undefined,
  region: string | undefined,
): Promise<readonly Check[]> {
  const title = `${name}: access`;
  if (dnsFunction === undefined)
    return [
      missing(title, 'the function is not deployed', 'pods are not named', deployWith(name, dnsFunction)),
    ];
  if (authenticationMode === 'CONFIG_MAP') return [mappedCheck(title, dnsFunction.roleArn)];
  const groups = await entryGroups(aws, name, dnsFunction.roleArn);
  if (groups === undefined) return [noEntry(title, name, authenticationMode, dnsFunction)];
  return [
    ok(title, `access entry with group ${groups.join(', ') || '(none)'}`),
    ...(await attempt(`${name}: permissions`, () =>
      permissionChecks(name, region, groups, dnsFunction.variables.METADATA_FROM === 'namespace'),
    )),
  ];
}

/** Groups of the role's access entry; undefined if it has none. */
async function entryGroups(
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

function mappedCheck(title: string, roleArn: string): Check {
  return warning(
    title,
    'the cluster does not use access entries (authentication mode CONFIG_MAP)',
    'pods are named only if the role is mapped in aws-auth',
    `kubectl --namespace kube-system edit configmap aws-auth: map ${roleArn} to group ${GROUP}`,
  );
}

function noEntry(title: string, name: string, mode: string | undefined, dnsFunction: DnsFunction): Check {
  const observed = "the function's role has no access entry";
  const impact = 'the cluster answers with 401; pods are not named';
  const fix = isLookedUp(name, dnsFunction)
    ? `aws eks create-access-entry --cluster-name ${name} --principal-arn ${dnsFunction.roleArn} --kubernetes-groups ${GROUP}`
    : deployWith(name, dnsFunction);
  return mode === 'API_AND_CONFIG_MAP'
    ? warning(title, observed, `unless it is mapped in aws-auth, ${impact}`, fix)
    : missing(title, observed, impact, fix);
}

/** Checks the group's permissions with SubjectAccessReviews, without impersonating the group. */
async function permissionChecks(
  name: string,
  region: string | undefined,
  groups: readonly string[],
  readsNamespaces: boolean,
): Promise<readonly Check[]> {
  const title = `${name}: permissions`;
  const fix = 'kubectl apply -f scripts/kubernetes/rbac.yaml';
  const denied = await deniedRequests(name, region, groups, ['pods', 'nodes']);
  const pods =
    denied.length === 0
      ? ok(title, 'the group may list and watch pods and nodes')
      : missing(
          title,
          `the group may not ${denied.join(', ')}`,
          'the cluster answers with 403; pods are not named',
          fix,
        );
  if (!readsNamespaces) return [pods];
  const deniedNamespaces = await deniedRequests(name, region, groups, ['namespaces']);
  if (deniedNamespaces.length === 0)
    return [pods, ok(`${name}: namespaces`, 'the group may list and watch them')];
  const impact = 'METADATA_FROM=namespace: records lack dt.security_context and other annotated attributes';
  return [
    pods,
    warning(`${name}: namespaces`, `the group may not ${deniedNamespaces.join(', ')}`, impact, fix),
  ];
}

/** The requests that the groups may not make: `list pods`. */
async function deniedRequests(
  name: string,
  region: string | undefined,
  groups: readonly string[],
  resources: readonly string[],
): Promise<readonly string[]> {
  const api = await openCluster(name, region);
  const denied: string[] = [];
  for (const resource of resources)
    for (const verb of ['list', 'watch']) {
      const spec = { user: 'eks-dns-firehose', groups, resourceAttributes: { verb, resource } };
      const { status, body } = await api('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec,
      });
      if (status !== 201)
        throw new Error(`you may not create SubjectAccessReviews in the cluster (${status})`);
      if ((body as { status?: { allowed?: boolean } }).status?.allowed !== true)
        denied.push(`${verb} ${resource}`);
    }
  return denied;
}
