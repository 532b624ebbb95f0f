// May the function read a cluster? Two things have to hold: the cluster knows its role, and the role's group has rights.
import type { Aws } from '../aws/clients.ts';
import { isFault } from '../aws/command.ts';
import { openCluster } from '../cluster/api.ts';
import type { DnsFunction } from '../stream/function.ts';
import { bad, type Check, good, look, poor } from './check.ts';

/** The group that scripts/kubernetes/rbac.yaml gives its rights to. */
const GROUP = 'eks-dns-firehose';

const clustersOf = (dnsFunction: DnsFunction | undefined): readonly string[] =>
  (dnsFunction?.variables.CLUSTERS ?? '').split(',').filter((one) => one !== '');

/** True when the function is configured for the cluster. */
export const isLookedUp = (name: string, dnsFunction: DnsFunction): boolean =>
  clustersOf(dnsFunction).includes(name);

/** The deployment that adds a cluster; the parameter holds all of them, so those that are there stay in it. */
export const deployWith = (name: string, dnsFunction: DnsFunction | undefined): string =>
  `sam deploy --parameter-overrides Clusters=${[...clustersOf(dnsFunction), name].join(',')}`;

/** What `accessChecks` has to know of a cluster; the mode is `API`, `CONFIG_MAP` or `API_AND_CONFIG_MAP`. */
type Entered = { readonly name: string; readonly authenticationMode: string | undefined };

/** Looks at the function's access entry in a cluster, and at what its group may do there. */
export async function accessChecks(
  aws: Aws,
  { name, authenticationMode }: Entered,
  dnsFunction: DnsFunction | undefined,
  region: string | undefined,
): Promise<readonly Check[]> {
  const link = `${name}: access`;
  if (dnsFunction === undefined)
    return [bad(link, 'there is no function yet', 'pods are not named', deployWith(name, dnsFunction))];
  if (authenticationMode === 'CONFIG_MAP') return [mappedCheck(link, dnsFunction.roleArn)];
  const groups = await entryGroups(aws, name, dnsFunction.roleArn);
  if (groups === undefined) return [noEntry(link, name, authenticationMode, dnsFunction)];
  return [
    good(link, `access entry with group ${groups.join(', ') || '(none)'}`),
    ...(await look(`${name}: rights`, async () => [await rightsCheck(name, region, groups)])),
  ];
}

/** Groups of the role's access entry; undefined when it has none. */
async function entryGroups(
  aws: Aws,
  clusterName: string,
  principalArn: string,
): Promise<readonly string[] | undefined> {
  try {
    const { accessEntry } = await (await aws.eks()).describeAccessEntry({ clusterName, principalArn });
    return accessEntry?.kubernetesGroups ?? [];
  } catch (error) {
    if (isFault(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

function mappedCheck(link: string, roleArn: string): Check {
  return poor(
    link,
    'the cluster knows no access entries (authentication mode CONFIG_MAP)',
    'pods are named only where the role is mapped in aws-auth',
    `kubectl --namespace kube-system edit configmap aws-auth: map ${roleArn} to group ${GROUP}`,
  );
}

function noEntry(link: string, name: string, mode: string | undefined, dnsFunction: DnsFunction): Check {
  const saw = "the function's role has no access entry";
  const means = 'the cluster answers it with 401; pods are not named';
  const fix = isLookedUp(name, dnsFunction)
    ? `aws eks create-access-entry --cluster-name ${name} --principal-arn ${dnsFunction.roleArn} --kubernetes-groups ${GROUP}`
    : deployWith(name, dnsFunction);
  return mode === 'API_AND_CONFIG_MAP'
    ? poor(link, saw, `unless it is mapped in aws-auth, ${means}`, fix)
    : bad(link, saw, means, fix);
}

/** Asks the cluster itself what the group may do; nothing is done in the group's name. */
async function rightsCheck(
  name: string,
  region: string | undefined,
  groups: readonly string[],
): Promise<Check> {
  const link = `${name}: rights`;
  const api = await openCluster(name, region);
  const refused: string[] = [];
  for (const resource of ['pods', 'nodes'])
    for (const verb of ['list', 'watch']) {
      const spec = { user: 'eks-dns-firehose', groups, resourceAttributes: { verb, resource } };
      const { status, body } = await api('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec,
      });
      if (status !== 201) throw new Error(`you may not ask the cluster about rights (${status})`);
      if ((body as { status?: { allowed?: boolean } }).status?.allowed !== true)
        refused.push(`${verb} ${resource}`);
    }
  if (refused.length === 0) return good(link, 'the group may list and watch pods and nodes');
  return bad(
    link,
    `the group may not ${refused.join(', ')}`,
    'the cluster answers with 403; pods are not named',
    'kubectl apply -f scripts/kubernetes/rbac.yaml',
  );
}
