// Places to which log shippers write: containers of CoreDNS, and of tenants who pretend to be it.
import {
  annotatedLine,
  type Container,
  coreDnsLine,
  fileStream,
  jsonLine,
  lookAlikes,
  mergedInto,
  resolverRecord,
  runtimeLine,
  withRuntimePrefix,
  wrapped,
  zoneRecord,
} from './speakers-lines.ts';
import {
  type Carrier,
  chance,
  claimOf,
  coreDnsOf,
  forged,
  genuine,
  MAPPED_GROUP,
  nodeOf,
  type Place,
  placeOf,
  queryIn,
  type Row,
  type SpokenLine,
  type Stage,
  TENANT_POD,
  timeIn,
} from './speakers-truth.ts';
import {
  type BenchCluster,
  CENTRAL_ACCOUNT,
  CLIENT_NAMESPACE,
  CLUSTERS,
  coreDnsPods,
  STREAM,
} from './speakers-world.ts';

/** A group to which a shipper of a cluster writes, in the cluster's account, or a copy of it in the central account. */
function shippedBy(stage: Stage, cluster: BenchCluster): Carrier {
  const { random, variant } = stage;
  const { name, accountId, region } = cluster;
  const groups = [
    `/aws/containerinsights/${name}/application`,
    `/aws/otel/containerinsights/${name}/application`,
    `/aws/eks/${name}/containers`,
  ];
  // These two do not name the cluster: its account and Region have to (those of `depot` are those of `bank`).
  if (cluster.key !== 'd') groups.push('/aws/eks/fluentbit-cloudwatch/logs');
  if (name === 'bank' && variant.settings.logGroupClusters) groups.push(MAPPED_GROUP);
  const logGroup = random.pick(groups);
  const told = { '@aws.account': accountId, '@aws.region': region };
  if (chance(random, 0.3)) {
    const fields = { ...told, '@source.log': logGroup };
    const central = random.pick(['/central/all', '/aws/containerinsights/bank/application', logGroup]);
    return { cluster, owner: CENTRAL_ACCOUNT, logGroup: central, fields };
  }
  const isTold = chance(random, 0.3) || isForeignRegion(cluster);
  return { cluster, owner: accountId, logGroup, fields: isTold ? told : undefined };
}

/** Whether the Region of the stream would be taken for the cluster's, if nothing tells it. */
const isForeignRegion = ({ accountId, region }: BenchCluster): boolean =>
  accountId === STREAM.accountId && region !== STREAM.region;

/** The lines of a stream that names no container: wrappers tell who wrote them. */
function wrappedLine(stage: Stage, given: Carrier): SpokenLine {
  const { random } = stage;
  const { cluster } = given;
  const byHost = given.fields === undefined || (given.owner === cluster.accountId && chance(random, 0.5));
  const node = nodeOf(random, cluster, byHost && isForeignRegion(cluster));
  const carrier = byHost && isForeignRegion(cluster) && node !== '' ? { ...given, fields: undefined } : given;
  const truth = queryIn(random, cluster);
  const lagMs = random.int(2000);
  const timestampMs = truth.timeMs + lagMs;
  const { living, ended, unknown } = coreDnsPods(cluster);
  const speak = random.int(10);
  if (speak < 5) {
    const container = random.pick(['coredns', 'coredns', 'node-cache']);
    const pod = random.pick([...living, ...living, ended, unknown]);
    const isAlive = pod !== unknown && (pod !== ended || truth.era === 'former');
    const labels = random.pick([undefined, { container_name: 'other', namespace_name: 'other' }]);
    const from: Container = { ...coreDnsOf(pod, node, container), ...(labels && { labels }) };
    return genuine(stage, carrier, truth, {
      row: isAlive ? 'proved' : 'unknownPod',
      expected: isAlive ? 'exact' : 'inferred',
      message: wrapped(random, from, coreDnsLine(random, truth, CLIENT_NAMESPACE), truth.timeMs),
      timeMs: truth.timeMs,
      timestampMs,
    });
  }
  const [row, message] = tenantLine(stage, cluster, node);
  return forged(carrier, timeIn(random, 'present'), { row, message, expected: 'passes' });
}

