// Failing clusters, over real sockets: refused requests, time-outs, closed connections, foreign certificates.
import { describe, expect, it } from '@jest/globals';
import { nodeObject } from '../support/kubernetes-objects.ts';
import { OTHER_CA, STUB_CA, startKubernetesStub } from '../support/kubernetes-stub.ts';
import {
  clock,
  clustersOf,
  invoke,
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
  ])('%i is reported, followed by a back-off', async (status, message, reason) => {
    const source = liveSource();
    stubs.kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a'));
    const answer = { status, message, headers: { 'retry-after': '90' } };
    stubs.kubernetes.answerWith((path) => (path.startsWith(PODS) ? answer : undefined));
    const { directory, health } = await invoke(source, NOW);
    expect(health[0]).toMatchObject({ errors: 1, ageMs: undefined, size: 1 });
    expect(health[0]?.lastError).toMatch(reason);
    expect(ownerAt(directory, '10.9.0.1', NOW - 1000)).toBe('node-a exact');
    const asked = stubs.kubernetes.requests.filter((path) => path.startsWith(PODS)).length;
    // Rejected once with the old token and once with a new one.
    expect(asked).toBe(status === 401 ? 2 : 1);
    const later = await invoke(source, NOW + 80_000);
    expect(stubs.kubernetes.requests.filter((path) => path.startsWith(PODS))).toHaveLength(asked);
    expect(later.health[0]).toMatchObject({ errors: 0 });
    expect(later.health[0]?.lastError).toMatch(reason);
    stubs.kubernetes.answerWith(() => undefined);
    const healed = await invoke(source, NOW + 100_000);
    expect(healed.health[0]).toMatchObject({ errors: 0, lastError: undefined });
  });

  it.each([
    [NODES, 403, PODS],
    [PODS, 429, NODES],
  ])(
    'while %s fails with %i, %s is left alone until REFRESH_SECONDS have passed',
    async (sick, status, well) => {
      const source = liveSource();
      const askedOf = (path: string) =>
        stubs.kubernetes.requests.filter((url) => url.startsWith(path)).length;
      stubs.kubernetes.answerWith((path) => (path.startsWith(sick) ? { status } : undefined));
      await invoke(source, NOW);
      const asked = { sick: askedOf(sick), well: askedOf(well) };
      await invoke(source, NOW + 1000);
      expect(askedOf(sick)).toBe(asked.sick);
      await invoke(source, NOW + 19_999);
      expect(askedOf(sick)).toBe(asked.sick + 1);
      expect(askedOf(well)).toBe(asked.well);
      await invoke(source, NOW + 20_000);
      expect(askedOf(well)).toBeGreaterThan(asked.well);
    },
  );

  it('trusts the CA of the cluster only', async () => {
    stubs.aws.putCluster('prod', { endpoint: stubs.kubernetes.endpoint, ca: OTHER_CA, vpcId: 'vpc-1' });
    const source = liveSource();
    const { health } = await invoke(source, NOW);
    expect(health[0]?.lastError).toMatch(/not signed by the cluster's CA/);
    expect(stubs.kubernetes.requests).toEqual([]);
    stubs.aws.putCluster('prod', { endpoint: stubs.kubernetes.endpoint, ca: STUB_CA, vpcId: 'vpc-1' });
    expect((await invoke(source, NOW + 10 * MINUTE)).health[0]?.lastError).toBeUndefined();
  });

  it.each([
    ['hang', /no answer in time; a private endpoint/],
    ['cut', /ECONNRESET/],
  ] as const)('%s: the budget is kept, and the back-off skips the second attempt', async (how, reason) => {
    const source = liveSource({ lookupBudgetMs: 400 });
    stubs.kubernetes.answerWith(() => how);
    const stall = { requests: 4, ms: 400 };
    const cut = await invoke(source, NOW, keysOf(), how === 'hang' ? { stall } : {});
    const { directory, health } = cut;
    expect(cut.tookMs).toBe(how === 'hang' ? 400 : 0);
    expect(health[0]).toMatchObject({ ageMs: undefined, late: how === 'hang' });
    expect(health[0]?.lastError).toMatch(reason);
    expect(directory.clusters.map(({ name }) => name)).toEqual(['prod']);
    const asked = stubs.kubernetes.requests.length;
    const second = await invoke(source, NOW + 1000);
    expect(stubs.kubernetes.requests).toHaveLength(asked);
    expect(second.health[0]).toMatchObject({ errors: 0, late: false });
    expect(await stubs.kubernetes.isDeserted()).toBe(true);
  });

  it('respects the limit of the invocation, whatever the budget', async () => {
    stubs.kubernetes.answerWith(() => 'hang');
    const source = liveSource({ lookupBudgetMs: 60_000 });
    const limits = { limitMs: 400, stall: { requests: 4, ms: 400 } };
    const { health, tookMs } = await invoke(source, NOW, keysOf(), limits);
    expect(tookMs).toBe(400);
    expect(health[0]).toMatchObject({ late: true });
  });

  it('reports the closed port', async () => {
    await stubs.kubernetes.close();
    const source = liveSource();
    const { health } = await invoke(source, NOW);
    expect(health[0]?.lastError).toMatch(/ECONNREFUSED.*port 443/);
    stubs.kubernetes = await startKubernetesStub(clock);
  });

  it.each(['fail', 'hang'] as const)('EKS itself does not answer: %s', async (how) => {
    stubs.aws.answerWith(() => how);
    const source = liveSource({ lookupBudgetMs: 600 });
    const stall = { requests: 1, ms: 600 };
    const { health, tookMs } = await invoke(source, NOW, keysOf(), how === 'hang' ? { stall } : {});
    expect(tookMs).toBe(how === 'hang' ? 600 : 0);
    expect(health[0]?.lastError).toMatch(/^EKS DescribeCluster/);
    const asked = stubs.aws.requests.length;
    await invoke(source, NOW + 1000);
    expect(stubs.aws.requests).toHaveLength(asked);
  });

  it('an unknown cluster does not affect the others', async () => {
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    const source = liveSource({ clusters: clustersOf('missing,prod') });
    const { directory, health } = await invoke(source, NOW);
    expect(health[0]?.lastError).toContain('No cluster: missing');
    expect(health[1]?.lastError).toBeUndefined();
    expect(ownerAt(directory, '10.0.0.1', NOW - 1000)).toBe('p exact');
  });
});
