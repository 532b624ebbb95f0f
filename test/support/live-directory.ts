// Invocations of the live directory against stubs of EKS, EC2 and a Kubernetes API.
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { BatchLookupKeys, Directory } from '../../src/core/model/directory.ts';
import type { DirectorySource, DirectoryTask, SourceHealth } from '../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { parseClusterList } from '../../src/lambda/cluster-list.ts';
import { awsEnvironment, startAwsStub } from './aws-stub.ts';
import type { KubernetesObject } from './kubernetes-cluster.ts';
import { podObject } from './kubernetes-objects.ts';
import { STUB_CA, startKubernetesStub } from './kubernetes-stub.ts';
import { createManualClock } from './manual-clock.ts';
import { ownerText } from './observations.ts';
import { watchRequests } from './requests-in-flight.ts';
import { startS3Stub } from './s3-stub.ts';

export const PODS = '/api/v1/pods';
export const NODES = '/api/v1/nodes';
export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const MINUTE = 60_000;

/** The clock of sources and stubs. It moves only in an invocation with a `Stall`. */
export const clock = createManualClock();

let requests: ReturnType<typeof watchRequests> | undefined;
let hanging = (): number => 0;
let hangingElsewhere = (): number => 0;

/** The stubs of the running test; each test has a new cluster `prod`. */
export function useStubs() {
  const stubs = {} as {
    kubernetes: Awaited<ReturnType<typeof startKubernetesStub>>;
    aws: Awaited<ReturnType<typeof startAwsStub>>;
  };
  const environment = { ...process.env };
  beforeAll(async () => {
    requests = watchRequests();
    stubs.aws = await startAwsStub();
    Object.assign(process.env, awsEnvironment(stubs.aws.url));
  });
  afterAll(async () => {
    process.env = environment;
    requests?.stop();
    await stubs.aws.close();
  });
  beforeEach(async () => {
    stubs.kubernetes = await startKubernetesStub(clock);
    hanging = () => stubs.aws.hanging() + stubs.kubernetes.hanging();
    stubs.aws.putCluster('prod', { endpoint: stubs.kubernetes.endpoint, ca: STUB_CA, vpcId: 'vpc-1' });
    stubs.aws.answerWith(() => undefined);
    stubs.aws.calls.length = 0;
    stubs.aws.requests.length = 0;
  });
  afterEach(async () => stubs.kubernetes.close());
  return stubs;
}

/** One bucket for the tests of a file, empty and healthy before each. Call after `useStubs`, which restores the environment. */
export function useS3Stub() {
  const s3 = {} as Awaited<ReturnType<typeof startS3Stub>>;
  beforeAll(async () => {
    Object.assign(s3, await startS3Stub());
    process.env.AWS_ENDPOINT_URL_S3 = s3.url;
    hangingElsewhere = s3.hanging;
  });
  afterAll(async () => s3.close());
  beforeEach(() => {
    s3.objects.clear();
    s3.requests.length = 0;
    s3.answerWith(() => undefined);
  });
  return s3;
}

/** `CLUSTERS` as settings. */
export const clustersOf = (text: string, region?: string): Settings['clusters'] =>
  parseClusterList(text, region).clusters;

/** A source that follows `prod`, by default without EC2. */
export const liveSource = (settings: Partial<Settings> = {}): DirectorySource =>
  createDirectorySource(
    { ...DEFAULT_SETTINGS, clusters: clustersOf('prod'), ec2Lookup: false, ...settings },
    clock,
  );

type TestKeys = {
  readonly clientIps?: ReadonlySet<string>;
  /** `srcaddr` of Resolver records by VPC id. */
  readonly vpcIps?: ReadonlyMap<string, ReadonlySet<string>>;
  /** `srcids.instance` of Resolver records without VPC. */
  readonly instanceIds?: ReadonlySet<string>;
  /** Origin of the Resolver records. */
  readonly accountId?: string;
  readonly region?: string;
};

/** Look-up keys of a batch; empty by default. */
export function keysOf({
  clientIps,
  vpcIps,
  instanceIds,
  accountId,
  region,
}: TestKeys = {}): BatchLookupKeys {
  const none: ReadonlySet<string> = new Set();
  const origin = { accountId, region };
  const byVpc = [...(vpcIps ?? [])].map(([vpcId, ips]) => ({ ...origin, vpcId, ips, instanceIds: none }));
  const named = instanceIds === undefined ? [] : [{ ...origin, vpcId: undefined, ips: none, instanceIds }];
  return { clientIps: clientIps ?? none, vpcs: [...byVpc, ...named] };
}

/** A running pod with one address, by default since ten minutes. */
export const running = (name: string, ip: string, startMs = NOW - 10 * MINUTE): KubernetesObject =>
  podObject({ name, ips: [ip], readyMs: startMs, startedMs: startMs });

/** A stretch of time in which no open request is answered. */
export type Stall = {
  /** Number of requests that hang; no others are open when the stretch begins. */
  readonly requests: number;
  /** Its length. */
  readonly ms: number;
  /** A condition to wait for before it begins. */
  readonly once?: (health: readonly SourceHealth[]) => boolean;
};

/** One invocation at `atMs`; `tookMs` is exact to the millisecond. */
export async function invoke(
  source: DirectorySource,
  atMs: number,
  keys = keysOf(),
  {
    limitMs,
    stall,
    accountId,
    task,
  }: {
    readonly limitMs?: number;
    readonly stall?: Stall;
    readonly accountId?: string;
    readonly task?: DirectoryTask;
  } = {},
) {
  const startedMs = clock.nowMs();
  const pending = source.begin(atMs, accountId, task);
  let tookMs = Number.NaN;
  const looked = pending.lookup(keys, limitMs).finally(() => {
    tookMs = clock.nowMs() - startedMs;
  });
  if (stall !== undefined) {
    const isReady = () =>
      hanging() + hangingElsewhere() === stall.requests && (stall.once?.(pending.health()) ?? true);
    await requests?.settleAt(stall.requests, isReady);
    clock.advance(stall.ms - 1);
    // Time for a look-up that ends too early to settle, so that `tookMs` shows it.
    await new Promise((resolve) => setTimeout(resolve, 1));
    clock.advance(1);
  }
  const directory = await looked;
  return { directory, health: pending.health(), tookMs };
}

/** For `Stall.once`: the pods of the first cluster are listed. */
export const isListed = ([cluster]: readonly SourceHealth[]): boolean => cluster?.ageMs !== undefined;

/** The owner of an address in any cluster of the directory: `p exact`, `node-a inferred`, `ambiguous`, `none`. */
export const ownerAt = (directory: Directory, ip: string, atMs: number): string =>
  ownerText(directory.ownerAt(directory.historyOf(directory.clusters, ip), atMs));
