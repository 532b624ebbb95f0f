// Checks of a cluster: whether the function may read it, and whether its CoreDNS logs queries.
import type { ClusterSetting } from '../../../core/model/settings.ts';
import { arnParts } from '../aws/arn.ts';
import { type Aws, openAws } from '../aws/clients.ts';
import { isAwsError } from '../aws/command.ts';
import { openCorefile } from '../cluster/index.ts';
import { unloggedBlocks, withLog } from '../corefile/index.ts';
import type { DnsFunction } from '../stream/function.ts';
import { accessChecks, deployWith, isLookedUp, roleChecks } from './access-checks.ts';
import { attempt, type Check, missing, ok, warning } from './check.ts';

/** The properties of a cluster that later checks use. */
export type KnownCluster = { readonly name: string; readonly vpcId: string | undefined };

/** The result of `checkCluster`. */
type ClusterResult = { readonly cluster: KnownCluster | undefined; readonly checks: readonly Check[] };

/**
 * Checks a cluster, with the caller's credentials in the cluster's own region. `cluster` is undefined if it does not
 * exist, or if its logs are elsewhere: in another account or region.
 */
export async function checkCluster(
  aws: Aws,
  setting: ClusterSetting,
  dnsFunction: DnsFunction | undefined,
  region: string | undefined,
): Promise<ClusterResult> {
  const role = await roleChecks(aws, setting, dnsFunction);
  if (isForeign(setting, dnsFunction))
    return { cluster: undefined, checks: [...role, foreignCheck(setting, dnsFunction)] };
  const isElsewhere = setting.region !== undefined && setting.region !== ownRegion(dnsFunction, region);
  const { cluster, checks } = isElsewhere
    ? await checkReachable(openAws(setting.region), setting, dnsFunction, setting.region)
    : await checkReachable(aws, setting, dnsFunction, region);
  return { cluster: isElsewhere ? undefined : cluster, checks: [...role, ...checks] };
}

const ownRegion = (dnsFunction: DnsFunction | undefined, region: string | undefined): string | undefined =>
  region ?? (dnsFunction && arnParts(dnsFunction.arn).region);

const isForeign = ({ accountId }: ClusterSetting, dnsFunction: DnsFunction | undefined): boolean =>
  accountId !== undefined && dnsFunction !== undefined && accountId !== arnParts(dnsFunction.arn).accountId;

function foreignCheck(
  { id, accountId, roleArn }: ClusterSetting,
  dnsFunction: DnsFunction | undefined,
): Check {
  const title = `${id}: cluster`;
  if (roleArn === undefined)
    return missing(
      title,
      `it is in account ${accountId}, and no role is configured for it`,
      'the cluster cannot be read; its pods are not named',
      deployWith(`${id}=<role ARN>`, dnsFunction, id),
    );
  return {
    name: title,
    state: 'unknown',
    observed: `it is in account ${accountId}, which your credentials are not for`,
    impact: 'trust policy, access entry and CoreDNS log could not be checked',
    fix: `eks-dns lookup-role shows what account ${accountId} needs; directory_degraded in the function's log names a refused role`,
  };
}

async function checkReachable(
  aws: Aws,
  setting: ClusterSetting,
  dnsFunction: DnsFunction | undefined,
  region: string | undefined,
): Promise<ClusterResult> {
  const { id, name } = setting;
  let cluster: KnownCluster | undefined;
  let authenticationMode: string | undefined;
  const title = (what: string): string => `${id}: ${what}`;
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
      dnsFunction === undefined || isLookedUp(setting, dnsFunction)
        ? ok(title('cluster'), `${found.status}, ${cluster.vpcId ?? 'no VPC'}`)
        : missing(
            title('cluster'),
            "it is not in the function's setting CLUSTERS",
            'its pods are not named',
            deployWith(id, dnsFunction),
          ),
      privateCheck(title('network'), found.resourcesVpcConfig?.endpointPublicAccess ?? true, dnsFunction),
    ];
  });
  if (cluster === undefined) return { cluster, checks: first };
  const checks = [
    ...first,
    ...(await attempt(title('access'), () =>
      accessChecks(aws, { setting, authenticationMode }, dnsFunction, region),
    )),
    ...(await attempt(title('CoreDNS log'), () => corefileCheck(aws, title('CoreDNS log'), name, region))),
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

async function corefileCheck(
  aws: Aws,
  title: string,
  name: string,
  region: string | undefined,
): Promise<readonly Check[]> {
  const source = await openCorefile(aws, name, {
    ...(region === undefined ? {} : { region }),
    configMap: 'coredns',
    resolveConflicts: 'none',
  });
  const { pods, others } = unloggedBlocks(source.corefile);
  const change = withLog(source.corefile, { kind: 'plain' }, { allZones: true });
  const [problem] = change.warnings;
  const fix =
    change.after === source.corefile
      ? `change the Corefile yourself (${problem ?? source.where})`
      : `eks-dns enable-coredns-log --cluster ${name} --all-zones`;
  if (pods.length > 0) {
    const observed = `not every query is logged (${source.where}): ${[...pods, ...others].join('; ')}`;
    return [missing(title, observed, 'queries of pods are missing in the log', fix)];
  }
  const doubt = others.length > 0 ? others.join('; ') : problem;
  return [
    doubt === undefined
      ? ok(title, `on (${source.where})`)
      : warning(title, doubt, 'some queries may not be logged', fix),
  ];
}
