// A cluster that was deleted and re-created with the same name: no owner of the old cluster may be attributed.
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { nodeObject } from '../support/kubernetes-objects.ts';
import { OTHER_CA, STUB_CA, startKubernetesStub } from '../support/kubernetes-stub.ts';
import {
  clock,
  invoke,
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
const HOUR = 60 * MINUTE;

/** The new cluster; its resource versions are lower than the last ones of the old cluster. */
let recreated: Awaited<ReturnType<typeof startKubernetesStub>>;
let eksCalls = 0;

beforeEach(async () => {
  recreated = await startKubernetesStub(clock);
  const uid = gzipSync(JSON.stringify({ metadata: { uid: 'uid-recreated' } }));
  recreated.answerWith((path) => (path.startsWith('/api/v1/namespaces/') ? uid : undefined));
  recreated.cluster.put(PODS, running('new', '10.0.0.2', NOW + 20 * MINUTE));
  recreated.cluster.put(NODES, nodeObject('new-node', '10.9.0.2', 'i-0b', NOW + 20 * MINUTE));
  for (let i = 0; i < 50; i += 1) stubs.kubernetes.cluster.touch();
  stubs.kubernetes.cluster.put(PODS, running('old', '10.0.0.1'));
  stubs.kubernetes.cluster.put(NODES, nodeObject('old-node', '10.9.0.1', 'i-0a'));
  eksCalls = 0;
  stubs.aws.answerWith((kind) => {
    if (kind === 'eks') eksCalls += 1;
    return undefined;
  });
});
afterEach(async () => recreated.close());

const recreate = (endpoint = recreated.endpoint): void =>
  stubs.aws.putCluster('prod', { endpoint, ca: STUB_CA, vpcId: 'vpc-2' });

/** Behaviour of the old endpoint after the deletion. */
const ENDS: readonly (readonly [string, () => Promise<void>])[] = [
  ['rejects tokens', async () => stubs.kubernetes.answerWith(() => ({ status: 401 }))],
  ['is closed', async () => stubs.kubernetes.close()],
];

describe.each(ENDS)('a re-created cluster whose old endpoint %s', (_, end) => {
  it('is synchronised from the start', async () => {
    const source = liveSource();
    await invoke(source, NOW);
    recreate();
    await end();
    const failed = await invoke(source, NOW + 30 * MINUTE);
    expect(failed.health[0]?.errors).toBeGreaterThan(0);
    expect(ownerAt(failed.directory, '10.0.0.1', NOW + 30 * MINUTE - 1000)).toBe('none');
    const { directory, health } = await invoke(source, NOW + HOUR);
    expect(health[0]).toMatchObject({ size: 2, errors: 0, lastError: undefined });
    expect(directory.clusters).toMatchObject([{ name: 'prod', uid: 'uid-recreated', vpcId: 'vpc-2' }]);
    expect(ownerAt(directory, '10.0.0.1', NOW + HOUR - 1000)).toBe('none');
    expect(ownerAt(directory, '10.9.0.1', NOW + HOUR - 1000)).toBe('none');
    expect(ownerAt(directory, '10.0.0.2', NOW + HOUR - 1000)).toBe('new exact');
    expect(ownerAt(directory, '10.9.0.2', NOW + HOUR - 1000)).toBe('new-node exact');
    expect(directory.podNamed(directory.clusters, 'shop', 'old')).toBeUndefined();
    expect(directory.nodeOfInstance('i-0a')).toBeUndefined();
    // Once at the start, and once because of the failed request.
    await invoke(source, NOW + HOUR + MINUTE);
    expect(eksCalls).toBe(2);
  });
});

it('does not apply the Retry-After of the old cluster', async () => {
  const source = liveSource();
  await invoke(source, NOW);
  recreate();
  const later = { status: 429, headers: { 'retry-after': '7200' } };
  stubs.kubernetes.answerWith((path) => (path.startsWith(PODS) ? later : { status: 401 }));
  await invoke(source, NOW + 30 * MINUTE);
  const { directory } = await invoke(source, NOW + HOUR);
  expect(ownerAt(directory, '10.0.0.2', NOW + HOUR - 1000)).toBe('new exact');
});

it('starts over when only the CA has changed', async () => {
  const source = liveSource();
  await invoke(source, NOW);
  stubs.aws.putCluster('prod', { endpoint: stubs.kubernetes.endpoint, ca: OTHER_CA, vpcId: 'vpc-1' });
  stubs.kubernetes.answerWith(() => ({ status: 401 }));
  await invoke(source, NOW + 10 * MINUTE);
  const { directory, health } = await invoke(source, NOW + 20 * MINUTE);
  expect(health[0]).toMatchObject({ size: 0, ageMs: undefined });
  expect(directory.clusters).toMatchObject([{ uid: undefined }]);
  expect(ownerAt(directory, '10.0.0.1', NOW - 1000)).toBe('none');
});

it.each(ENDS.slice(0, 1))('keeps the data of the same cluster when it %s for a while', async (_, end) => {
  const source = liveSource();
  await invoke(source, NOW);
  await end();
  await invoke(source, NOW + 10 * MINUTE);
  stubs.kubernetes.answerWith(() => undefined);
  const { directory, health } = await invoke(source, NOW + 20 * MINUTE);
  expect(health[0]).toMatchObject({ size: 2, errors: 0, lastError: undefined });
  expect(ownerAt(directory, '10.0.0.1', NOW + MINUTE)).toBe('old exact');
  expect(stubs.kubernetes.requests.filter((path) => path === `${PODS}?limit=500`)).toHaveLength(1);
});

it('sends no more requests to EKS than the back-off of the failed part allows', async () => {
  const source = liveSource();
  await invoke(source, NOW);
  await stubs.kubernetes.close();
  await invoke(source, NOW + 10 * MINUTE);
  for (let ms = 0; ms < 2000; ms += 100) await invoke(source, NOW + 10 * MINUTE + ms);
  expect(eksCalls).toBe(1);
  await invoke(source, NOW + 11 * MINUTE);
  expect(eksCalls).toBe(2);
});

it('uses the known endpoint while EKS does not answer', async () => {
  const source = liveSource();
  await invoke(source, NOW);
  stubs.kubernetes.answerWith(() => ({ status: 401 }));
  await invoke(source, NOW + 10 * MINUTE);
  stubs.kubernetes.answerWith(() => undefined);
  stubs.aws.answerWith(() => 'fail');
  const { directory, health } = await invoke(source, NOW + 20 * MINUTE);
  expect(health[0]).toMatchObject({ errors: 1, lastError: expect.stringMatching(/^EKS DescribeCluster/) });
  expect(ownerAt(directory, '10.0.0.1', NOW + 19 * MINUTE)).toBe('old exact');
});

it('attributes of the old cluster’s namespaces are not those of the new', async () => {
  const NAMESPACES = '/api/v1/namespaces';
  const team = { 'metadata.dynatrace.com/team': 'old' };
  stubs.kubernetes.cluster.put(NAMESPACES, { metadata: { name: 'shop', annotations: team } });
  const source = liveSource({ metadataFrom: 'namespace' });
  const attributesOf = async (atMs: number, name: string) => {
    const { directory } = await invoke(source, atMs);
    return directory.podNamed(directory.clusters, 'shop', name)?.dynatrace;
  };
  expect(await attributesOf(NOW, 'old')).toEqual([['team', 'old']]);
  recreate();
  stubs.kubernetes.answerWith(() => ({ status: 401 }));
  await invoke(source, NOW + 30 * MINUTE);
  // The new cluster lists its namespaces last, or not at all.
  const uid = gzipSync(JSON.stringify({ metadata: { uid: 'uid-recreated' } }));
  recreated.answerWith((path) =>
    path.startsWith(`${NAMESPACES}/`) ? uid : path.startsWith(NAMESPACES) ? { status: 500 } : undefined,
  );
  expect(await attributesOf(NOW + HOUR, 'new')).toEqual([]);
});
