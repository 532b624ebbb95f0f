// Leases of the nodes over real sockets: they prove that pods live, and without them nodes and pods are known as before.
import { describe, expect, it } from '@jest/globals';
import { leaseObject, nodeObject } from '../support/kubernetes-objects.ts';
import {
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
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

const putNode = (): void =>
  stubs.kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a', NOW - 60 * MINUTE));
const leaseRequests = () => stubs.kubernetes.requests.filter((path) => path.startsWith(LEASES));

describe('the Leases of the nodes', () => {
  it('are listed once per refresh, in pages, and limit what a listing proves', async () => {
    const source = liveSource();
    putNode();
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    for (let n = 0; n < 600; n += 1) stubs.kubernetes.cluster.put(LEASES, leaseObject(`other-${n}`, NOW));
    stubs.kubernetes.cluster.put(LEASES, leaseObject('node-a', NOW - 9000));
    const first = await invoke(source, NOW);
    expect(leaseRequests().map((path) => path.replace(/continue=.*/, 'continue'))).toEqual([
      `${LEASES}?limit=500`,
      `${LEASES}?limit=500&continue`,
    ]);
    expect(ownerAt(first.directory, '10.0.0.1', NOW - 9000)).toBe('p exact');
    expect(ownerAt(first.directory, '10.0.0.1', NOW - 8999)).toBe('p inferred');
    await invoke(source, NOW + 19_999);
    expect(leaseRequests()).toHaveLength(2);
    stubs.kubernetes.cluster.put(LEASES, leaseObject('node-a', NOW + 55_000));
    const { directory } = await invoke(source, NOW + MINUTE);
    expect(leaseRequests()).toHaveLength(4);
    expect(ownerAt(directory, '10.0.0.1', NOW + 55_000)).toBe('p exact');
    expect(ownerAt(directory, '10.0.0.1', NOW + 56_000)).toBe('p inferred');
  });

  it('show a dead node before the control plane does', async () => {
    const source = liveSource();
    putNode();
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    stubs.kubernetes.cluster.put(LEASES, leaseObject('node-a', NOW - 2000));
    await invoke(source, NOW);
    stubs.kubernetes.cluster.put(PODS, running('next', '10.0.0.1', NOW + 35_000));
    stubs.kubernetes.cluster.remove(PODS, running('p', '10.0.0.1'));
    const { directory } = await invoke(source, NOW + MINUTE);
    expect(ownerAt(directory, '10.0.0.1', NOW - 2000)).toBe('p exact');
    expect(ownerAt(directory, '10.0.0.1', NOW + 20_000)).toBe('p inferred');
    expect(ownerAt(directory, '10.0.0.1', NOW + 30_000)).toBe('none');
  });

  it.each([403, 404, 429, 500])('without them (%i), nodes and pods are known as before', async (status) => {
    const source = liveSource();
    putNode();
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    const message = 'leases.coordination.k8s.io is forbidden';
    stubs.kubernetes.answerWith((path) => (path.startsWith(LEASES) ? { status, message } : undefined));
    const first = await invoke(source, NOW);
    expect(first.health[0]).toMatchObject({ errors: 0, ageMs: 0, size: 2 });
    expect(first.health[0]?.lastError).toMatch(new RegExp(`^leases: ${status}.*forbidden`));
    expect(ownerAt(first.directory, '10.0.0.1', NOW)).toBe('p exact');
    const { directory, health } = await invoke(source, NOW + 20_000);
    expect(health[0]).toMatchObject({ errors: 0, ageMs: 0 });
    expect(ownerAt(directory, '10.0.0.1', NOW + 20_000)).toBe('p exact');
    // Pods of a node that is gone are proved until a minute before that.
    stubs.kubernetes.cluster.remove(NODES, nodeObject('node-a', '10.9.0.1', 'i-0a'));
    const gone = await invoke(source, NOW + 2 * MINUTE);
    expect(ownerAt(gone.directory, '10.0.0.1', NOW - 41_000)).toBe('p exact');
    expect(ownerAt(gone.directory, '10.0.0.1', NOW - 39_000)).toBe('p inferred');
  });

  it('that are not read any more stop to count', async () => {
    const source = liveSource();
    putNode();
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    stubs.kubernetes.cluster.put(LEASES, leaseObject('node-a', NOW));
    await invoke(source, NOW);
    stubs.kubernetes.answerWith((path) => (path.startsWith(LEASES) ? { status: 403 } : undefined));
    const soon = await invoke(source, NOW + 50_000);
    expect(ownerAt(soon.directory, '10.0.0.1', NOW + 10_000)).toBe('p inferred');
    const later = await invoke(source, NOW + 90_000);
    expect(ownerAt(later.directory, '10.0.0.1', NOW + 80_000)).toBe('p exact');
  });

  it('that make no sense are left out', async () => {
    const source = liveSource();
    putNode();
    stubs.kubernetes.cluster.put(PODS, running('p', '10.0.0.1'));
    const lease = leaseObject('node-a', NOW - MINUTE);
    for (const spec of [
      {},
      { renewTime: 'soon' },
      { renewTime: null },
      { renewTime: '0001-01-01T00:00:00.000000Z' },
    ])
      stubs.kubernetes.cluster.put(LEASES, { ...lease, spec });
    const { directory } = await invoke(source, NOW);
    expect(ownerAt(directory, '10.0.0.1', NOW)).toBe('p exact');
  });
});
