// Invocations of the live directory against stubs of EKS, EC2 and a Kubernetes API.
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { BatchLookupKeys, Directory } from '../../src/core/model/directory.ts';
import type { DirectorySource } from '../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { awsEnvironment, startAwsStub } from './aws-stub.ts';
import type { KubernetesObject } from './kubernetes-cluster.ts';
import { podObject } from './kubernetes-objects.ts';
import { STUB_CA, startKubernetesStub } from './kubernetes-stub.ts';
import { ownerText } from './observations.ts';

export const PODS = '/api/v1/pods';
export const NODES = '/api/v1/nodes';
export const NOW = Date.parse('2026-03-01T12:00:00Z');
export const MINUTE = 60_000;

/** The stubs of the running test; each test has a new cluster `prod`. */
export function useStubs() {
  const stubs = {} as {
    kubernetes: Awaited<ReturnType<typeof startKubernetesStub>>;
    aws: Awaited<ReturnType<typeof startAwsStub>>;
  };
  const environment = { ...process.env };
  beforeAll(async () => {
    stubs.aws = await startAwsStub();
    Object.assign(process.env, awsEnvironment(stubs.aws.url));
  });
  afterAll(async () => {
    process.env = environment;
    await stubs.aws.close();
  });
  beforeEach(async () => {
    stubs.kubernetes = await startKubernetesStub();
    stubs.aws.putCluster('prod', { endpoint: stubs.kubernetes.endpoint, ca: STUB_CA, vpcId: 'vpc-1' });
    stubs.aws.answerWith(() => undefined);
    stubs.aws.calls.length = 0;
  });
  afterEach(async () => stubs.kubernetes.close());
  return stubs;
}

/** A source that follows `prod`, by default without EC2. */
export const liveSource = (settings: Partial<Settings> = {}): DirectorySource =>
  createDirectorySource({ ...DEFAULT_SETTINGS, clusters: ['prod'], ec2Lookup: false, ...settings });

/** Look-up keys of a batch; empty by default. */
export const keysOf = (keys: Partial<BatchLookupKeys> = {}): BatchLookupKeys => ({
  clientIps: new Set(),
  vpcIps: new Map(),
  instanceIds: new Set(),
  ...keys,
});

/** A running pod with one address, by default since ten minutes. */
export const running = (name: string, ip: string, startMs = NOW - 10 * MINUTE): KubernetesObject =>
  podObject({ name, ips: [ip], readyMs: startMs, startedMs: startMs });

/** One invocation at `atMs`. */
export async function invoke(source: DirectorySource, atMs: number, keys = keysOf(), limitMs?: number) {
  const startedMs = performance.now();
  const pending = source.begin(atMs);
  const directory = await pending.lookup(keys, limitMs);
  return { directory, health: pending.health(), tookMs: performance.now() - startedMs };
}

/** The owner of an address in any cluster of the directory: `p exact`, `node-a inferred`, `ambiguous`, `none`. */
export const ownerAt = (directory: Directory, ip: string, atMs: number): string =>
  ownerText(directory.ownerAt(directory.historyOf(directory.clusters, ip), atMs));
