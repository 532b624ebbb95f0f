// Checks of a cluster: whether the function may read it, and whether its CoreDNS logs queries.
import type { Aws } from '../aws/clients.ts';
import { isAwsError } from '../aws/command.ts';
import { openCorefile } from '../cluster/index.ts';
import { logsEveryQuery, withLog } from '../corefile/index.ts';
import type { DnsFunction } from '../stream/function.ts';
import { accessChecks, deployWith, isLookedUp } from './access-checks.ts';
import { attempt, type Check, missing, ok, warning } from './check.ts';

/** The properties of a cluster that later checks use. */
export type KnownCluster = { readonly name: string; readonly vpcId: string | undefined };

/** Checks a cluster; `cluster` is undefined if it does not exist. */
export async function checkCluster(
  aws: Aws,
  name: string,
  dnsFunction: DnsFunction | undefined,
  region: string | undefined,
): Promise<{ readonly cluster: KnownCluster | undefined; readonly checks: readonly Check[] }> {
  let cluster: KnownCluster | undefined;
  let authenticationMode: string | undefined;
  const title = (what: string): string => `${name}: ${what}`;
  const first = await attempt(title('cluster'), async () => {
    const found = await describe(aws, name);
    if (found === undefined)
      return [
        missing(
          title('cluster'),
          'there is no such cluster in this account and region',
          'its pods cannot be named',
          'aws eks list-clusters',
        ),
      ];
    cluster = { name, vpcId: found.resourcesVpcConfig?.vpcId };
    authenticationMode = found.accessConfig?.authenticationMode;
    return [
      dnsFunction === undefined || isLookedUp(name, dnsFunction)
        ? ok(title('cluster'), `${found.status}, ${cluster.vpcId ?? 'no VPC'}`)
        : missing(
            title('cluster'),
            "it is not in the function's setting CLUSTERS",
            'its pods are not named',
            deployWith(name, dnsFunction),
          ),
      privateCheck(title('network'), found.resourcesVpcConfig?.endpointPublicAccess ?? true, dnsFunction),
    ];
  });
  if (cluster === undefined) return { cluster, checks: first };
  const checks = [
    ...first,
    ...(await attempt(title('access'), () =>
      accessChecks(aws, { name, authenticationMode }, dnsFunction, region),
    )),
    ...(await attempt(title('CoreDNS log'), () => corefileCheck(aws, name, region))),
  ];
  return { cluster, checks };
}

async function describe(aws: Aws, name: string) {
  try {
    return (await (await aws.eks()).describeCluster({ name })).cluster;
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

function privateCheck(title: string, isPublic: boolean, dnsFunction: DnsFunction | undefined): Check {
  if (isPublic || dnsFunction?.isInVpc === true)
    return ok(title, isPublic ? 'the API endpoint is public' : 'private endpoint, function in a VPC');
  return missing(
    title,
    'the API endpoint is private and the function is outside any VPC',
    'the function cannot look up pods',
    'sam deploy --parameter-overrides SubnetIds=... SecurityGroupIds=... (docs/deploy.md, private clusters)',
  );
}

async function corefileCheck(aws: Aws, name: string, region: string | undefined): Promise<readonly Check[]> {
  const title = `${name}: CoreDNS log`;
  const source = await openCorefile(aws, name, {
    ...(region === undefined ? {} : { region }),
    configMap: 'coredns',
    resolveConflicts: 'none',
  });
  if (!logsEveryQuery(source.corefile))
    return [
      missing(
        title,
        `no log directive for the queries of pods (${source.where})`,
        'CoreDNS does not log queries',
        `eks-dns enable-coredns-log --cluster ${name}`,
      ),
    ];
  const [problem] = withLog(source.corefile, { kind: 'plain' }).warnings;
  return [
    problem === undefined
      ? ok(title, `on (${source.where})`)
      : warning(
          title,
          problem,
          'some queries may not be logged',
          `eks-dns enable-coredns-log --cluster ${name} --dry-run`,
        ),
  ];
}
