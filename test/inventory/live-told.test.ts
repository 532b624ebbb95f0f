// Readers where the clusters are, and a function that attributes by what they tell, over real sockets.

import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { scopeOfOrigin, scopeOfVpc } from '../../src/core/attribution/scope.ts';
import type { Directory } from '../../src/core/model/directory.ts';
import { leaseObject, nodeObject } from '../support/kubernetes-objects.ts';
import { STUB_CA, startKubernetesStub } from '../support/kubernetes-stub.ts';
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
  useS3Stub,
  useStubs,
} from '../support/live-directory.ts';

const stubs = useStubs();
const s3 = useS3Stub();

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const ACCOUNTS = ['111122223333', '444455556666', '777788889999'] as const;
const [OWN, SECOND, THIRD] = ACCOUNTS;
const REGION = 'eu-west-1';
const STATE = { stateBucket: 'state-bucket', statePrefix: 'dns/', region: REGION };
const SECOND_MS = 1000;

/** A reader of the cluster `prod` of an account, which has a pod with the same address as those of the others. */
async function startReader(accountId: string) {
  const kubernetes = await startKubernetesStub(clock);
  kubernetes.cluster.put(PODS, running(`p-${accountId}`, '10.0.0.1'));
  kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', `i-0${accountId}`));
  kubernetes.cluster.put(LEASES, leaseObject('node-a', NOW));
  const arn = `arn:aws:eks:${REGION}:${accountId}:cluster/prod`;
  stubs.aws.putCluster('prod', {
    accountId,
    endpoint: kubernetes.endpoint,
    ca: STUB_CA,
    vpcId: `vpc-${accountId}`,
  });
  stubs.aws.putInstance({
    id: `i-0${accountId}`,
    accountId,
    vpcId: `vpc-${accountId}`,
    ips: ['10.9.0.1', '10.9.0.77'],
    type: `type-${accountId}`,
  });
  const role = accountId === OWN ? '' : `=arn:aws:iam::${accountId}:role/dns`;
  const source = liveSource({ ...STATE, clusters: clustersOf(arn + role), isReader: true, ec2Lookup: true });
  return {
    write: async (atMs: number) => invoke(source, atMs, keysOf(), { accountId, task: 'keep' }),
    close: async () => kubernetes.close(),
  };
}

async function readers() {
  const all = [];
  for (const accountId of ACCOUNTS) all.push(await startReader(accountId));
  for (const reader of all) await reader.write(NOW);
  return all;
}

const keyOf = (accountId: string) => `dns/${accountId}/${REGION}/prod.v1.gz`;

/** A function without clusters, which has no right in any of the accounts. */
const transform = () => liveSource({ ...STATE, clusters: [], ec2Lookup: false });

const clientOf = (directory: Directory, accountId: string, atMs: number, ip = '10.0.0.1'): string => {
  const origin = {
    accountId,
    region: REGION,
    logGroup: 'g',
    sourceLogGroup: undefined,
    logStream: undefined,
  };
  const { clusters } = scopeOfOrigin(directory.clusters, new Map(), origin);
  return ownerAt({ ...directory, clusters }, ip, atMs);
};

it('attributes by the account of the line, and asks nobody but S3', async () => {
  const all = await readers();
  stubs.aws.requests.length = 0;
  const { directory, health } = await invoke(transform(), NOW + SECOND_MS);
  for (const accountId of ACCOUNTS) {
    expect(clientOf(directory, accountId, NOW - MINUTE)).toBe(`p-${accountId} exact`);
    expect(directory.instance(`i-0${accountId}`, accountId)?.type).toBe(`type-${accountId}`);
    expect(directory.instanceAt(`vpc-${accountId}`, '10.9.0.77', accountId)?.id).toBe(`i-0${accountId}`);
  }
  expect(directory.clusters.map(({ arn }) => arn)).toEqual(
    ACCOUNTS.map((accountId) => `arn:aws:eks:${REGION}:${accountId}:cluster/prod`),
  );
  expect(stubs.aws.requests).toEqual([]);
  expect(health.map(({ state }) => state?.errors)).toEqual([0, 0, 0]);
  expect(await s3.isDeserted()).toBe(true);
  for (const reader of all) await reader.close();
});

