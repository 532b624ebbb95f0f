// What is there before `setup` changes anything: the cluster, the function, the stream.

import { parseClusterList } from '../../../lambda/cluster-list.ts';
import { EXIT, fail, isUserError } from '../../terminal.ts';
import { arnParts } from '../aws/arn.ts';
import type { Aws } from '../aws/clients.ts';
import { isAwsError } from '../aws/command.ts';
import { DEFAULT_STACK, stackOutputs } from '../aws/stack.ts';
import {
  DYNATRACE_STACK,
  logStreams,
  readStream,
  type Stream,
  type StreamOptions,
  streamName,
} from '../stream/delivery-stream.ts';
import { type DnsFunction, findFunction } from '../stream/function.ts';
import type { Part, StepName } from './names.ts';

/** What to set up. */
export type SetupOptions = StreamOptions & {
  readonly region?: string;
  readonly cluster: string;
  readonly stack?: string;
  /** Role with which CloudWatch Logs writes to the stream. */
  readonly roleArn?: string;
  /** Log groups of CoreDNS; by default that of Container Insights. */
  readonly logGroup?: readonly string[];
  /** `https://<environment>.apps.dynatrace.com` */
  readonly dynatrace?: string;
  readonly tokenFile?: string;
  /** Of the route: first, last or before:<pipeline>. */
  readonly position?: string;
  /** Secret with the token of a stream that the stack makes. */
  readonly tokenSecret?: string;
  /** Take it back instead; with `deleteStack` the stack as well. */
  readonly undo?: boolean;
  readonly deleteStack?: boolean;
  readonly without: readonly Part[];
  readonly only: readonly StepName[];
  /** Seconds to wait for IAM and Firehose; undefined = those of `attach` and `detach`. */
  readonly settleSeconds?: number;
};

/** What is there now. Read again after the stack was deployed. */
export type Situation = {
  readonly aws: Aws;
  readonly options: SetupOptions;
  readonly stack: string;
  readonly cluster: ClusterFacts;
  readonly dnsFunction: DnsFunction | undefined;
  /** Undefined = there is none yet, and the stack makes it. */
  readonly stream: Stream | undefined;
  /** Whether the stack makes, or made, the stream: it calls the function from the start. */
  readonly isOwnStream: boolean;
  /** Other entries of the function's setting CLUSTERS: they need function, stream and pipeline as well. */
  readonly otherClusters: readonly string[];
};

/** Facts of the cluster. */
export type ClusterFacts = {
  readonly name: string;
  readonly vpcId: string | undefined;
  /** `API`, `CONFIG_MAP` or `API_AND_CONFIG_MAP`. */
  readonly authenticationMode: string | undefined;
};

/** Reads cluster, function and stream; throws if there is no such cluster, or no stream and no way to make one. */
export async function readSituation(aws: Aws, options: SetupOptions): Promise<Situation> {
  const stack = options.stack ?? DEFAULT_STACK;
  const cluster = await readCluster(aws, options.cluster);
  const outputs = await stackOutputs(aws, stack);
  const functionArn = outputs?.get('FunctionArn');
  const dnsFunction = functionArn === undefined ? undefined : await findFunction(aws, functionArn);
  const own = outputs?.get('FirehoseArn');
  const stream = await streamToUse(aws, options, own);
  if (options.undo !== true) refuseWithoutStream(stream, options);
  return {
    aws,
    options,
    stack,
    cluster,
    dnsFunction,
    stream,
    isOwnStream: stream === undefined || stream.arn === own,
    otherClusters: others(dnsFunction, options.cluster),
  };
}

/** The stream; when taking back, undefined if it is gone already. */
async function streamToUse(
  aws: Aws,
  options: SetupOptions,
  own: string | undefined,
): Promise<Stream | undefined> {
  try {
    return await findTarget(aws, options, own);
  } catch (error) {
    if (options.undo === true && isUserError(error)) return undefined;
    throw error;
  }
}

/** Throws if there is no stream and no way to make one. */
function refuseWithoutStream(stream: Stream | undefined, options: SetupOptions): void {
  if (stream === undefined && options.tokenSecret === undefined)
    throw fail(
      'there is no delivery stream to Dynatrace in this account and region',
      'name it with --stream <name>, or let the stack make one: --token-secret <arn of a secret with {"api_key":"<token>"}>',
      EXIT.usage,
    );
  if (stream === undefined && options.dynatrace === undefined)
    throw fail('a new stream needs an environment', 'add --dynatrace <url>', EXIT.usage);
}

/** Entries of CLUSTERS, in their order. */
export const clustersOf = ({ arn, variables }: DnsFunction) =>
  parseClusterList(variables.CLUSTERS ?? '', arnParts(arn).region).clusters;

/** Entries of CLUSTERS that are not the cluster. */
function others(dnsFunction: DnsFunction | undefined, name: string): readonly string[] {
  if (dnsFunction === undefined) return [];
  const { region } = arnParts(dnsFunction.arn);
  return clustersOf(dnsFunction)
    .filter((one) => one.name !== name || (one.region !== undefined && one.region !== region))
    .map(({ id, roleArn }) => (roleArn === undefined ? id : `${id}=${roleArn}`));
}

async function readCluster(aws: Aws, name: string): Promise<ClusterFacts> {
  try {
    const { cluster } = await (await aws.eks()).describeCluster({ name });
    return {
      name,
      vpcId: cluster?.resourcesVpcConfig?.vpcId,
      authenticationMode: cluster?.accessConfig?.authenticationMode,
    };
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
    throw fail(
      `there is no EKS cluster "${name}" in this account and region`,
      'list them with `aws eks list-clusters`; clusters of other accounts: docs/deploy.md',
      EXIT.usage,
    );
  }
}

/** Streams that are looked at; Firehose allows five such calls a second. */
const MAX_STREAMS = 50;

/** The stream: named, of the stack, of Dynatrace's stack, or the only one in the account that delivers logs to Dynatrace. */
async function findTarget(
  aws: Aws,
  options: SetupOptions,
  own: string | undefined,
): Promise<Stream | undefined> {
  if (options.stream !== undefined || options.streamStack !== undefined)
    return readStream(aws, await streamName(aws, options));
  if (own !== undefined) return readStream(aws, await streamName(aws, { stream: own }));
  if ((await stackOutputs(aws, DYNATRACE_STACK)) !== undefined)
    return readStream(aws, await streamName(aws, {}));
  const { DeliveryStreamNames: names = [], HasMoreDeliveryStreams: hasMore } = await (
    await aws.firehose()
  ).listDeliveryStreams({ Limit: MAX_STREAMS });
  const [name, ...more] = await logStreams(aws, names);
  if (more.length > 0 || hasMore === true)
    throw fail(
      hasMore === true
        ? `there are more than ${MAX_STREAMS} streams, too many to look at each`
        : `several streams deliver logs to Dynatrace: ${[name, ...more].join(', ')}`,
      'name one with --stream <name>',
      EXIT.usage,
    );
  return name === undefined ? undefined : readStream(aws, name);
}
