// The live directory over real sockets: EKS and EC2 endpoints, and a Kubernetes API with a CA of its own.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDirectorySource } from '../../src/directory/index.ts';
import type { Directory, LookupKeys, Owner } from '../../src/model/directory.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/model/settings.ts';
import { awsEnvironment, startAwsStub } from '../support/aws-stub.ts';
import { nodeObject, podObject } from '../support/kubernetes-objects.ts';
import { OTHER_CA, STUB_CA, startKubernetesStub } from '../support/kubernetes-stub.ts';

const PODS = '/api/v1/pods';
const NODES = '/api/v1/nodes';
const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;

let kubernetes: Awaited<ReturnType<typeof startKubernetesStub>>;
let aws: Awaited<ReturnType<typeof startAwsStub>>;
const environment = { ...process.env };

beforeAll(async () => {
  aws = await startAwsStub();
  Object.assign(process.env, awsEnvironment(aws.url));
});
afterAll(async () => {
  process.env = environment;
  await aws.close();
});
beforeEach(async () => {
  kubernetes = await startKubernetesStub();
  aws.putCluster('prod', { endpoint: kubernetes.endpoint, ca: STUB_CA, vpcId: 'vpc-1' });
  aws.answerWith(() => undefined);
  aws.calls.length = 0;
});
afterEach(async () => kubernetes.close());

const live = (settings: Partial<Settings> = {}): Settings => ({
  ...DEFAULT_SETTINGS,
  clusters: ['prod'],
  ec2Lookup: false,
  ...settings,
});

const keysOf = (keys: Partial<LookupKeys> = {}): LookupKeys => ({
  clientIps: new Set(),
  vpcIps: new Map(),
  instanceIds: new Set(),
  ...keys,
});

const running = (name: string, ip: string, startMs = NOW - 10 * MINUTE) =>
  podObject({ name, ips: [ip], readyMs: startMs, startedMs: startMs });

/** One invocation at `atMs`. */
async function invoke(source: ReturnType<typeof createDirectorySource>, atMs: number, keys = keysOf()) {
  const startedMs = performance.now();
  const pending = source.begin(atMs);
  const directory = await pending.lookup(keys);
  return { directory, health: pending.health(), tookMs: performance.now() - startedMs };
}

const ownerAt = (directory: Directory, ip: string, atMs: number): string => {
  const owner: Owner | undefined = directory.ownerAt(directory.clusters, ip, atMs);
  if (owner === undefined || owner.kind === 'ambiguous') return owner?.kind ?? 'none';
  return `${owner.kind === 'pod' ? owner.pod.name : owner.node.name} ${owner.attribution}`;
};