it('becomes inferred and then unattributed when a reader stops, never wrong', async () => {
  const all = await readers();
  const source = transform();
  await invoke(source, NOW + SECOND_MS);
  const { directory, health } = await invoke(source, NOW + 10 * MINUTE);
  expect(clientOf(directory, SECOND, NOW - SECOND_MS)).toBe(`p-${SECOND} exact`);
  expect(clientOf(directory, SECOND, NOW + 20 * SECOND_MS)).toBe(`p-${SECOND} inferred`);
  expect(clientOf(directory, SECOND, NOW + 5 * MINUTE)).toBe('none');
  expect(health.map(({ state }) => state?.ageMs)).toEqual([10, 10, 10].map((minutes) => minutes * MINUTE));
  for (const reader of all) await reader.close();
});

it('ignores a snapshot whose content names another account, and counts it', async () => {
  const all = await readers();
  s3.objects.set(keyOf(SECOND), s3.objects.get(keyOf(THIRD)) ?? Buffer.alloc(0));
  const { directory, health } = await invoke(transform(), NOW + SECOND_MS);
  expect(clientOf(directory, SECOND, NOW - MINUTE)).toBe('none');
  expect(clientOf(directory, THIRD, NOW - MINUTE)).toBe(`p-${THIRD} exact`);
  const state = health.find(({ source }) => source.includes(SECOND))?.state;
  expect(state).toEqual({
    ageMs: undefined,
    errors: 1,
    lastError: 'the snapshot is ignored: it is of another cluster',
  });
  for (const reader of all) await reader.close();
});

it('lets a reader speak for its own account only', async () => {
  const all = await readers();
  // A reader that claims the VPC and the instance of another account.
  const text = gunzipSync(s3.objects.get(keyOf(SECOND)) ?? Buffer.alloc(0)).toString();
  const forged = text.replaceAll(`vpc-${SECOND}`, `vpc-${THIRD}`).replaceAll(`i-0${SECOND}`, `i-0${THIRD}`);
  s3.objects.set(keyOf(SECOND), gzipSync(forged));
  s3.objects.delete(keyOf(THIRD));
  const { directory } = await invoke(transform(), NOW + SECOND_MS);
  expect(scopeOfVpc(directory.clusters, `vpc-${THIRD}`, THIRD).clusters).toEqual([]);
  expect(scopeOfVpc(directory.clusters, `vpc-${THIRD}`, SECOND).clusters).toHaveLength(1);
  expect(directory.instanceAt(`vpc-${THIRD}`, '10.9.0.77', THIRD)).toBeUndefined();
  expect(directory.instance(`i-0${THIRD}`, THIRD)).toBeUndefined();
  expect(directory.nodeOfInstance(`i-0${THIRD}`, THIRD)).toBeUndefined();
  expect(directory.nodeOfInstance(`i-0${THIRD}`, SECOND)?.name).toBe('node-a');
  for (const reader of all) await reader.close();
});

it('learns of a new reader within a minute, and asks no second time for what it knows', async () => {
  const first = await startReader(OWN);
  await first.write(NOW);
  const source = transform();
  const before = (await invoke(source, NOW + SECOND_MS)).directory;
  const second = await startReader(SECOND);
  await second.write(NOW + 2 * SECOND_MS);
  s3.requests.length = 0;
  expect((await invoke(source, NOW + 10 * SECOND_MS)).directory).toBe(before);
  expect(s3.requests).toEqual([]);
  const { directory } = await invoke(source, NOW + 62 * SECOND_MS);
  expect(directory).not.toBe(before);
  expect(clientOf(directory, SECOND, NOW - MINUTE)).toBe(`p-${SECOND} exact`);
  await first.close();
  await second.close();
});

it('works on with what it has where the bucket cannot be listed', async () => {
  const all = await readers();
  s3.answerWith((request) => (request === 'GET' ? { status: 403, code: 'AccessDenied' } : undefined));
  const { health } = await invoke(transform(), NOW + SECOND_MS);
  expect(health.map(({ state }) => state)).toEqual([
    { ageMs: 0, errors: 1, lastError: expect.stringMatching(/^list: AccessDenied/) },
  ]);
  for (const reader of all) await reader.close();
});

it('finds the snapshots of others behind 5,000 keys in the folder of one account, with few requests', async () => {
  const all = await readers();
  for (let i = 0; i < 5000; i += 1)
    s3.objects.set(`dns/${OWN}/${REGION}/junk-${String(i).padStart(4, '0')}.v1.gz`, Buffer.from('junk'));
  s3.requests.length = 0;
  const { directory } = await invoke(transform(), NOW + SECOND_MS);
  for (const accountId of [SECOND, THIRD])
    expect(clientOf(directory, accountId, NOW - MINUTE)).toBe(`p-${accountId} exact`);
  // The whole, its folders, and each of the three.
  expect(s3.requests.filter((request) => request === 'GET').length).toBe(5);
  for (const reader of all) await reader.close();
});