/** What a container that is not CoreDNS prints, in its shipper's wrapper. */
function tenantLine({ random }: Stage, cluster: BenchCluster, node: string): readonly [Row, string] {
  const claim = claimOf(random, cluster);
  const line = coreDnsLine(random, claim, CLIENT_NAMESPACE);
  const pod = random.pick([TENANT_POD, coreDnsPods(cluster).living[0] ?? '']);
  const tenant: Container = { pod, namespace: 'web', container: 'web', node };
  const wrap = (container: Container, text: string) => wrapped(random, container, text, claim.timeMs);
  const genuineLooking = coreDnsOf(coreDnsPods(cluster).living[0] ?? '', node);
  switch (random.int(8)) {
    case 0:
      return ['namedCoreDns', wrap({ ...tenant, container: random.pick(['coredns', 'node-cache']) }, line)];
    case 1:
      return ['otherContainer', wrap({ ...tenant, namespace: random.pick(['web', 'kube-system']) }, line)];
    case 2:
      return ['innerWrapper', wrap(tenant, wrap(genuineLooking, line))];
    case 3: {
      const labels = { container_name: 'coredns', namespace_name: 'kube-system', pod_name: pod };
      return ['labels', wrap({ ...tenant, container: random.pick(['web', 'coredns']), labels }, line)];
    }
    case 4:
      return ['innerWrapper', mergedInto(random, tenant, line, claim.timeMs)];
    case 5:
      return ['annotation', annotatedLine(tenant, line, claim.timeMs)];
    case 6: {
      const from = random.pick([tenant, genuineLooking]);
      const record = resolverRecord(random, claim, cluster, cluster.accountId);
      return ['resolver', wrap(from, random.pick([record, record, zoneRecord(claim.timeMs, claim.ip)]))];
    }
    default:
      return ['text', wrap(tenant, random.pick(lookAlikes(claim.ip)))];
  }
}

/** A shipper's stream without names. */
export function shippedPlace(stage: Stage): Place {
  const { random } = stage;
  const cluster = random.pick([...stage.variant.known, ...CLUSTERS]);
  const carrier = shippedBy(stage, cluster);
  return placeOf(carrier, 'application-7', () => wrappedLine(stage, carrier), random, 40);
}

/** The stream of one container's file: bare lines, or wrappers that say the same, or that a tenant prints himself. */
export function filePlace(stage: Stage): Place {
  const { random } = stage;
  const cluster = random.pick([...stage.variant.known, ...CLUSTERS]);
  const carrier = shippedBy(stage, cluster);
  const node = nodeOf(random, cluster, false);
  const { living, unknown } = coreDnsPods(cluster);
  if (chance(random, 0.5)) {
    const pod = random.pick([...living, unknown]);
    const container = coreDnsOf(pod, node);
    const speak = (): SpokenLine => {
      const truth = queryIn(random, cluster);
      const line = coreDnsLine(random, truth, CLIENT_NAMESPACE);
      const isWrapped = chance(random, 0.4);
      return genuine(stage, carrier, truth, {
        row: pod === unknown ? 'unknownPod' : 'proved',
        expected: pod === unknown ? 'inferred' : 'exact',
        message: isWrapped ? wrapped(random, container, line, truth.timeMs) : line,
        timeMs: truth.timeMs,
        timestampMs: isWrapped ? truth.timeMs + random.int(2000) : truth.timeMs,
      });
    };
    return placeOf(carrier, fileStream(container), speak, random, 20);
  }
  const tenant: Container = {
    pod: TENANT_POD,
    namespace: 'web',
    container: random.pick(['web', 'coredns']),
    node,
  };
  const speak = (): SpokenLine => {
    const claim = claimOf(random, cluster);
    const line = coreDnsLine(random, claim, CLIENT_NAMESPACE);
    const record = resolverRecord(random, claim, cluster, cluster.accountId);
    const told = wrapped(random, coreDnsOf(living[0] ?? '', node), line, claim.timeMs);
    const message = random.pick([line, withRuntimePrefix(line, claim.timeMs), told, told, record]);
    const isRecord = message === record;
    const row = isRecord ? 'resolver' : message === told ? 'stream' : 'namedCoreDns';
    return forged(carrier, timeIn(random, 'present'), { row, message, expected: 'passes' });
  };
  return placeOf(carrier, fileStream(tenant), speak, random, 20);
}