describe('a cluster', () => {
  it('is listed in pages, then followed by watches, and leaves no connection behind', async () => {
    const source = createDirectorySource(live());
    for (let i = 0; i < 1200; i += 1)
      kubernetes.cluster.put(PODS, running(`p-${i}`, `10.0.${i >> 8}.${i & 255}`));
    kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a'));
    const first = await invoke(source, NOW);
    expect(first.health).toEqual([
      {
        source: 'kubernetes/prod',
        ageMs: expect.any(Number),
        size: 1201,
        errors: 0,
        late: false,
        lastError: undefined,
      },
    ]);
    expect(first.directory.clusters).toEqual([
      {
        name: 'prod',
        uid: 'uid-cluster',
        arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/prod',
        vpcId: 'vpc-1',
        region: 'eu-west-1',
        accountId: '111122223333',
      },
    ]);
    expect(kubernetes.requests.filter((path) => path.includes('continue='))).toHaveLength(2);
    expect(ownerAt(first.directory, '10.0.4.175', NOW - MINUTE)).toBe('p-1199 exact');
    expect(ownerAt(first.directory, '10.9.0.1', NOW - MINUTE)).toBe('node-a exact');
    expect(await kubernetes.isDeserted()).toBe(true);

    // A pod that lived and died between two invocations, and one that replaced another.
    const shortLived = { name: 'job', ips: ['10.5.0.1'], readyMs: NOW + 5000, startedMs: NOW + 5000 };
    kubernetes.cluster.put(PODS, podObject(shortLived));
    kubernetes.cluster.remove(
      PODS,
      podObject({ ...shortLived, phase: 'Succeeded', finishedMs: NOW + 15_000 }),
    );
    kubernetes.cluster.remove(PODS, podObject({ name: 'p-7', ips: ['10.0.0.7'], finishedMs: NOW + 2000 }));
    kubernetes.cluster.put(PODS, running('next', '10.0.0.7', NOW + 40_000));
    const { directory, health } = await invoke(source, NOW + MINUTE);
    expect(health[0]).toMatchObject({ errors: 0, lastError: undefined });
    expect(ownerAt(directory, '10.5.0.1', NOW + 10_000)).toBe('job exact');
    expect(ownerAt(directory, '10.5.0.1', NOW + 20_000)).toBe('none');
    expect(ownerAt(directory, '10.0.0.7', NOW + 1000)).toBe('p-7 exact');
    expect(ownerAt(directory, '10.0.0.7', NOW + 20_000)).toBe('none');
    expect(ownerAt(directory, '10.0.0.7', NOW + 50_000)).toBe('next exact');
    expect(kubernetes.requests.filter((path) => path.includes('limit=500'))).toHaveLength(4);
    expect(await kubernetes.isDeserted()).toBe(true);
    expect([...kubernetes.tokens]).toEqual([expect.stringMatching(/^Bearer k8s-aws-v1\.[\w-]+$/)]);
  });

  it('is left alone until REFRESH_SECONDS have passed; the time since is inferred only', async () => {
    const source = createDirectorySource(live());
    kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    await invoke(source, NOW);
    const asked = kubernetes.requests.length;
    const { directory, tookMs } = await invoke(source, NOW + 15_000);
    expect(kubernetes.requests).toHaveLength(asked);
    expect(tookMs).toBeLessThan(100);
    expect(ownerAt(directory, '10.0.0.1', NOW + 10_000)).toBe('p inferred');
    expect(ownerAt(directory, '10.0.0.1', NOW + 40_000)).toBe('none');
  });

  it('catches up with a watch that has nothing to tell', async () => {
    const source = createDirectorySource(live());
    kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    await invoke(source, NOW);
    kubernetes.cluster.touch();
    kubernetes.withoutBookmarks();
    const { directory } = await invoke(source, NOW + MINUTE);
    expect(ownerAt(directory, '10.0.0.1', NOW + MINUTE - 1000)).toBe('p exact');
  });

  it.each(['410', 'gone-in-stream'] as const)(
    'lists again when the version is gone (%s), and knows of the gap',
    async (how) => {
      const source = createDirectorySource(live());
      kubernetes.cluster.put(PODS, running('stays', '10.0.0.1'));
      kubernetes.cluster.put(PODS, running('goes', '10.0.0.2'));
      await invoke(source, NOW);
      kubernetes.cluster.remove(PODS, running('goes', '10.0.0.2'));
      kubernetes.cluster.put(PODS, running('new', '10.0.0.3', NOW + 5 * MINUTE));
      if (how === '410') kubernetes.cluster.compact(Number.POSITIVE_INFINITY);
      else kubernetes.answerWith((path) => (path.includes('watch=1') ? how : undefined));
      const { directory, health } = await invoke(source, NOW + 10 * MINUTE);
      expect(health[0]).toMatchObject({ errors: 0, lastError: undefined });
      expect(ownerAt(directory, '10.0.0.1', NOW + 9 * MINUTE)).toBe('stays exact');
      expect(ownerAt(directory, '10.0.0.2', NOW - 1000)).toBe('goes exact');
      expect(ownerAt(directory, '10.0.0.2', NOW + 20_000)).toBe('goes inferred');
      expect(ownerAt(directory, '10.0.0.2', NOW + MINUTE)).toBe('none');
      expect(ownerAt(directory, '10.0.0.3', NOW + 6 * MINUTE)).toBe('new exact');
      expect(ownerAt(directory, '10.0.0.3', NOW + 4 * MINUTE)).toBe('none');
    },
  );

  it('goes on where a watch broke off', async () => {
    const source = createDirectorySource(live());
    await invoke(source, NOW);
    kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    kubernetes.answerWith((path) => (path.includes('pods?watch=1') ? 'half-closed' : undefined));
    const broken = await invoke(source, NOW + MINUTE);
    expect(broken.health[0]).toMatchObject({ errors: 1, ageMs: expect.any(Number) });
    expect(broken.health[0]?.lastError).toMatch(/^pods: /);
    expect(broken.health[0]?.ageMs).toBeGreaterThanOrEqual(MINUTE);
    kubernetes.answerWith(() => undefined);
    const { directory, health } = await invoke(source, NOW + 2 * MINUTE);
    expect(health[0]).toMatchObject({ errors: 0, lastError: undefined });
    expect(ownerAt(directory, '10.0.0.1', NOW)).toBe('p exact');
  });

  it('goes on with a list that the budget cut off, at its page', async () => {
    const source = createDirectorySource(live({ lookupBudgetMs: 300 }));
    for (let i = 0; i < 1100; i += 1)
      kubernetes.cluster.put(PODS, running(`p-${i}`, `10.0.${i >> 8}.${i & 255}`));
    kubernetes.answerWith((path) => (path.includes('continue=') ? 'hang' : undefined));
    const cut = await invoke(source, NOW);
    expect(cut.health[0]).toMatchObject({ size: 500, ageMs: undefined, late: true, errors: 0 });
    expect(ownerAt(cut.directory, '10.0.0.1', NOW - 1000)).toBe('p-1 exact');
    kubernetes.answerWith(() => undefined);
    const { health } = await invoke(source, NOW + 1000);
    expect(health[0]).toMatchObject({ size: 1100, late: false, lastError: undefined });
    expect(kubernetes.requests.filter((path) => path === `${PODS}?limit=500`)).toHaveLength(1);
  });
});

