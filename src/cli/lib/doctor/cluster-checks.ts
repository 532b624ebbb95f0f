// Each cluster: may the function read it, and does its CoreDNS log?
import type { Aws } from '../aws/clients.ts';
import { isFault } from '../aws/command.ts';
import { openCorefile } from '../cluster/corefile-source.ts';
import { logsEveryQuery, withLog } from '../corefile/edit.ts';
import type { DnsFunction } from '../stream/function.ts';
import { accessChecks, deployWith, isLookedUp } from './access-checks.ts';
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
  let authenticationMode: string | undefined;
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
    authenticationMode = found.accessConfig?.authenticationMode;
    return [
      dnsFunction === undefined || isLookedUp(name, dnsFunction)
        ? good(link('cluster'), `${found.status}, ${cluster.vpcId ?? 'no VPC'}`)
        : bad(
            link('cluster'),
            'the function does not look it up (CLUSTERS)',
            'its pods are not named',
            deployWith(name, dnsFunction),
          ),
      privateCheck(link('network'), found.resourcesVpcConfig?.endpointPublicAccess ?? true, dnsFunction),
    ];
  });
  if (cluster === undefined) return { cluster, checks: first };
  const checks = [
    ...first,
    ...(await look(link('access'), () =>
      accessChecks(aws, { name, authenticationMode }, dnsFunction, region),
    )),
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
