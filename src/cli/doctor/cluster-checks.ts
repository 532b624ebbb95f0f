// Each cluster: may the function read it, and does its CoreDNS log?
import type { Aws } from '../aws/clients.ts';
import { isFault } from '../aws/command.ts';
import type { DnsFunction } from '../chain/function.ts';
import { openCluster } from '../cluster/api.ts';
import { openCorefile } from '../cluster/corefile-source.ts';
import { logsEveryQuery, withLog } from '../corefile/edit.ts';
import { bad, type Check, good, look, poor } from './check.ts';

/** A cluster as far as the later checks need it. */
export type KnownCluster = { readonly name: string; readonly vpcId: string | undefined };

/** Looks at a cluster; undefined when there is none of that name. */
export async function checkCluster(
  aws: Aws,
  name: string,
  dnsFunction: DnsFunction | undefined,
  region: string | undefined,
): Promise<{ readonly cluster: KnownCluster | undefined; readonly checks: readonly Check[] }> {
  let cluster: KnownCluster | undefined;
  const link = (what: string): string => `${name}: ${what}`;
  const first = await look(link('cluster'), async () => {
    const found = await describe(aws, name);
    if (found === undefined)
      return [
        bad(
          link('cluster'),
          'there is no such cluster here',
          'its pods cannot be named',
          'aws eks list-clusters',
        ),
      ];
    cluster = { name, vpcId: found.resourcesVpcConfig?.vpcId };
    const listed = (dnsFunction?.variables.CLUSTERS ?? '').split(',').includes(name);
    return [
      listed || dnsFunction === undefined
        ? good(link('cluster'), `${found.status}, ${cluster.vpcId ?? 'no VPC'}`)
        : bad(
            link('cluster'),
            'the function does not look it up (CLUSTERS)',
            'its pods are not named',
            `sam deploy --parameter-overrides Clusters=${[dnsFunction.variables.CLUSTERS, name].filter(Boolean).join(',')}`,
          ),
      privateCheck(link('network'), found.resourcesVpcConfig?.endpointPublicAccess ?? true, dnsFunction),
    ];
  });
  if (cluster === undefined) return { cluster, checks: first };
  const checks = [
    ...first,
    ...(await look(link('access'), () => accessChecks(aws, name, dnsFunction, region))),
    ...(await look(link('CoreDNS log'), () => corefileCheck(aws, name, region))),
  ];
  return { cluster, checks };
}

async function describe(aws: Aws, name: string) {
  try {
    return (await (await aws.eks()).describeCluster({ name })).cluster;
  } catch (error) {
    if (isFault(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

function privateCheck(link: string, isPublic: boolean, dnsFunction: DnsFunction | undefined): Check {
  if (isPublic || dnsFunction?.isInVpc === true)
    return good(link, isPublic ? 'the API endpoint is public' : 'private endpoint, function in a VPC');
  return bad(
    link,
    'the API endpoint is private and the function is outside any VPC',
    'the function cannot ask who a pod is',
    'sam deploy --parameter-overrides SubnetIds=... SecurityGroupIds=... (README, private clusters)',
  );
}

async function accessChecks(
  aws: Aws,
  clusterName: string,
  dnsFunction: DnsFunction | undefined,
  region: string | undefined,
): Promise<readonly Check[]> {
  const link = `${clusterName}: access`;
  const deploy = `sam deploy --parameter-overrides Clusters=${clusterName}`;
  if (dnsFunction === undefined) return [bad(link, 'there is no function yet', 'pods are not named', deploy)];
  const eks = await aws.eks();
  const principalArn = dnsFunction.roleArn;
  try {
    const { accessEntry } = await eks.describeAccessEntry({ clusterName, principalArn });
    const groups = accessEntry?.kubernetesGroups ?? [];
    return [
      good(link, `access entry with group ${groups.join(', ') || '(none)'}`),
      ...(await look(`${clusterName}: rights`, async () => [await rightsCheck(clusterName, region, groups)])),
    ];
  } catch (error) {
    if (!isFault(error, 'ResourceNotFoundException')) throw error;
    return [
      bad(
        link,
        "the function's role has no access entry",
        'the cluster answers it with 401; pods are not named',
        deploy,
      ),
    ];
  }
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

async function corefileCheck(aws: Aws, name: string, region: string | undefined): Promise<readonly Check[]> {
  const link = `${name}: CoreDNS log`;
  const source = await openCorefile(aws, name, {
    ...(region === undefined ? {} : { region }),
    configMap: 'coredns',
    resolveConflicts: 'none',
  });
  if (!logsEveryQuery(source.corefile))
    return [
      bad(
        link,
        `no log directive for what pods ask (${source.where})`,
        'CoreDNS does not say who asked for what',
        `eks-dns enable-coredns-log --cluster ${name}`,
      ),
    ];
  const [warning] = withLog(source.corefile, { kind: 'plain' }).warnings;
  return [
    warning === undefined
      ? good(link, `on (${source.where})`)
      : poor(
          link,
          warning,
          'some queries may not be logged',
          `eks-dns enable-coredns-log --cluster ${name} --dry-run`,
        ),
  ];
}