describe('trouble with a cluster', () => {
  it.each([
    [
      403,
      'pods is forbidden: User "x" cannot list resource "pods"',
      /^pods: 403, bind the role's group .*forbidden/,
    ],
    [401, 'Unauthorized', /^pods: 401, .*no access entry in cluster prod$/],
    [429, 'slow down', /^pods: 429 /],
    [500, 'etcd', /^pods: 500 /],
  ])('%i is told, and the source left in peace', async (status, message, reason) => {
    const source = createDirectorySource(live());
    kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a'));
    const answer = { status, message, headers: { 'retry-after': '90' } };
    kubernetes.answerWith((path) => (path.startsWith(PODS) ? answer : undefined));
    const { directory, health } = await invoke(source, NOW);
    expect(health[0]).toMatchObject({ errors: 1, ageMs: undefined, size: 1 });
    expect(health[0]?.lastError).toMatch(reason);
    expect(ownerAt(directory, '10.9.0.1', NOW - 1000)).toBe('node-a exact');
    const asked = kubernetes.requests.filter((path) => path.startsWith(PODS)).length;
    // Refused once with the old token and once with a new one.
    expect(asked).toBe(status === 401 ? 2 : 1);
    const later = await invoke(source, NOW + 80_000);
    expect(kubernetes.requests.filter((path) => path.startsWith(PODS))).toHaveLength(asked);
    expect(later.health[0]).toMatchObject({ errors: 0 });
    expect(later.health[0]?.lastError).toMatch(reason);
    kubernetes.answerWith(() => undefined);
    const healed = await invoke(source, NOW + 100_000);
    expect(healed.health[0]).toMatchObject({ errors: 0, lastError: undefined });
  });

  it('trusts the CA of the cluster only', async () => {
    aws.putCluster('prod', { endpoint: kubernetes.endpoint, ca: OTHER_CA, vpcId: 'vpc-1' });
    const source = createDirectorySource(live());
    const { health } = await invoke(source, NOW);
    expect(health[0]?.lastError).toMatch(/not signed by the cluster's CA/);
    expect(kubernetes.requests).toEqual([]);
    aws.putCluster('prod', { endpoint: kubernetes.endpoint, ca: STUB_CA, vpcId: 'vpc-1' });
    expect((await invoke(source, NOW + 10 * MINUTE)).health[0]?.lastError).toBeUndefined();
  });

  it.each([
    ['hang', /no answer in time; a private endpoint/],
    ['cut', /ECONNRESET/],
  ] as const)('%s: the budget holds, the second time nothing is waited for', async (how, reason) => {
    const source = createDirectorySource(live({ lookupBudgetMs: 400 }));
    kubernetes.answerWith(() => how);
    const { directory, health, tookMs } = await invoke(source, NOW);
    expect(tookMs).toBeLessThan(1500);
    expect(health[0]).toMatchObject({ ageMs: undefined, late: how === 'hang' });
    expect(health[0]?.lastError).toMatch(reason);
    expect(directory.clusters.map(({ name }) => name)).toEqual(['prod']);
    const second = await invoke(source, NOW + 1000);
    expect(second.tookMs).toBeLessThan(100);
    expect(second.health[0]).toMatchObject({ errors: 0, late: false });
    expect(await kubernetes.isDeserted()).toBe(true);
  });

  it('says which port is shut', async () => {
    await kubernetes.close();
    const source = createDirectorySource(live());
    const { health } = await invoke(source, NOW);
    expect(health[0]?.lastError).toMatch(/ECONNREFUSED.*port 443/);
    kubernetes = await startKubernetesStub();
  });

  it.each(['fail', 'hang'] as const)('EKS itself does not answer: %s', async (how) => {
    aws.answerWith(() => how);
    const source = createDirectorySource(live({ lookupBudgetMs: 600 }));
    const { health, tookMs } = await invoke(source, NOW);
    expect(tookMs).toBeLessThan(2500);
    expect(health[0]?.lastError).toMatch(/^EKS DescribeCluster/);
    expect((await invoke(source, NOW + 1000)).tookMs).toBeLessThan(100);
  });

  it('an unknown cluster does not keep the others from being known', async () => {
    kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    const source = createDirectorySource(live({ clusters: ['missing', 'prod'] }));
    const { directory, health } = await invoke(source, NOW);
    expect(health[0]?.lastError).toContain('No cluster: missing');
    expect(health[1]?.lastError).toBeUndefined();
    expect(ownerAt(directory, '10.0.0.1', NOW - 1000)).toBe('p exact');
  });
});

describe('EC2', () => {
  it('describes what records, nodes and unknown addresses point to, in batches, once', async () => {
    aws.pageBy(60);
    for (let i = 0; i < 150; i += 1) aws.putInstance({ id: `i-${i}`, vpcId: 'vpc-1', ips: [`10.1.0.${i}`] });
    aws.putInstance({
      id: 'i-0a',
      vpcId: 'vpc-1',
      tags: { 'eks:cluster-name': 'prod', 'eks:nodegroup-name': 'blue' },
    });
    aws.putInstance({
      id: 'i-prefix',
      vpcId: 'vpc-1',
      prefixes: ['10.2.0.16/28'],
      lifecycle: 'spot',
      zone: 'eu-west-1c',
    });
    kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a'));
    const source = createDirectorySource(live({ ec2Lookup: true }));
    const keys = keysOf({
      clientIps: new Set(['10.0.0.1', '10.2.0.20', '192.0.2.1']),
      vpcIps: new Map([['vpc-1', new Set(['10.1.0.7', '10.0.0.1'])]]),
      instanceIds: new Set([...Array.from({ length: 149 }, (_, i) => `i-${i + 1}`), 'i-gone']),
    });
    const { directory, health } = await invoke(source, NOW, keys);
    expect(health[1]).toEqual({
      source: 'ec2',
      ageMs: expect.any(Number),
      size: 151,
      errors: 0,
      late: false,
      lastError: undefined,
    });
    expect(directory.instance('i-149')?.type).toBe('m7g.large');
    expect(directory.instance('i-0a')).toMatchObject({
      clusterName: 'prod',
      nodeGroup: 'blue',
      lifecycle: 'on-demand',
    });
    expect(directory.instanceAt('vpc-1', '10.2.0.20')).toMatchObject({
      id: 'i-prefix',
      lifecycle: 'spot',
      availabilityZone: 'eu-west-1c',
    });
    expect(directory.instanceAt('vpc-1', '10.1.0.7')?.id).toBe('i-7');
    // 150 ids in two batches, the first of two pages; the node's instance; an address, then its block.
    const kinds = aws.calls.map((call) => call.split(/[=,]/)[0]);
    expect(kinds).toEqual([...Array(4).fill('instance-id'), 'vpc-id', 'vpc-id']);
    expect(aws.calls.at(-1)).toBe('vpc-id=vpc-1;network-interface.ipv4-prefixes.ipv4-prefix=10.2.0.16/28');
    const asked = aws.calls.length;
    aws.removeInstance('i-149');
    const again = await invoke(source, NOW + 1000, keys);
    expect(aws.calls).toHaveLength(asked);
    expect(again.directory.instance('i-149')).toBeDefined();
    await invoke(source, NOW + 3 * MINUTE, keys);
    expect(aws.calls.slice(asked)).toEqual(['instance-id=i-gone']);
  });

  it.each(['fail', 'hang'] as const)('fails on its own: %s', async (how) => {
    kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    aws.answerWith((kind) => (kind === 'ec2' ? how : undefined));
    const source = createDirectorySource(live({ ec2Lookup: true, lookupBudgetMs: 1500 }));
    const keys = keysOf({ instanceIds: new Set(['i-1']) });
    const { directory, health, tookMs } = await invoke(source, NOW, keys);
    expect(tookMs).toBeLessThan(3000);
    expect(ownerAt(directory, '10.0.0.1', NOW - 1000)).toBe('p exact');
    expect(health[1]).toMatchObject({ source: 'ec2', errors: 1, late: how === 'hang' });
    expect((await invoke(source, NOW + 1000, keys)).tookMs).toBeLessThan(100);
  });

  it('is not loaded when no record asks for it', async () => {
    const source = createDirectorySource({ ...DEFAULT_SETTINGS, region: 'eu-west-1' });
    const { directory, health } = await invoke(source, NOW, keysOf({ clientIps: new Set(['10.0.0.1']) }));
    expect(directory.clusters).toEqual([]);
    expect(health).toEqual([]);
    aws.putInstance({ id: 'i-1', vpcId: 'vpc-9' });
    const asked = await invoke(source, NOW, keysOf({ instanceIds: new Set(['i-1']) }));
    expect(asked.directory.instance('i-1')?.vpcId).toBe('vpc-9');
  });
});

it('leaves neither timers nor sockets running', async () => {
  const before = process.getActiveResourcesInfo().length;
  const source = createDirectorySource(live({ ec2Lookup: true }));
  aws.putInstance({ id: 'i-1', vpcId: 'vpc-1' });
  await invoke(source, NOW, keysOf({ instanceIds: new Set(['i-1']) }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
});
