// Copies of the function that share snapshots in S3, over real sockets.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DirectorySource } from '../../src/core/model/ports.ts';
import { leaseObject, nodeObject } from '../support/kubernetes-objects.ts';
import { STUB_CA } from '../support/kubernetes-stub.ts';
import {
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
import type { S3Answer } from '../support/s3-stub.ts';

const stubs = useStubs();
const s3 = useS3Stub();
beforeEach(() => {
  stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
  stubs.kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a'));
  stubs.kubernetes.cluster.put(LEASES, leaseObject('node-a', NOW));
});

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const ACCOUNT = '111122223333';
const KEY = `dns/${ACCOUNT}/eu-west-1/prod.v1.gz`;
const SECOND = 1000;

const SHARED = { stateBucket: 'state-bucket', statePrefix: 'dns/', region: 'eu-west-1' };

/** A copy of the function. */
const copy = (): DirectorySource => liveSource(SHARED);

const batch = async (source: DirectorySource, atMs: number) => {
  stubs.kubernetes.requests.length = 0;
  s3.requests.length = 0;
  renew(atMs);
  const { directory, health } = await invoke(source, atMs, keysOf(), { accountId: ACCOUNT });
  const lists = stubs.kubernetes.requests.filter(
    (path) => /[?]limit=500/.test(path) && !path.includes('leases'),
  );
  return { directory, state: health[0]?.state, health: health[0], lists };
};

const renew = (atMs: number) => stubs.kubernetes.cluster.put(LEASES, leaseObject('node-a', atMs), atMs);

const keep = async (source: DirectorySource, atMs: number) => {
  renew(atMs);
  return invoke(source, atMs, keysOf(), { accountId: ACCOUNT, task: 'keep' });
};

/** Requests for objects; the others list the prefix. */
const objectRequests = () => s3.requests.filter((request) => request !== 'GET');

/** Makes the API server forget what happened before `atMs`. */
const forget = (atMs: number) => {
  stubs.kubernetes.cluster.put(PODS, running('other', '10.0.0.99'), atMs - 1);
  stubs.kubernetes.cluster.compact(atMs);
};

describe('a cold copy', () => {
  it('asks nobody but S3 while the snapshot is fresh', async () => {
    await keep(copy(), NOW);
    stubs.aws.requests.length = 0;
    const { directory, state } = await batch(copy(), NOW + 10 * SECOND);
    expect(objectRequests()).toEqual([`GET ${KEY}`]);
    expect(stubs.kubernetes.requests).toEqual([]);
    expect(stubs.aws.requests).toEqual([]);
    expect(ownerAt(directory, '10.0.0.1', NOW - MINUTE)).toBe('p exact');
    expect(ownerAt(directory, '10.9.0.1', NOW - MINUTE)).toBe('node-a exact');
    expect(directory.clusters).toEqual([
      expect.objectContaining({ uid: 'uid-cluster', vpcId: 'vpc-1', accountId: ACCOUNT }),
    ]);
    expect(state).toEqual({ ageMs: 10 * SECOND, errors: 0, lastError: undefined });
    expect(await s3.isDeserted()).toBe(true);
  });

  it('goes on from an older one by watch', async () => {
    await keep(copy(), NOW);
    stubs.kubernetes.cluster.put(PODS, running('q', '10.0.0.2', NOW + 20 * SECOND), NOW + 20 * SECOND);
    const { directory, lists } = await batch(copy(), NOW + MINUTE);
    expect(lists).toEqual([]);
    expect(ownerAt(directory, '10.0.0.2', NOW + 30 * SECOND)).toBe('q exact');
    expect(ownerAt(directory, '10.0.0.1', NOW + 30 * SECOND)).toBe('p exact');
  });

  it('lists nothing while the snapshot is young, also where the watch cannot go on', async () => {
    await keep(copy(), NOW);
    forget(NOW + 40 * SECOND);
    const { directory, lists, health } = await batch(copy(), NOW + MINUTE);
    expect(lists).toEqual([]);
    expect(health?.errors).toBe(0);
    expect(ownerAt(directory, '10.0.0.1', NOW)).toBe('p exact');
    expect(ownerAt(directory, '10.0.0.1', NOW + 10 * SECOND)).toBe('p inferred');
  });

  it('lists where the snapshot is old and the watch cannot go on; what it knew of the past stays', async () => {
    stubs.kubernetes.cluster.put(PODS, running('gone', '10.0.0.3'));
    await keep(copy(), NOW);
    stubs.kubernetes.cluster.remove(PODS, running('gone', '10.0.0.3'), NOW + MINUTE);
    forget(NOW + 2 * MINUTE);
    const { directory, lists } = await batch(copy(), NOW + 4 * MINUTE);
    expect(lists).toHaveLength(2);
    expect(ownerAt(directory, '10.0.0.3', NOW - SECOND)).toBe('gone exact');
    // It ended some time between.
    expect(ownerAt(directory, '10.0.0.3', NOW + 20 * SECOND)).toBe('gone inferred');
    expect(ownerAt(directory, '10.0.0.3', NOW + 2 * MINUTE)).toBe('none');
    expect(ownerAt(directory, '10.0.0.1', NOW + 3 * MINUTE)).toBe('p exact');
  });
});

describe('a warm copy', () => {
  it('closes a gap with what another copy saw', async () => {
    const warm = copy();
    await batch(warm, NOW);
    stubs.kubernetes.cluster.put(PODS, running('short', '10.0.0.4', NOW + MINUTE), NOW + MINUTE);
    const other = copy();
    await keep(other, NOW + 90 * SECOND);
    stubs.kubernetes.cluster.remove(PODS, running('short', '10.0.0.4', NOW + MINUTE), NOW + 100 * SECOND);
    await keep(other, NOW + 110 * SECOND);
    forget(NOW + 105 * SECOND);
    const { directory, lists } = await batch(warm, NOW + 2 * MINUTE);
    expect(lists).toEqual([]);
    expect(ownerAt(directory, '10.0.0.4', NOW + 80 * SECOND)).toBe('short exact');
  });

  it('reads an unchanged object no second time', async () => {
    const warm = copy();
    await keep(copy(), NOW);
    await batch(warm, NOW + SECOND);
    const bytes = s3.bytesOut();
    await batch(warm, NOW + 30 * SECOND);
    expect(objectRequests()).toEqual([`GET ${KEY} if-none-match`]);
    expect(s3.bytesOut()).toBe(bytes);
  });

  it('keeps the owners that only it knows', async () => {
    const warm = copy();
    stubs.kubernetes.cluster.put(PODS, running('mine', '10.0.0.5'));
    s3.answerWith(() => ({ status: 503, code: 'SlowDown' }));
    await batch(warm, NOW);
    stubs.kubernetes.cluster.remove(PODS, running('mine', '10.0.0.5'), NOW + 10 * SECOND);
    s3.answerWith(() => undefined);
    await keep(copy(), NOW + MINUTE);
    const { directory, lists } = await batch(warm, NOW + 65 * SECOND);
    expect(lists).toEqual([]);
    expect(ownerAt(directory, '10.0.0.5', NOW - SECOND)).toBe('mine exact');
    expect(ownerAt(directory, '10.0.0.5', NOW + 50 * SECOND)).toBe('none');
  });
});

describe('writing', () => {
  it('is left to the schedule while the snapshot is young', async () => {
    await keep(copy(), NOW);
    await batch(copy(), NOW + 80 * SECOND);
    expect(objectRequests()).toEqual([`GET ${KEY}`]);
  });

  it('is done by a batch where there is no snapshot, or an old one', async () => {
    const warm = copy();
    await batch(warm, NOW);
    expect(objectRequests()).toEqual([`GET ${KEY}`, `PUT ${KEY} if-none-match`]);
    await batch(warm, NOW + 2 * MINUTE);
    expect(objectRequests()).toEqual([`GET ${KEY} if-none-match`, `PUT ${KEY} if-match`]);
  });

  it('costs nothing where another copy was first', async () => {
    s3.answerWith((request) =>
      request.startsWith('PUT') ? { status: 412, code: 'PreconditionFailed' } : undefined,
    );
    const { state } = await batch(copy(), NOW);
    expect(state).toEqual({ ageMs: undefined, errors: 0, lastError: undefined });
    s3.answerWith((request) =>
      request.startsWith('PUT') ? { status: 409, code: 'ConditionalRequestConflict' } : undefined,
    );
    expect((await batch(copy(), NOW)).state?.errors).toBe(0);
  });

  it('replaces no later snapshot', async () => {
    const slow = copy();
    await keep(slow, NOW);
    await keep(copy(), NOW + MINUTE);
    const later = s3.objects.get(KEY);
    stubs.kubernetes.answerWith(() => ({ status: 503 }));
    await keep(slow, NOW + MINUTE + SECOND);
    expect(s3.objects.get(KEY)).toBe(later);
    stubs.kubernetes.answerWith(() => undefined);
  });
});

describe('a store in trouble', () => {
  const read = (special: S3Answer) => (request: string) => (request.startsWith('GET') ? special : undefined);
  const written = (special: S3Answer) => (request: string) =>
    request.startsWith('PUT') ? special : undefined;
  it.each([
    { name: 'denied', answer: read({ status: 403, code: 'AccessDenied' }), error: /AccessDenied/ },
    { name: 'down', answer: read({ status: 503, code: 'SlowDown' }), error: /SlowDown/ },
    {
      name: 'in another region',
      answer: read({ status: 301, code: 'PermanentRedirect' }),
      error: /PermanentRedirect/,
    },
    { name: 'without a bucket', answer: read({ status: 404, code: 'NoSuchBucket' }), error: /NoSuchBucket/ },
    { name: 'with half an object', answer: read('half'), error: /read/ },
    { name: 'without end', answer: read('endless'), error: /more than/ },
    {
      name: 'read-only',
      answer: written({ status: 403, code: 'AccessDenied' }),
      error: /write: AccessDenied/,
    },
    {
      name: 'locked',
      answer: written({ status: 400, code: 'InvalidRequest' }),
      error: /write: InvalidRequest/,
    },
    { name: 'silent after a write', answer: written('lost'), error: /write/ },
  ])('that is $name costs an error and no name', async ({ answer, error }) => {
    s3.objects.set(KEY, Buffer.alloc(100_000));
    s3.answerWith(answer);
    const { directory, state } = await batch(copy(), NOW);
    expect(ownerAt(directory, '10.0.0.1', NOW - MINUTE)).toBe('p exact');
    expect(state?.errors).toBeGreaterThan(0);
    expect(state?.lastError).toMatch(error);
    expect(await s3.isDeserted()).toBe(true);
  });

  it('that does not answer leaves time for the API server', async () => {
    s3.answerWith((request) => (request.startsWith('GET') ? 'hang' : undefined));
    const { directory, health, tookMs } = await invoke(copy(), NOW, keysOf(), {
      accountId: ACCOUNT,
      stall: { requests: 2, ms: 1500 },
    });
    expect(tookMs).toBe(1500);
    expect(health[0]?.state).toEqual({ ageMs: undefined, errors: 1, lastError: 'read: no answer in time' });
    expect(ownerAt(directory, '10.0.0.1', NOW - MINUTE)).toBe('p exact');
  });

  it('is not asked again before its back-off is over', async () => {
    s3.answerWith(() => ({ status: 503, code: 'SlowDown' }));
    const source = copy();
    await batch(source, NOW);
    expect(objectRequests()).toHaveLength(1);
    await batch(source, NOW + SECOND);
    expect(objectRequests()).toEqual([]);
  });
});

describe('a snapshot that cannot be trusted', () => {
  it('of an earlier cluster of the name is forgotten', async () => {
    await keep(copy(), NOW);
    stubs.kubernetes.cluster.remove(PODS, running('p', '10.0.0.1'));
    stubs.aws.putCluster('prod', {
      endpoint: stubs.kubernetes.endpoint.replace('127.0.0.1', 'localhost'),
      ca: '-',
      vpcId: 'vpc-1',
    });
    const { directory } = await batch(copy(), NOW + MINUTE);
    expect(ownerAt(directory, '10.0.0.1', NOW - MINUTE)).toBe('none');
  });

  it('in the place of another cluster is ignored, and replaced', async () => {
    await keep(copy(), NOW);
    s3.objects.set(KEY.replace('prod', 'shop'), s3.objects.get(KEY) ?? Buffer.alloc(0));
    stubs.aws.putCluster('shop', { endpoint: stubs.kubernetes.endpoint, ca: STUB_CA, vpcId: 'vpc-1' });
    const shop = liveSource({ ...SHARED, clusters: clustersOf('shop') });
    const { state } = await batch(shop, NOW + SECOND);
    expect(state).toEqual({ ageMs: 0, errors: 1, lastError: undefined });
  });
});
