// The live directory over real sockets: EKS and EC2 endpoints, and a Kubernetes API with its own CA.
import { describe, expect, it } from '@jest/globals';
import type { SourceHealth } from '../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { nodeObject, podObject } from '../support/kubernetes-objects.ts';
import {
  clock,
  clustersOf,
  invoke,
  isListed,
  keysOf,
  liveSource,
  MINUTE,
  NODES,
  NOW,
  ownerAt,
  PODS,
  running,
  useStubs,
} from '../support/live-directory.ts';

const stubs = useStubs();

describe('a cluster', () => {
  it('is listed in pages, then followed by watches, and leaves no open connection', async () => {
    const source = liveSource();
    for (let i = 0; i < 1200; i += 1)
      stubs.kubernetes.cluster.put(PODS, running(`p-${i}`, `10.0.${i >> 8}.${i & 255}`));
    stubs.kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a'));
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
    expect(stubs.kubernetes.requests.filter((path) => path.includes('continue='))).toHaveLength(2);
    expect(ownerAt(first.directory, '10.0.4.175', NOW - MINUTE)).toBe('p-1199 exact');
    expect(ownerAt(first.directory, '10.9.0.1', NOW - MINUTE)).toBe('node-a exact');
    expect(await stubs.kubernetes.isDeserted()).toBe(true);

    // A pod that existed only between two invocations, and one that replaced another.
    const shortLived = { name: 'job', ips: ['10.5.0.1'], readyMs: NOW + 5000, startedMs: NOW + 5000 };
    stubs.kubernetes.cluster.put(PODS, podObject(shortLived));
    stubs.kubernetes.cluster.remove(
      PODS,
      podObject({ ...shortLived, phase: 'Succeeded', finishedMs: NOW + 15_000 }),
    );
    stubs.kubernetes.cluster.remove(
      PODS,
      podObject({ name: 'p-7', ips: ['10.0.0.7'], finishedMs: NOW + 2000 }),
    );
    stubs.kubernetes.cluster.put(PODS, running('next', '10.0.0.7', NOW + 40_000));
    const { directory, health } = await invoke(source, NOW + MINUTE);
    expect(health[0]).toMatchObject({ errors: 0, lastError: undefined });
    expect(ownerAt(directory, '10.5.0.1', NOW + 10_000)).toBe('job exact');
    expect(ownerAt(directory, '10.5.0.1', NOW + 20_000)).toBe('none');
    expect(ownerAt(directory, '10.0.0.7', NOW + 1000)).toBe('p-7 exact');
    expect(ownerAt(directory, '10.0.0.7', NOW + 20_000)).toBe('none');
    expect(ownerAt(directory, '10.0.0.7', NOW + 50_000)).toBe('next exact');
    expect(stubs.kubernetes.requests.filter((path) => /v1\/(pods|nodes)\?limit=500/.test(path))).toHaveLength(
      4,
    );
    expect(await stubs.kubernetes.isDeserted()).toBe(true);
    expect([...stubs.kubernetes.tokens]).toEqual([expect.stringMatching(/^Bearer k8s-aws-v1\.[\w-]+$/)]);
  });

  it('is not requested before REFRESH_SECONDS have passed; later times are only inferred', async () => {
    const source = liveSource();
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    await invoke(source, NOW);
    const asked = stubs.kubernetes.requests.length;
    const { directory } = await invoke(source, NOW + 15_000);
    expect(stubs.kubernetes.requests).toHaveLength(asked);
    expect(ownerAt(directory, '10.0.0.1', NOW + 10_000)).toBe('p inferred');
    expect(ownerAt(directory, '10.0.0.1', NOW + 40_000)).toBe('none');
  });

  it('catches up with a watch without events, by its bookmark', async () => {
    const source = liveSource();
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    await invoke(source, NOW);
    stubs.kubernetes.cluster.touch();
    const { directory } = await invoke(source, NOW + MINUTE);
    expect(ownerAt(directory, '10.0.0.1', NOW + MINUTE - 1000)).toBe('p exact');
  });

  it('has not caught up when a watch ends empty; waits once per refresh', async () => {
    const source = liveSource();
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    await invoke(source, NOW);
    stubs.kubernetes.cluster.touch();
    stubs.kubernetes.withoutBookmarks();
    // Both watches stay open until the server ends them, and the next ones until the budget ends.
    const stall = { requests: 2, ms: 5000 };
    const { directory, tookMs, health } = await invoke(source, NOW + 20_000, keysOf(), { stall });
    expect(tookMs).toBe(5000);
    expect(health[0]).toMatchObject({ ageMs: 25_000, late: true, errors: 0 });
    expect(ownerAt(directory, '10.0.0.1', NOW + 19_000)).toBe('p inferred');
    const asked = stubs.kubernetes.requests.length;
    await invoke(source, NOW + 39_999);
    expect(stubs.kubernetes.requests).toHaveLength(asked);
    expect(await stubs.kubernetes.isDeserted()).toBe(true);
  });

  it.each(['410', 'gone-in-stream'] as const)(
    'lists again when the version has expired (%s), and respects the gap',
    async (how) => {
      const source = liveSource();
      stubs.kubernetes.cluster.put(PODS, running('stays', '10.0.0.1'));
      stubs.kubernetes.cluster.put(PODS, running('goes', '10.0.0.2'));
      await invoke(source, NOW);
      stubs.kubernetes.cluster.remove(PODS, running('goes', '10.0.0.2'));
      stubs.kubernetes.cluster.put(PODS, running('new', '10.0.0.3', NOW + 5 * MINUTE));
      if (how === '410') stubs.kubernetes.cluster.compact(Number.POSITIVE_INFINITY);
      else stubs.kubernetes.answerWith((path) => (path.includes('watch=1') ? how : undefined));
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

  it('resumes where a watch was interrupted', async () => {
    const source = liveSource();
    await invoke(source, NOW);
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    stubs.kubernetes.answerWith((path) => (path.includes('pods?watch=1') ? 'half-closed' : undefined));
    const broken = await invoke(source, NOW + MINUTE);
    expect(broken.health[0]).toMatchObject({ errors: 1, ageMs: MINUTE });
    expect(broken.health[0]?.lastError).toMatch(/^pods: /);
    stubs.kubernetes.answerWith(() => undefined);
    const { directory, health } = await invoke(source, NOW + 2 * MINUTE);
    expect(health[0]).toMatchObject({ errors: 0, lastError: undefined });
    expect(ownerAt(directory, '10.0.0.1', NOW)).toBe('p exact');
  });

  it('resumes a list that timed out at its next page', async () => {
    const source = liveSource({ lookupBudgetMs: 300 });
    for (let i = 0; i < 1100; i += 1)
      stubs.kubernetes.cluster.put(PODS, running(`p-${i}`, `10.0.${i >> 8}.${i & 255}`));
    stubs.kubernetes.answerWith((path) => (path.includes('continue=') ? 'hang' : undefined));
    const stall = {
      requests: 1,
      ms: 300,
      once: ([cluster]: readonly SourceHealth[]) => cluster?.size === 500,
    };
    const cut = await invoke(source, NOW, keysOf(), { stall });
    expect(cut.tookMs).toBe(300);
    expect(cut.health[0]).toMatchObject({ size: 500, ageMs: undefined, late: true, errors: 0 });
    expect(ownerAt(cut.directory, '10.0.0.1', NOW - 1000)).toBe('p-1 exact');
    stubs.kubernetes.answerWith(() => undefined);
    const { health } = await invoke(source, NOW + 1000);
    expect(health[0]).toMatchObject({ size: 1100, late: false, lastError: undefined });
    expect(stubs.kubernetes.requests.filter((path) => path === `${PODS}?limit=500`)).toHaveLength(1);
  });
});

describe('EC2', () => {
  it('describes the instances of records, nodes and unknown addresses, in batches, once', async () => {
    stubs.aws.pageBy(60);
    for (let i = 0; i < 150; i += 1)
      stubs.aws.putInstance({ id: `i-${i}`, vpcId: 'vpc-1', ips: [`10.1.0.${i}`] });
    stubs.aws.putInstance({
      id: 'i-0a',
      vpcId: 'vpc-1',
      tags: { 'eks:cluster-name': 'prod', 'eks:nodegroup-name': 'blue' },
    });
    stubs.aws.putInstance({
      id: 'i-prefix',
      vpcId: 'vpc-1',
      prefixes: ['10.2.0.16/28'],
      lifecycle: 'spot',
      zone: 'eu-west-1c',
    });
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    stubs.kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a'));
    const source = liveSource({ ec2Lookup: true });
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
    const kinds = stubs.aws.calls.map((call) => call.split(/[=,]/)[0]);
    expect(kinds).toEqual([...Array(4).fill('instance-id'), 'vpc-id', 'vpc-id']);
    expect(stubs.aws.calls.at(-1)).toBe(
      'vpc-id=vpc-1;network-interface.ipv4-prefixes.ipv4-prefix=10.2.0.16/28',
    );
    const asked = stubs.aws.calls.length;
    stubs.aws.removeInstance('i-149');
    const again = await invoke(source, NOW + 1000, keys);
    expect(stubs.aws.calls).toHaveLength(asked);
    expect(again.directory.instance('i-149')).toBeDefined();
    await invoke(source, NOW + 3 * MINUTE, keys);
    expect(stubs.aws.calls.slice(asked)).toEqual(['instance-id=i-gone']);
  });

  it.each(['fail', 'hang'] as const)('fails independently: %s', async (how) => {
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    stubs.aws.answerWith((kind) => (kind === 'ec2' ? how : undefined));
    const source = liveSource({ ec2Lookup: true, lookupBudgetMs: 1500 });
    const keys = keysOf({ instanceIds: new Set(['i-1']) });
    const stall = { requests: 1, ms: 1500, once: isListed };
    const { directory, health, tookMs } = await invoke(source, NOW, keys, how === 'hang' ? { stall } : {});
    expect(tookMs).toBe(how === 'hang' ? 1500 : 0);
    expect(ownerAt(directory, '10.0.0.1', NOW - 1000)).toBe('p exact');
    expect(health[1]).toMatchObject({ source: 'ec2', errors: 1, late: how === 'hang' });
    const asked = stubs.aws.requests.length;
    await invoke(source, NOW + 1000, keys);
    expect(stubs.aws.requests).toHaveLength(asked);
  });

  it('has its share of the budget when the cluster does not answer', async () => {
    stubs.kubernetes.answerWith(() => 'hang');
    stubs.aws.putInstance({ id: 'i-share', vpcId: 'vpc-1', ips: ['10.1.9.7'] });
    const source = liveSource({ ec2Lookup: true, lookupBudgetMs: 1000 });
    const keys = keysOf({ clientIps: new Set(['10.1.9.7']) });
    const { directory, health, tookMs } = await invoke(source, NOW, keys, {
      stall: { requests: 4, ms: 750 },
    });
    expect(tookMs).toBe(750);
    expect(health).toMatchObject([{ late: true }, { source: 'ec2', late: false, errors: 0 }]);
    expect(directory.instanceAt('vpc-1', '10.1.9.7')?.id).toBe('i-share');
  });

  it('is not loaded without a look-up key for it', async () => {
    const source = createDirectorySource({ ...DEFAULT_SETTINGS, region: 'eu-west-1' }, clock);
    const { directory, health } = await invoke(source, NOW, keysOf({ clientIps: new Set(['10.0.0.1']) }));
    expect(directory.clusters).toEqual([]);
    expect(health).toEqual([]);
    stubs.aws.putInstance({ id: 'i-1', vpcId: 'vpc-9' });
    const asked = await invoke(source, NOW, keysOf({ instanceIds: new Set(['i-1']) }));
    expect(asked.directory.instance('i-1')?.vpcId).toBe('vpc-9');
  });
});

it('leaves no timers and no sockets', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  // On the system clock: timers of the budget that were not cancelled would stay for an hour.
  const source = createDirectorySource({
    ...DEFAULT_SETTINGS,
    clusters: clustersOf('prod'),
    ec2Lookup: true,
    lookupBudgetMs: 3_600_000,
  });
  stubs.aws.putInstance({ id: 'i-1', vpcId: 'vpc-1' });
  const { directory } = await invoke(source, NOW, keysOf({ instanceIds: new Set(['i-1']) }));
  expect(directory.instance('i-1')).toBeDefined();
  // The AWS client clears its own a moment later.
  for (let tries = 0; tries < 3000 && timers() > before; tries += 1)
    await new Promise((go) => setTimeout(go, 20));
  expect(timers()).toBeLessThanOrEqual(before);
  expect(await stubs.kubernetes.isDeserted()).toBe(true);
  expect(await stubs.aws.isDeserted()).toBe(true);
});

it('ends by the system clock too', async () => {
  stubs.kubernetes.answerWith(() => 'hang');
  const settings = { ...DEFAULT_SETTINGS, clusters: clustersOf('prod'), ec2Lookup: false, lookupBudgetMs: 1 };
  const { health } = await invoke(createDirectorySource(settings), NOW);
  expect(health).toMatchObject([{ late: true, ageMs: undefined }]);
});
