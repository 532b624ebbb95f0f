// The truth of "who else speaks": the rows of its table, the configurations, and what has to become of a line. It is
// written down from docs/trust.md, not computed by the rules under test.
import type { Random } from '../../src/cli/lib/simulate/random.ts';
import type { Settings } from '../../src/core/model/settings.ts';
import type { Container, LoggedQuery } from './speakers-lines.ts';
import { ADDRESSES, addressOf, type BenchCluster, ERAS, type Era, KNOWN, ownerOf } from './speakers-world.ts';

/** Rows of the table, in order. */
export const ROWS = {
  proved: 'CoreDNS, proved',
  unknownPod: 'CoreDNS, its pod ended or not known',
  noNamespace: 'CoreDNS, a stream without a namespace',
  anyGroup: 'CoreDNS, a group that proves nothing',
  otherCluster: 'CoreDNS of another account, Region or cluster',
  route53: 'Route 53, proved',
  route53Group: 'Route 53, a group that proves nothing',
  route53Vpc: 'Route 53, a VPC without a known cluster',
  namedCoreDns: 'forger: a container named coredns',
  otherContainer: 'forger: another container',
  innerWrapper: 'forger: a wrapper inside the line',
  labels: 'forger: labels that name CoreDNS',
  annotation: 'forger: annotations as resource attributes',
  split: 'forger: the first part of a split line',
  stream: 'forger: a wrapper against the stream',
  resolver: 'forger: a Route 53 record of a container',
  text: 'application text that looks like DNS',
  podStream: 'forger: a stream <pod>.coredns',
  bareGroup: 'forger: a Lambda, a task, a host',
  lookAlikeGroup: "forger: a group like a cluster's",
  resolverGroup: 'forger: a Route 53 record in any group',
  bareText: 'anybody: no log group',
  sameName: 'a cluster that nothing tells apart',
} as const;

/** One of `ROWS`. */
export type Row = keyof typeof ROWS;

/**
 * What has to become of a line. `exact`, `inferred`: names its true pod, so. `no-pod`: normalised. `passes`: unchanged.
 * `claim`: nobody can know who wrote it; at most `inferred`.
 */
export type Expected = 'exact' | 'inferred' | 'no-pod' | 'passes' | 'claim';

/** A line and the truth about it. */
export type SpokenLine = {
  readonly row: Row;
  readonly message: string;
  /** CloudWatch's time, epoch ms. */
  readonly timestampMs: number;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly expected: Expected;
  /** The pod that sent the query; undefined where none of ours did. */
  readonly pod: string | undefined;
  /** The time that the record must have. */
  readonly timeMs: number;
  /** Where the line comes from: the record must not say otherwise. */
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  /** The cluster of the writer, whose attributes a record may have. */
  readonly cluster: BenchCluster | undefined;
  /** Whether the record may name a CoreDNS pod as its resolver. */
  readonly mayNameResolver: boolean;
};

/** A Firehose record: the lines of one log stream, or lines without an envelope. */
export type Place = {
  readonly owner: string | undefined;
  readonly logGroup: string | undefined;
  readonly logStream: string;
  readonly lines: readonly SpokenLine[];
};

/** A configuration of the function. */
export type Variant = {
  readonly known: readonly BenchCluster[];
  readonly settings: Partial<Settings>;
};

/** Groups that the settings of `VARIANTS` name. */
export const VOUCHED_GROUP = '/corp/dns/coredns';
export const RESOLVER_GROUP = '/corp/resolver/queries';
export const MAPPED_GROUP = '/corp/bank-logs';

/** The configurations that are measured. */
export const VARIANTS = (metadataFormat: string): readonly Variant[] => [
  { known: KNOWN.only, settings: {} },
  { known: KNOWN.several, settings: {} },
  {
    known: KNOWN.several,
    settings: {
      corednsLogGroups: ['/corp/dns/*'],
      resolverLogGroups: ['/corp/resolver/*'],
      logGroupClusters: new Map([[MAPPED_GROUP, 'bank']]),
    },
  },
  { known: KNOWN.only, settings: { logGroupClusters: new Map([[MAPPED_GROUP, 'bank']]) } },
  { known: KNOWN.several, settings: { corednsLogFormats: [metadataFormat] } },
];

/** How a line reaches CloudWatch, and what that shows. */
export type Carrier = {
  readonly cluster: BenchCluster;
  readonly owner: string;
  readonly logGroup: string;
  readonly fields: Readonly<Record<string, string>> | undefined;
};

type Truth = LoggedQuery & { readonly pod: string | undefined; readonly era: Era };

