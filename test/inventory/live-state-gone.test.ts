// Watches that expire, and lists that expire between two pages (410 Gone), in copies of the function that share snapshots,
// over real sockets.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { DirectoryTask } from '../../src/core/model/ports.ts';
import { leaseObject, nodeObject } from '../support/kubernetes-objects.ts';
import {
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

const ACCOUNT = '111122223333';
const KEY = `${ACCOUNT}/eu-west-1/prod.v1.gz`;
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const SECOND = 1000;

/** More pods than a page has. */
const COUNT = 520;
const FIRST = '10.1.0.0';
const LAST = `10.1.${(COUNT - 1) >> 8}.${(COUNT - 1) & 255}`;

beforeEach(() => {
  const { cluster } = stubs.kubernetes;
  cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a'));
  for (let n = 0; n < COUNT; n += 1) cluster.put(PODS, running(`p-${n}`, `10.1.${n >> 8}.${n & 255}`));
});

const copy = () => liveSource({ stateBucket: 'state-bucket', statePrefix: '', region: 'eu-west-1' });

async function run(source: ReturnType<typeof copy>, atMs: number, task: DirectoryTask = 'batch') {
  const { cluster, requests } = stubs.kubernetes;
  requests.length = 0;
  s3.requests.length = 0;
  cluster.put(LEASES, leaseObject('node-a', atMs), atMs);
  const { directory, health } = await invoke(source, atMs, keysOf(), { accountId: ACCOUNT, task });
  const pages = requests.filter((path) => path.startsWith(`${PODS}?limit=500`));
  return {
    directory,
    error: health[0]?.lastError,
    state: health[0]?.state,
    /** The pages of lists of pods; true: not the first. */
    pages: pages.map((path) => path.includes('continue=')),
    /** The versions from which pods were watched. */
    watchedFrom: requests.flatMap((path) =>
      path.startsWith(`${PODS}?watch`) ? (/resourceVersion=(\d+)/.exec(path)?.[1] ?? '') : [],
    ),
    snapshotRequests: s3.requests.filter((request) => request !== 'GET'),
  };
}

/** The next page that goes on with a list finds that everything before `atMs` is forgotten; `before` happens first. */
function expireNextList(atMs: number, before: () => void = () => {}): void {
  let isExpired = false;
  stubs.kubernetes.answerWith((path) => {
    if (isExpired || !path.includes('continue=')) return undefined;
    isExpired = true;
    before();
    stubs.kubernetes.cluster.compact(atMs);
    return undefined;
  });
}

/** Makes the API server forget what happened before `atMs`. */
const forget = (atMs: number): void => {
  stubs.kubernetes.cluster.put(PODS, running('other', '10.0.0.99'), atMs - 1);
  stubs.kubernetes.cluster.compact(atMs);
};

it('a list is begun again by a copy that finds no snapshot, and what it writes is complete', async () => {
  expireNextList(NOW, () => stubs.kubernetes.cluster.remove(PODS, running('p-0', FIRST), NOW));
  const { directory, pages, error } = await run(copy(), NOW);
  expect({ pages, error }).toEqual({ pages: [false, true, false, true], error: undefined });
  expect(ownerAt(directory, LAST, NOW - MINUTE)).toBe(`p-${COUNT - 1} exact`);
  // It was on the page of the expired list, and on none of the other.
  expect(ownerAt(directory, FIRST, NOW + MINUTE)).toBe('none');
  const other = await run(copy(), NOW + SECOND);
  expect(other.pages).toEqual([]);
  expect(ownerAt(other.directory, LAST, NOW - MINUTE)).toBe(`p-${COUNT - 1} exact`);
});

describe.each(['batch', 'keep'] as const)('a list behind a watch that expired too, for a %s', (task) => {
  const GAP = NOW + 4 * MINUTE;

  /** A copy with an old snapshot, whose watch and then list expire at `GAP`; `p-0` is deleted in between. */
  const interrupted = async () => {
    await run(copy(), NOW, 'keep');
    forget(NOW + 3 * MINUTE);
    expireNextList(GAP, () => stubs.kubernetes.cluster.remove(PODS, running('p-0', FIRST), GAP));
    const before = s3.objects.get(KEY);
    const source = copy();
    return { source, before, ...(await run(source, GAP, task)) };
  };

  it('keeps what the snapshot knew, and writes nothing that is half listed', async () => {
    const { directory, pages, before } = await interrupted();
    expect(pages).toEqual([false, true]);
    expect(ownerAt(directory, LAST, NOW - SECOND)).toBe(`p-${COUNT - 1} exact`);
    expect(ownerAt(directory, LAST, NOW + 10 * SECOND)).toBe(`p-${COUNT - 1} inferred`);
    expect(s3.objects.get(KEY)).toBe(before);
  });

  it('lists anew in the next invocation; who was gone by then ended some time between', async () => {
    const { source } = await interrupted();
    const { directory, pages, error } = await run(source, GAP + MINUTE, task);
    expect({ pages: pages.slice(-2), error }).toEqual({ pages: [false, true], error: undefined });
    expect(ownerAt(directory, LAST, GAP + 30 * SECOND)).toBe(`p-${COUNT - 1} exact`);
    expect(ownerAt(directory, FIRST, NOW - SECOND)).toBe('p-0 exact');
    expect(ownerAt(directory, FIRST, GAP + 50 * SECOND)).toBe('none');
    const other = await run(copy(), GAP + MINUTE + SECOND);
    expect(other.pages).toEqual([]);
    expect(ownerAt(other.directory, FIRST, GAP + 50 * SECOND)).toBe('none');
  });

  it('goes on from the snapshot of another copy instead, where there is one by then', async () => {
    const { source } = await interrupted();
    await run(copy(), GAP + 40 * SECOND, 'keep');
    const { directory, pages } = await run(source, GAP + MINUTE, task);
    expect(pages).toEqual([]);
    expect(ownerAt(directory, LAST, GAP + 50 * SECOND)).toBe(`p-${COUNT - 1} exact`);
    expect(ownerAt(directory, FIRST, GAP + 50 * SECOND)).toBe('none');
  });
});

describe('a warm copy that another one has overtaken', () => {
  /** A copy that has synced at `NOW`, and a later snapshot that knows one more pod; both with their versions. */
  const overtaken = async () => {
    const warm = copy();
    await run(warm, NOW);
    const own = stubs.kubernetes.cluster.version();
    stubs.kubernetes.cluster.put(PODS, running('q', '10.0.0.2', NOW + 5 * SECOND), NOW + 5 * SECOND);
    await run(copy(), NOW + 10 * SECOND, 'keep');
    return { warm, own: String(own), later: String(stubs.kubernetes.cluster.version()) };
  };

  it('takes over no snapshot that would not save the watch', async () => {
    const { warm, own } = await overtaken();
    const { directory, state, watchedFrom } = await run(warm, NOW + 40 * SECOND);
    expect(watchedFrom).toEqual([own]);
    expect(state).toEqual({ ageMs: 30 * SECOND, errors: 0, lastError: undefined });
    expect(ownerAt(directory, '10.0.0.2', NOW + 20 * SECOND)).toBe('q exact');
    const { snapshotRequests } = await run(warm, NOW + 65 * SECOND);
    expect(snapshotRequests).toEqual([`GET ${KEY} if-none-match`]);
  });

  it('reads it after all where its own watch may have expired', async () => {
    const { warm, later } = await overtaken();
    stubs.kubernetes.answerWith(() => ({ status: 503 }));
    await run(warm, NOW + 40 * SECOND);
    stubs.kubernetes.answerWith(() => undefined);
    stubs.kubernetes.cluster.compact(NOW + 6 * SECOND);
    const { directory, pages, watchedFrom, snapshotRequests } = await run(warm, NOW + 80 * SECOND);
    expect({ pages, watchedFrom, snapshotRequests }).toEqual({
      pages: [],
      watchedFrom: [later],
      snapshotRequests: [`GET ${KEY}`],
    });
    expect(ownerAt(directory, '10.0.0.2', NOW + 70 * SECOND)).toBe('q exact');
  });
});
