// Log sources: are the Resolver's queries logged, and are the log groups on the stream?
import type { Aws } from '../aws/clients.ts';
import type { Stream } from '../chain/stream.ts';
import { filtersOf } from '../log-groups/filters.ts';
import { associations, logGroupOf, queryLogConfigs } from '../resolver/query-log.ts';
import { bad, type Check, good, look } from './check.ts';
import type { KnownCluster } from './cluster-checks.ts';

/** Looks at both logs' ways onto the stream. */
export async function checkSources(
  aws: Aws,
  clusters: readonly KnownCluster[],
  vpcs: readonly string[],
  logGroups: readonly string[],
  stream: Stream | undefined,
): Promise<readonly Check[]> {
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
    for (const group of groups) checks.push(await groupCheck(aws, group, stream));
    return checks;
  });
  return [...resolver, ...subscribed];
}

async function resolverChecks(
  aws: Aws,
  vpcs: readonly string[],
  groups: Set<string>,
): Promise<readonly Check[]> {
  const means = 'answers, and queries past CoreDNS, are not seen';
  if (vpcs.length === 0)
    return [
      bad(
        'Resolver log',
        'no VPC is known',
        means,
        'eks-dns enable-resolver-log --vpc <id>, then doctor --vpc <id>',
      ),
    ];
  const configs = new Map((await queryLogConfigs(aws)).map(({ Id, DestinationArn }) => [Id, DestinationArn]));
  const links = await associations(aws);
  return vpcs.map((vpc): Check => {
    const link = `${vpc}: Resolver log`;
    const active = links.filter(({ ResourceId, Status }) => ResourceId === vpc && Status === 'ACTIVE');
    const destinations = active.flatMap(({ ResolverQueryLogConfigId: id }) => configs.get(id) ?? []);
    const group = destinations.map(logGroupOf).find((name) => name !== undefined);
    if (group === undefined) {
      // Straight into a stream is a way, too; the function takes bare Resolver records.
      const direct = destinations.find((arn) => arn.includes(':deliverystream/'));
      if (direct !== undefined) return good(link, `straight into ${direct}`);
      const saw =
        destinations.length > 0 ? `only to ${destinations.join(', ')}` : 'its queries are not logged';
      return bad(link, saw, means, `eks-dns enable-resolver-log --vpc ${vpc}`);
    }
    groups.add(group);
    return good(link, `to ${group}`);
  });
}

async function groupCheck(aws: Aws, group: string, stream: Stream | undefined): Promise<Check> {
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
  const to = stream === undefined ? '' : ` --stream ${stream.name}`;
  return bad(
    link,
    'it is not on the stream',
    'its events do not reach Dynatrace',
    `eks-dns subscribe --log-group ${group}${to}`,
  );
}