/** Everything that a speaker needs: the configuration, and random numbers. */
export type Stage = { readonly random: Random; readonly variant: Variant };

/** Whether the function knows a cluster. */
export const isKnown = ({ variant }: Stage, cluster: BenchCluster): boolean =>
  variant.known.includes(cluster);
/** True with a probability of `share`. */
export const chance = (random: Random, share: number): boolean => random.fraction() < share;
/** A time in an era, epoch ms. */
export const timeIn = (random: Random, era: Era): number =>
  ERAS[era].fromMs + random.int(ERAS[era].toMs - ERAS[era].fromMs);

/** A real query in a cluster; one in twenty comes from an address that no pod has. */
export function queryIn(random: Random, cluster: BenchCluster): Truth {
  const era: Era = chance(random, 0.25) ? 'former' : 'present';
  const timeMs = timeIn(random, era);
  if (random.int(20) === 0) return { ip: '10.77.0.9', timeMs, pod: undefined, era, metadataPod: undefined };
  const index = random.int(ADDRESSES);
  const pod = ownerOf(cluster, index, era);
  return { ip: addressOf(index), timeMs, pod, era, metadataPod: chance(random, 0.3) ? pod : undefined };
}

/** What a forger claims: a query of another pod, at a time of his choice. */
export function claimOf(random: Random, cluster: BenchCluster): LoggedQuery {
  const victim = ownerOf(cluster, random.int(ADDRESSES), 'present');
  return {
    ip: addressOf(random.int(ADDRESSES)),
    timeMs: timeIn(random, 'former'),
    metadataPod: chance(random, 0.3) ? victim : undefined,
  };
}

/** Some host names of EC2 tell their Region, others nothing. */
export function nodeOf(random: Random, { region }: BenchCluster, mustTell: boolean): string {
  if (!mustTell && chance(random, 0.3)) return `worker-${random.int(9)}`;
  const host = `ip-10-20-8-${random.int(4)}`;
  return region === 'us-east-1' ? `${host}.ec2.internal` : `${host}.${region}.compute.internal`;
}

/** A container of CoreDNS, as a shipper describes it. */
export const coreDnsOf = (pod: string, node: string, container = 'coredns'): Container => ({
  pod,
  namespace: 'kube-system',
  container,
  node,
});

/** A pod that is not CoreDNS's. */
export const TENANT_POD = 'storefront-5b8d9c6f77-t5hzn';

/** A line of CoreDNS in a cluster. `proof`: what the carrier shows of its writer. */
export function genuine(
  stage: Stage,
  { cluster, fields }: Carrier,
  truth: Truth,
  shown: {
    readonly row: Row;
    readonly message: string;
    readonly expected: Expected;
    readonly timeMs: number;
    readonly timestampMs: number;
    readonly mayNameResolver?: boolean;
  },
): SpokenLine {
  const names = isKnown(stage, cluster) || shown.expected === 'claim' || shown.expected === 'passes';
  // CoreDNS itself may name a pod that no directory knows.
  const isLogged = truth.metadataPod !== undefined && stage.variant.settings.corednsLogFormats !== undefined;
  const isJson = shown.message.includes('plugin');
  const unnamed: Expected = isLogged && !isJson && truth.pod !== undefined ? 'inferred' : 'no-pod';
  const isNamed = names && (truth.pod !== undefined || shown.expected === 'passes');
  return {
    mayNameResolver: true,
    ...shown,
    row: names ? shown.row : 'otherCluster',
    expected: isNamed ? shown.expected : unnamed,
    pod: truth.pod,
    fields,
    accountId: cluster.accountId,
    region: cluster.region,
    cluster,
  };
}

/** A line of somebody else. */
export const forged = (
  { cluster, fields, owner }: Carrier,
  timestampMs: number,
  line: Pick<SpokenLine, 'row' | 'message' | 'expected'> & Partial<SpokenLine>,
): SpokenLine => ({
  timestampMs,
  timeMs: timestampMs,
  pod: undefined,
  fields,
  accountId: fields?.['@aws.account'] ?? owner,
  region: fields?.['@aws.region'] ?? cluster.region,
  cluster,
  mayNameResolver: false,
  ...line,
});

/** A place with 1 to `most` turns of a speaker. */
export const placeOf = (
  { owner, logGroup }: Pick<Carrier, 'owner' | 'logGroup'>,
  logStream: string,
  speak: () => SpokenLine | readonly SpokenLine[],
  random: Random,
  most: number,
): Place => ({
  owner,
  logGroup,
  logStream,
  lines: Array.from({ length: 1 + random.int(most) }, speak).flat(),
});
