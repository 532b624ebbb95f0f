// Places to which others write: Lambdas, tasks and hosts, Route 53, groups that are vouched for, and lines without a group.
import {
  coreDnsLine,
  fileStream,
  lookAlikes,
  resolverRecord,
  withRuntimePrefix,
  wrapped,
} from './speakers-lines.ts';
import {
  type Carrier,
  chance,
  claimOf,
  coreDnsOf,
  forged,
  genuine,
  isKnown,
  nodeOf,
  type Place,
  placeOf,
  queryIn,
  RESOLVER_GROUP,
  type SpokenLine,
  type Stage,
  TENANT_POD,
  timeIn,
  VOUCHED_GROUP,
} from './speakers-truth.ts';
import { CENTRAL_ACCOUNT, CLIENT_NAMESPACE, CLUSTERS, coreDnsPods, KNOWN, STREAM } from './speakers-world.ts';

const BARE_GROUPS = ['/aws/lambda/thumbnails', '/ecs/storefront', '/var/log/messages', 'dns'];
const LOOK_ALIKE_GROUPS = [
  '/aws/containerinsights-bank/application',
  '/aws/containerinsights/bank',
  '/AWS/containerinsights/bank/application',
  '/corp/aws/containerinsights/bank/application',
  '/aws/eks-bank/containers',
  '/aws/vendedlogs/bank/application',
];

/** A group that is no shipper's: a Lambda, a task, a host, or a name that only looks like a shipper's. */
export function barePlace(stage: Stage): Place {
  const { random, variant } = stage;
  const cluster = KNOWN.only[0];
  const logGroup = random.pick([...BARE_GROUPS, ...LOOK_ALIKE_GROUPS]);
  const isCopied = chance(random, 0.3);
  const carrier: Carrier = {
    cluster,
    owner: isCopied ? CENTRAL_ACCOUNT : cluster.accountId,
    logGroup: isCopied ? random.pick(['/aws/containerinsights/bank/application', '/central/all']) : logGroup,
    fields: isCopied
      ? { '@aws.account': cluster.accountId, '@aws.region': cluster.region, '@source.log': logGroup }
      : undefined,
  };
  const isCoreDnsRefused = variant.settings.corednsLogGroups !== undefined;
  const isRoute53Refused = variant.settings.resolverLogGroups !== undefined;
  const speak = (): SpokenLine => {
    const claim = claimOf(random, cluster);
    const line = coreDnsLine(random, claim, CLIENT_NAMESPACE);
    const node = nodeOf(random, cluster, false);
    const timestampMs = timeIn(random, 'present');
    switch (random.int(6)) {
      case 0: {
        // Route 53 itself may write to any group; so may a forger.
        const truth = queryIn(random, cluster);
        const isReal = chance(random, 0.5);
        const told = isReal ? truth : claim;
        return forged(carrier, timestampMs, {
          row: isReal ? 'route53Group' : 'resolverGroup',
          message: resolverRecord(random, told, cluster, cluster.accountId),
          expected: isRoute53Refused ? 'passes' : isReal && truth.pod ? 'inferred' : 'claim',
          pod: isReal ? truth.pod : undefined,
          timeMs: Math.floor(told.timeMs / 1000) * 1000,
        });
      }
      case 1: {
        const truth = queryIn(random, cluster);
        return genuine(stage, carrier, truth, {
          row: 'anyGroup',
          message: coreDnsLine(random, truth, CLIENT_NAMESPACE),
          expected: isCoreDnsRefused ? 'passes' : 'inferred',
          timeMs: truth.timeMs,
          timestampMs: truth.timeMs,
          mayNameResolver: false,
        });
      }
      case 2:
        return forged(carrier, timestampMs, {
          row: 'text',
          message: random.pick(lookAlikes(claim.ip)),
          expected: 'passes',
        });
      default: {
        const told = wrapped(
          random,
          coreDnsOf(coreDnsPods(cluster).living[0] ?? '', node),
          line,
          claim.timeMs,
        );
        return forged(carrier, timestampMs, {
          row: BARE_GROUPS.includes(logGroup) ? 'bareGroup' : 'lookAlikeGroup',
          message: random.pick([line, withRuntimePrefix(line, claim.timeMs), told]),
          expected: isCoreDnsRefused ? 'passes' : 'claim',
        });
      }
    }
  };
  return placeOf(carrier, '2026/11/20/[$LATEST]7e57', speak, random, 30);
}

/** A group in the form of a shipper's whose cluster does not exist: its wrapper is believed, but names no pod of ours. */
export function inventedClusterPlace(stage: Stage): Place {
  const { random } = stage;
  const cluster = KNOWN.only[0];
  const logGroup = random.pick(['/aws/eks/reports/jobs', '/aws/containerinsights/bank2/application']);
  const carrier: Carrier = { cluster, owner: cluster.accountId, logGroup, fields: undefined };
  const speak = (): SpokenLine => {
    const claim = { ...claimOf(random, cluster), metadataPod: undefined };
    const container = coreDnsOf(
      coreDnsPods(cluster).living[0] ?? '',
      `ip-10-20-8-1.${cluster.region}.compute.internal`,
    );
    return forged(carrier, claim.timeMs, {
      row: 'lookAlikeGroup',
      message: wrapped(random, container, coreDnsLine(random, claim, CLIENT_NAMESPACE), claim.timeMs),
      expected: 'no-pod',
      mayNameResolver: true,
    });
  };
  return placeOf(carrier, 'application-7', speak, random, 10);
}

