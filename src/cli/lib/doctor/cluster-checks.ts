// Checks of a cluster: whether the function may read it, and whether its CoreDNS logs queries.
import type { VpcConfigResponse } from '@aws-sdk/client-eks';
import type { ClusterSetting } from '../../../core/model/settings.ts';
import { arnParts } from '../aws/arn.ts';
import { type Aws, openAws } from '../aws/clients.ts';
import { isAwsError } from '../aws/command.ts';
import { openCorefile } from '../cluster/index.ts';
import { unloggedBlocks, withLog } from '../corefile/index.ts';
import { type CommandOptions, commandLine, inSentence } from '../shell.ts';
import { type DeployTarget, deployFix } from '../stream/deployment.ts';
import type { DnsFunction } from '../stream/function.ts';
import { accessChecks, deployWith, isLookedUp, roleChecks } from './access-checks.ts';
import { attempt, type Check, missing, ok, warning } from './check.ts';

/** Name for a role in another account; any other does as well. */
const ROLE_NAME = 'eks-dns-firehose-reader';

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
  target: DeployTarget,
): Promise<ClusterResult> {
  const { region } = target;
  const role = await roleChecks(aws, setting, dnsFunction, target);
  if (isForeign(setting, dnsFunction))
    return { cluster: undefined, checks: [...role, foreignCheck(setting, dnsFunction, target)] };
  const isElsewhere = setting.region !== undefined && setting.region !== ownRegion(dnsFunction, region);
  const { cluster, checks } = isElsewhere
    ? await checkReachable(openAws(setting.region), setting, dnsFunction, setting.region, target)
    : await checkReachable(aws, setting, dnsFunction, region, target);
  return { cluster: isElsewhere ? undefined : cluster, checks: [...role, ...checks] };
}

const ownRegion = (dnsFunction: DnsFunction | undefined, region: string | undefined): string | undefined =>
  region ?? (dnsFunction && arnParts(dnsFunction.arn).region);

const isForeign = ({ accountId }: ClusterSetting, dnsFunction: DnsFunction | undefined): boolean =>
  accountId !== undefined && dnsFunction !== undefined && accountId !== arnParts(dnsFunction.arn).accountId;

function foreignCheck(
  { id, accountId, roleArn }: ClusterSetting,
  dnsFunction: DnsFunction | undefined,
  target: DeployTarget,
): Check {
  const title = `${id}: cluster`;
  const lookupRole = (options: CommandOptions): string =>
    `\`${commandLine(['eks-dns', 'lookup-role'], { function: dnsFunction?.name, ...options })}\``;
  if (roleArn === undefined) {
    const entry = `${id}=arn:${arnParts(id).partition}:iam::${accountId}:role/${ROLE_NAME}`;
    return missing(
      title,
      `it is in account ${accountId}, and no role is configured for it`,
      'the cluster cannot be read; its pods are not named',
      `with the role that ${lookupRole({ cluster: entry })} describes: ${inSentence(deployWith(entry, dnsFunction, target, id))}`,
    );
  }
  return {
    name: title,
    state: 'unknown',
    observed: `it is in account ${accountId}, which your credentials are not for`,
    impact: 'trust policy, access entry and CoreDNS log could not be checked',
    fix: `${lookupRole({})} shows what account ${accountId} needs; directory_degraded in the function's log names a refused role`,
  };
}

async function checkReachable(
  aws: Aws,
  setting: ClusterSetting,
  dnsFunction: DnsFunction | undefined,
  region: string | undefined,
  target: DeployTarget,
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
          `correct its name; \`${commandLine(['aws', 'eks', 'list-clusters'], { region })}\` lists them`,
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
            deployWith(id, dnsFunction, target),
          ),
      privateCheck(title('network'), found.resourcesVpcConfig, dnsFunction, target),
    ];
  });
  if (cluster === undefined) return { cluster, checks: first };
  const checks = [
    ...first,
    ...(await attempt(title('access'), () =>
      accessChecks(aws, { setting, authenticationMode }, dnsFunction, region, target),
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

function privateCheck(
  title: string,
  network: VpcConfigResponse | undefined,
  dnsFunction: DnsFunction | undefined,
  target: DeployTarget,
): Check {
  const { endpointPublicAccess: isPublic = true, subnetIds = [], clusterSecurityGroupId } = network ?? {};
  if (isPublic || dnsFunction?.isInVpc === true)
    return ok(title, isPublic ? 'the API endpoint is public' : 'private endpoint, function in a VPC');
  return missing(
    title,
    'the API endpoint is private and the function is outside any VPC',
    'the function cannot look up pods',
    clusterSecurityGroupId === undefined || subnetIds.length === 0
      ? 'set the parameters SubnetIds and SecurityGroupIds to private subnets of its VPC (docs/deploy.md, private clusters)'
      : // The cluster's own group accepts itself on every port.
        deployFix(target, `SubnetIds=${subnetIds.join(',')}`, `SecurityGroupIds=${clusterSecurityGroupId}`),
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
      : commandLine(['eks-dns', 'enable-coredns-log'], { cluster: name, 'all-zones': true, region });
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
