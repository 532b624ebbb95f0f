// Checks of the log sources: whether Resolver queries are logged, and whether the log groups are subscribed.
import type { Aws } from '../aws/clients.ts';
import { filtersOf } from '../log-groups/filters.ts';
import { associations, queryLogConfigs } from '../resolver/api.ts';
import { type Destination, destinationsOf } from '../resolver/destinations.ts';
import { commandLine } from '../shell.ts';
import type { Stream, StreamOptions } from '../stream/delivery-stream.ts';
import type { DeployTarget } from '../stream/deployment.ts';
import type { DnsFunction, FunctionOptions } from '../stream/function.ts';
import { attempt, type Check, missing, ok } from './check.ts';
import type { KnownCluster } from './cluster-checks.ts';
import { subscribeFix } from './subscribe-fix.ts';
import { checkTrust, type SourceGroup } from './trust-checks.ts';

/** Options besides the clusters. */
type SourceOptions = FunctionOptions &
  StreamOptions & {
    readonly vpc?: readonly string[];
    readonly logGroup?: readonly string[];
    readonly without?: readonly string[];
  };

const IMPACT = 'answers, and queries that bypass CoreDNS, are not visible';

/** The log groups on the chain, and their checks. */
export type SourceResult = {
  readonly coreDnsGroups: readonly string[];
  /** Those to which the VPCs of the clusters log now. */
  readonly resolverGroups: readonly string[];
  readonly checks: readonly Check[];
};

/** Checks how CoreDNS and Resolver logs reach the stream. */
export async function checkSources(
  aws: Aws,
  clusters: readonly KnownCluster[],
  options: SourceOptions,
  stream: Stream | undefined,
  dnsFunction: DnsFunction | undefined,
  target: DeployTarget,
): Promise<SourceResult> {
  const { vpc: vpcs = [], logGroup: logGroups = [] } = options;
  const allVpcs = [...new Set([...vpcs, ...clusters.flatMap(({ vpcId }) => vpcId ?? [])])];
  const resolverGroups = new Set<string>();
  const isWithout = options.without?.includes('resolver') === true;
  const resolver = isWithout
    ? []
    : await attempt('Resolver log', () => resolverChecks(aws, allVpcs, resolverGroups));
  const insights = new Map(clusters.map(({ name }) => [`/aws/containerinsights/${name}/application`, name]));
  const own = [...insights.keys()];
  const groups = [...(logGroups.length > 0 ? logGroups : own), ...resolverGroups];
  const subscribed = await attempt('subscribed', async () => {
    if (groups.length === 0)
      return [
        missing(
          'subscribed',
          'no log group is configured',
          'no DNS log reaches the stream',
          'name the log groups of CoreDNS with --log-group',
        ),
      ];
    const checks: Check[] = [];
    for (const group of groups)
      checks.push(
        await groupCheck(aws, { name: group, cluster: insights.get(group) }, stream, options, groups),
      );
    return checks;
  });
  const coredns = logGroups.length > 0 ? logGroups : own;
  const expected: readonly SourceGroup[] = [
    ...coredns.filter((logGroup) => !resolverGroups.has(logGroup)).map(ofCoreDns),
    ...[...resolverGroups].map((logGroup): SourceGroup => ({ logGroup, source: 'aws.vpcdnsquerylogs' })),
  ];
  const checks = [...resolver, ...subscribed, ...(await checkTrust(aws, expected, dnsFunction, target))];
  return { coreDnsGroups: coredns, resolverGroups: [...resolverGroups], checks };
}

const ofCoreDns = (logGroup: string): SourceGroup => ({ logGroup, source: 'coredns' });

async function resolverChecks(
  aws: Aws,
  vpcs: readonly string[],
  groups: Set<string>,
): Promise<readonly Check[]> {
  if (vpcs.length === 0)
    return [
      missing(
        'Resolver log',
        'no VPC is configured',
        IMPACT,
        'name the VPC with --vpc (`aws ec2 describe-vpcs` lists them), or leave this log out with --without resolver',
      ),
    ];
  const configs = await queryLogConfigs(aws);
  const existing = await associations(aws);
  return vpcs.map((vpc): Check => {
    const destinations = destinationsOf(vpc, configs, existing);
    const working = destinations.find(({ logGroup, fault }) => logGroup !== undefined && fault === undefined);
    if (working?.logGroup !== undefined) groups.add(working.logGroup);
    return resolverCheck(vpc, destinations);
  });
}

function resolverCheck(vpc: string, destinations: readonly Destination[]): Check {
  const title = `${vpc}: Resolver log`;
  const working = destinations.filter(({ fault }) => fault === undefined);
  const toGroup = working.find(({ logGroup }) => logGroup !== undefined);
  if (toGroup !== undefined)
    return ok(title, `to ${toGroup.logGroup}${toGroup.isBeingCreated ? ' (being created)' : ''}`);
  // A stream is a valid destination too: the function reads Resolver records without an envelope.
  const direct = working.find(({ destinationArn }) => destinationArn.includes(':deliverystream/'));
  if (direct !== undefined) return ok(title, `directly to ${direct.destinationArn}`);
  const broken = destinations.find(({ logGroup, fault }) => logGroup !== undefined && fault !== undefined);
  if (broken?.fault !== undefined)
    return missing(title, `to ${broken.logGroup}, but ${broken.fault.reason}`, IMPACT, broken.fault.remedy);
  const elsewhere = working.map(({ destinationArn }) => destinationArn).join(', ');
  const observed = elsewhere === '' ? 'its queries are not logged' : `only to ${elsewhere}`;
  return missing(title, observed, IMPACT, commandLine(['eks-dns', 'enable-resolver-log'], { vpc }));
}

/** A log group; `cluster` where it is the one of that cluster's Container Insights. */
type NamedGroup = { readonly name: string; readonly cluster: string | undefined };

const OBSERVABILITY = 'amazon-cloudwatch-observability';

function noGroupFix(cluster: string | undefined): string {
  if (cluster === undefined) return 'correct its name: `aws logs describe-log-groups` lists the groups';
  const options = { 'cluster-name': cluster, 'addon-name': OBSERVABILITY };
  return `let an add-on collect them, with the permissions that its documentation names: \`${commandLine(['aws', 'eks', 'create-addon'], options)}\`; or name the group that they go to with --log-group`;
}

async function groupCheck(
  aws: Aws,
  { name: group, cluster }: NamedGroup,
  stream: Stream | undefined,
  options: SourceOptions,
  groups: readonly string[],
): Promise<Check> {
  const title = `subscribed: ${group}`;
  const filters = await filtersOf(aws, group);
  if (filters === undefined)
    return missing(
      title,
      'there is no such log group',
      'container logs are not collected, or go to another group',
      noGroupFix(cluster),
    );
  const filter = filters.find(({ destinationArn }) => destinationArn === stream?.arn);
  if (stream !== undefined && filter !== undefined)
    return ok(
      title,
      `by filter "${filter.filterName}"${filter.filterPattern ? `, pattern ${filter.filterPattern}` : ''}`,
    );
  return missing(
    title,
    'not subscribed to the stream',
    'its events do not reach Dynatrace',
    await subscribeFix(aws, group, stream, options, groups),
  );
}