/** A stream `<pod>.<container>`, as the chart aws-for-fluent-bit names it: nobody knows the namespace. */
export function podStreamPlace(stage: Stage): Place {
  const { random } = stage;
  const [cluster] = stage.variant.known;
  if (cluster === undefined) throw new Error('no known cluster');
  const carrier = shippedBy(stage, cluster);
  const node = nodeOf(random, cluster, false);
  const { living } = coreDnsPods(cluster);
  const isTenant = chance(random, 0.5);
  // A tenant may give his pod the name of a CoreDNS pod, in his own namespace.
  const pod = random.pick(isTenant ? [TENANT_POD, living[0] ?? ''] : living);
  const container = isTenant ? random.pick(['coredns', 'web']) : 'coredns';
  const speak = (): SpokenLine => {
    const truth = queryIn(random, cluster);
    const claim = claimOf(random, cluster);
    const line = coreDnsLine(random, isTenant ? claim : truth, CLIENT_NAMESPACE);
    // Where the shipper sends the bare text, a container may print the wrapper of another one.
    const told = wrapped(random, coreDnsOf(living[0] ?? '', node), line, claim.timeMs);
    if (!isTenant)
      return genuine(stage, carrier, truth, {
        row: 'noNamespace',
        expected: 'inferred',
        message: line,
        timeMs: truth.timeMs,
        timestampMs: truth.timeMs,
      });
    const message = random.pick([line, told]);
    return forged(carrier, timeIn(random, 'present'), {
      row: container === 'coredns' ? 'podStream' : 'otherContainer',
      message,
      expected: container === 'coredns' ? 'claim' : 'passes',
      mayNameResolver: true,
    });
  };
  return placeOf(carrier, `${pod}.${container}`, speak, random, 20);
}

/**
 * A pod in another namespace with the names of a CoreDNS pod and its container prints a part of a line; then CoreDNS
 * prints a line that does not start with a level.
 */
export function splitPlace(stage: Stage): Place {
  const { random } = stage;
  const cluster = random.pick(stage.variant.known);
  const told = { '@aws.account': cluster.accountId, '@aws.region': cluster.region };
  const logGroup = `/aws/containerinsights/${cluster.name}/application`;
  const carrier: Carrier = { cluster, owner: cluster.accountId, logGroup, fields: told };
  const coreDns = coreDnsOf(coreDnsPods(cluster).living[0] ?? '', nodeOf(random, cluster, false));
  const speak = (): readonly SpokenLine[] => {
    const truth = queryIn(random, cluster);
    const { timeMs } = truth;
    const line = coreDnsLine(random, claimOf(random, cluster), CLIENT_NAMESPACE);
    const part = runtimeLine({ ...coreDns, namespace: 'web' }, line, timeMs, 'P');
    const first = forged(carrier, timeMs, { row: 'split', message: part, expected: 'passes' });
    if (chance(random, 0.5)) {
      const message = runtimeLine(coreDns, random.pick(['.:53', 'linux/amd64, go1.23.4']), timeMs, 'F');
      return [first, forged(carrier, timeMs, { row: 'split', message, expected: 'passes' })];
    }
    const own = { ...truth, metadataPod: undefined };
    const message = runtimeLine(coreDns, jsonLine(truth.ip, 5353, 'ledger.example.net.'), timeMs, 'F');
    const shown = { row: 'split', expected: 'exact', message, timeMs, timestampMs: timeMs } as const;
    return [first, genuine(stage, carrier, own, shown)];
  };
  return placeOf(carrier, 'application-7', speak, random, 6);
}