/** Groups whose owner vouches for CoreDNS (`COREDNS_LOG_GROUPS`). */
export function vouchedPlace(stage: Stage): Place {
  const { random } = stage;
  const cluster = random.pick(stage.variant.known);
  const { living, unknown } = coreDnsPods(cluster);
  const told = { '@aws.account': cluster.accountId, '@aws.region': cluster.region };
  const carrier: Carrier = { cluster, owner: cluster.accountId, logGroup: VOUCHED_GROUP, fields: told };
  const pod = random.pick([...living, unknown]);
  const style = random.pick(['bare', 'pod', 'file', 'tenant'] as const);
  const container = style === 'tenant' ? random.pick(['web', 'audit']) : 'coredns';
  const described = coreDnsOf(pod, nodeOf(random, cluster, false), container);
  const streams = { bare: 'dns', pod: `${pod}.coredns`, file: fileStream(described), tenant: 'dns' };
  const speak = (): SpokenLine => {
    const truth = queryIn(random, cluster);
    const line = coreDnsLine(random, truth, CLIENT_NAMESPACE);
    if (style === 'tenant') {
      const message = wrapped(random, described, line, truth.timeMs);
      return forged(carrier, truth.timeMs, { row: 'otherContainer', message, expected: 'passes' });
    }
    // A stream without the namespace: the group vouches. Otherwise the directory has to know the pod.
    const isUnknown = style === 'file' && pod === unknown;
    return genuine(stage, carrier, truth, {
      row: isUnknown ? 'unknownPod' : 'proved',
      expected: isUnknown ? 'inferred' : 'exact',
      message: line,
      timeMs: truth.timeMs,
      timestampMs: truth.timeMs,
    });
  };
  return placeOf(carrier, streams[style], speak, random, 20);
}

/** Groups of Route 53, by their name or by `RESOLVER_LOG_GROUPS`; the group's account need not be the VPC's. */
export function route53Place(stage: Stage): Place {
  const { random, variant } = stage;
  const groups = ['/aws/vendedlogs/route53/queries', '/aws/vendedlogs/route53resolver'];
  if (variant.settings.resolverLogGroups) groups.push(RESOLVER_GROUP);
  const logGroup = random.pick(groups);
  const owner = random.pick([STREAM.accountId, CENTRAL_ACCOUNT]);
  const speak = (): SpokenLine => {
    const cluster = random.pick([...variant.known, ...CLUSTERS]);
    const carrier: Carrier = { cluster, owner, logGroup, fields: undefined };
    const truth = queryIn(random, cluster);
    // With shared subnets the VPC's owner is not the account of the cluster.
    const accountId = random.pick([cluster.accountId, '555566667777']);
    const record = resolverRecord(random, truth, cluster, accountId);
    const isNamed = isKnown(stage, cluster) && truth.pod !== undefined;
    if (random.int(8) === 0) {
      const tenant = { pod: TENANT_POD, namespace: 'web', container: 'web', node: 'n' };
      const message = wrapped(random, tenant, record, truth.timeMs);
      return forged(carrier, truth.timeMs, { row: 'resolver', message, expected: 'passes' });
    }
    return forged(carrier, truth.timeMs + random.int(60_000), {
      row: isNamed ? 'route53' : 'route53Vpc',
      message: record,
      expected: isNamed ? 'exact' : 'no-pod',
      pod: truth.pod,
      timeMs: Math.floor(truth.timeMs / 1000) * 1000,
      accountId,
      region: cluster.region,
      mayNameResolver: false,
    });
  };
  return placeOf({ owner, logGroup }, 'resolver', speak, random, 20);
}

/** Lines without an envelope: nothing is known of their writer. */
export function textPlace({ random }: Stage): Place {
  const cluster = KNOWN.only[0];
  const speak = (): SpokenLine => {
    const claim = claimOf(random, cluster);
    const line = coreDnsLine(random, claim, CLIENT_NAMESPACE);
    const from = coreDnsOf(coreDnsPods(cluster).living[0] ?? '', 'n');
    const record = resolverRecord(random, claim, cluster, cluster.accountId);
    const message = random.pick([line, record, wrapped(random, from, line, claim.timeMs)]);
    return {
      row: 'bareText',
      message,
      expected: 'claim',
      timestampMs: Number.NaN,
      timeMs: Number.NaN,
      pod: undefined,
      accountId: undefined,
      region: cluster.region,
      cluster,
      mayNameResolver: true,
    };
  };
  return { owner: undefined, logGroup: undefined, logStream: '', lines: Array.from({ length: 10 }, speak) };
}

/** Lines of a cluster of which nothing tells that it is not ours: docs/trust.md, "What cannot be told apart". */
export function sameNamePlace(stage: Stage): Place {
  const { random } = stage;
  const wanted = random.pick(['y', 'd']);
  const cluster = CLUSTERS.find(({ key }) => key === wanted) ?? KNOWN.only[0];
  const logGroup =
    cluster.key === 'y' ? '/aws/containerinsights/bank/application' : '/aws/eks/fluentbit-cloudwatch/logs';
  const carrier: Carrier = { cluster, owner: cluster.accountId, logGroup, fields: undefined };
  const speak = (): SpokenLine => {
    const truth = queryIn(random, cluster);
    const from = coreDnsOf(coreDnsPods(cluster).living[0] ?? '', 'worker-3');
    return {
      ...forged(carrier, truth.timeMs, {
        row: 'sameName',
        message: wrapped(random, from, coreDnsLine(random, truth, CLIENT_NAMESPACE), truth.timeMs),
        expected: 'claim',
        mayNameResolver: true,
      }),
      accountId: undefined,
      region: undefined,
      cluster: undefined,
    };
  };
  return placeOf(carrier, 'application-7', speak, random, 10);
}
