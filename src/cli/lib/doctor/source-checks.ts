// Log sources: are the Resolver's queries logged, and are the log groups on the stream?
import type { Aws } from '../aws/clients.ts';
import { filtersOf } from '../log-groups/filters.ts';
import { type Way, waysOf } from '../resolver/destinations.ts';
import { associations, queryLogConfigs } from '../resolver/query-log.ts';
import type { FunctionOptions } from '../stream/function.ts';
import type { Stream, StreamOptions } from '../stream/stream.ts';
import { bad, type Check, good, look } from './check.ts';
import type { KnownCluster } from './cluster-checks.ts';
import { subscribeFix } from './subscribe-fix.ts';

/** What people name besides the clusters. */
type SourceOptions = FunctionOptions &
  StreamOptions & { readonly vpc?: readonly string[]; readonly logGroup?: readonly string[] };

const MEANS = 'answers, and queries past CoreDNS, are not seen';

/** Looks at both logs' ways onto the stream. */
export async function checkSources(
  aws: Aws,
  clusters: readonly KnownCluster[],
  options: SourceOptions,
  stream: Stream | undefined,
): Promise<readonly Check[]> {
  const { vpc: vpcs = [], logGroup: logGroups = [] } = options;
  const wanted = [...new Set([...vpcs, ...clusters.flatMap(({ vpcId }) => vpcId ?? [])])];
  const resolverGroups = new Set<string>();
  const resolver = await look('Resolver log', () => resolverChecks(aws, wanted, resolverGroups));
  const own = clusters.map(({ name }) => `/aws/containerinsights/${name}/application`);
  const groups = [...(logGroups.length > 0 ? logGroups : own), ...resolverGroups];
  const subscribed = await look('subscribed', async () => {
    if (groups.length === 0)
      return [
        bad(
          'subscribed',
          'no log group is known',
          'no DNS log reaches the stream',
          'eks-dns subscribe --log-group <name>',
        ),
      ];
    const checks: Check[] = [];
    for (const group of groups) checks.push(await groupCheck(aws, group, stream, options));
    return checks;
  });
  return [...resolver, ...subscribed];
}

async function resolverChecks(
  aws: Aws,
  vpcs: readonly string[],
  groups: Set<string>,
): Promise<readonly Check[]> {
  if (vpcs.length === 0)
    return [
      bad(
        'Resolver log',
        'no VPC is known',
        MEANS,
        'eks-dns enable-resolver-log --vpc <id>, then doctor --vpc <id>',
      ),
    ];
  const configs = await queryLogConfigs(aws);
  const links = await associations(aws);
  return vpcs.map((vpc): Check => {
    const ways = waysOf(vpc, configs, links);
    const way = ways.find(({ logGroup, fault }) => logGroup !== undefined && fault === undefined);
    if (way?.logGroup !== undefined) groups.add(way.logGroup);
    return wayCheck(vpc, ways);
  });
}

function wayCheck(vpc: string, ways: readonly Way[]): Check {
  const link = `${vpc}: Resolver log`;
  const working = ways.filter(({ fault }) => fault === undefined);
  const toGroup = working.find(({ logGroup }) => logGroup !== undefined);
  if (toGroup !== undefined)
    return good(link, `to ${toGroup.logGroup}${toGroup.isBeingMade ? ' (being made)' : ''}`);
  // Straight into a stream is a way, too; the function takes bare Resolver records.
  const direct = working.find(({ destinationArn }) => destinationArn.includes(':deliverystream/'));
  if (direct !== undefined) return good(link, `straight into ${direct.destinationArn}`);
  const broken = ways.find(({ logGroup, fault }) => logGroup !== undefined && fault !== undefined);
  if (broken?.fault !== undefined)
    return bad(link, `to ${broken.logGroup}, but ${broken.fault.reason}`, MEANS, broken.fault.remedy);
  const elsewhere = working.map(({ destinationArn }) => destinationArn).join(', ');
  const saw = elsewhere === '' ? 'its queries are not logged' : `only to ${elsewhere}`;
  return bad(link, saw, MEANS, `eks-dns enable-resolver-log --vpc ${vpc}`);
}

async function groupCheck(
  aws: Aws,
  group: string,
  stream: Stream | undefined,
  options: SourceOptions,
): Promise<Check> {
  const link = `subscribed: ${group}`;
  const filters = await filtersOf(aws, group);
  if (filters === undefined)
    return bad(
      link,
      'there is no such log group',
      'logs of containers are not collected, or under another name',
      'install the add-on amazon-cloudwatch-observability, or name the group: doctor --log-group <name>',
    );
  const filter = filters.find(({ destinationArn }) => destinationArn === stream?.arn);
  if (stream !== undefined && filter !== undefined)
    return good(
      link,
      `by filter "${filter.filterName}"${filter.filterPattern ? `, pattern ${filter.filterPattern}` : ''}`,
    );
  return bad(
    link,
    'it is not on the stream',
    'its events do not reach Dynatrace',
    await subscribeFix(aws, group, stream, options),
  );
}
