// Snapshots: what is written is read again, and nothing else is.
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createInstanceIndex } from '../../../src/inventory/ec2/instance-index.ts';
import { createClusterTables } from '../../../src/inventory/ip-ownership/index.ts';
import type { Observation } from '../../../src/inventory/ip-ownership/interval.ts';
import { createOwnerIndex } from '../../../src/inventory/owner-index.ts';
import { type Decoded, decodeSnapshot } from '../../../src/inventory/snapshot/decode.ts';
import { encodeSnapshot } from '../../../src/inventory/snapshot/encode.ts';
import { SNAPSHOT_LIMITS, type Snapshot } from '../../../src/inventory/snapshot/snapshot.ts';
import {
  ENDED,
  endedAt,
  observedNode,
  observedPod,
  ownerText,
  SHOP,
  second,
} from '../../support/observations.ts';

const NOW = second(1000);

const IDENTITY = {
  arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/shop',
  endpoint: 'https://0a1b.gr7.eu-west-1.eks.example',
  caDigest: 'c0ffee',
  uid: 'uid-shop',
  vpcId: 'vpc-1',
  selection: '0123456789abcdef',
};

/** Tables after these observations, synced at `syncedS`. */
function tablesOf(pods: readonly Observation[], syncedS = 900) {
  const tables = createClusterTables(SHOP);
  tables.nodes.observe(observedNode('node-1', 'i-0a', { ips: ['10.9.0.1'] }), second(syncedS));
  tables.nodes.endList(second(syncedS));
  for (const pod of pods) tables.pods.observe(pod, second(syncedS));
  tables.pods.syncedTo(second(syncedS));
  tables.observeLeases(
    [{ nodeName: 'node-1', nodeUid: 'node-1', renewedMs: second(syncedS) }],
    second(syncedS),
  );
  tables.apply();
  return tables;
}

function snapshotOf(tables: ReturnType<typeof tablesOf>, members: Partial<Snapshot> = {}): Snapshot {
  const saved = tables.save();
  if (saved === undefined) throw new Error('not synced');
  const position = { version: '812', reachedMs: second(800) };
  return {
    identity: IDENTITY,
    tables: saved,
    positions: { pods: position, nodes: position, namespaces: undefined },
    namespaces: undefined,
    instances: [],
    ...members,
  };
}

const decode = (stored: Buffer, nowMs = NOW, sinceMs = Number.NEGATIVE_INFINITY): Decoded =>
  decodeSnapshot(stored, {
    cluster: SHOP,
    podLabels: new Set(['app']),
    podAnnotations: new Set(['team']),
    nowMs,
    sinceMs,
    check: () => undefined,
  });

/** The tables of another copy that has read the bytes. */
async function copyOf(tables: ReturnType<typeof tablesOf>) {
  const decoded = decode(await encodeSnapshot(snapshotOf(tables)));
  if (!decoded.ok) throw new Error(decoded.fault);
  const copy = createClusterTables(SHOP);
  copy.restore(decoded.snapshot.tables);
  return { copy, snapshot: decoded.snapshot };
}

const directoryOf = (tables: ReturnType<typeof tablesOf>) =>
  createOwnerIndex([tables], createInstanceIndex());

const answer = (tables: ReturnType<typeof tablesOf>, ip: string, atMs: number): string => {
  const directory = directoryOf(tables);
  return ownerText(directory.ownerAt(directory.historyOf([SHOP], ip), atMs));
};

describe('a snapshot', () => {
  it('keeps every member of a pod, its node and their versions', async () => {
    const pod = observedPod('cart', {
      ips: ['10.0.0.1', '2001:db8::1'],
      owner: {
        kind: 'pod',
        pod: {
          cluster: SHOP,
          namespace: 'shop',
          name: 'cart',
          uid: 'cart',
          nodeName: 'node-1',
          workload: { kind: 'deployment', name: 'cart' },
          isHostNetwork: false,
          isCoreDns: true,
          labels: [['app', 'cart "1"\n\u2028']],
          annotations: [['team', '__proto__']],
          dynatrace: [['dt.cost.costcenter', 'c-1']],
          isMetadataCut: true,
        },
      },
    });
    const tables = tablesOf([pod]);
    const { copy, snapshot } = await copyOf(tables);
    expect(copy.pods.byName('shop/cart')?.owner).toEqual(pod.owner);
    expect(copy.nodes.byName('i-0a')?.owner).toEqual(tables.nodes.byName('i-0a')?.owner);
    expect(snapshot).toEqual({
      ...snapshotOf(tables),
      tables: expect.anything(),
      textBytes: expect.any(Number),
    });
    expect(copy.save()?.health).toEqual(tables.save()?.health);
    expect(copy.pods.syncedMs()).toBe(second(900));
  });

  it('leaves out labels, annotations and attributes that the reader would not take from a pod', async () => {
    const { owner } = observedPod('cart');
    if (owner.kind !== 'pod') throw new Error('not a pod');
    const pod = {
      ...owner.pod,
      labels: [['tier', 'x']] as const,
      annotations: [['owner', 'x']] as const,
      dynatrace: [
        ['k8s.pod.name', 'forged'],
        ['dt.system.bucket', 'forged'],
      ] as const,
    };
    const { copy } = await copyOf(tablesOf([observedPod('cart', { owner: { kind: 'pod', pod } })]));
    expect(copy.pods.byName('shop/cart')?.owner).toEqual({
      kind: 'pod',
      pod: { ...pod, uid: 'cart', labels: [], annotations: [], dynatrace: [] },
    });
  });

  it('drops the metadata of a pod that has too much of it', async () => {
    const { owner } = observedPod('cart');
    if (owner.kind !== 'pod') throw new Error('not a pod');
    const workload = { kind: 'deployment', name: 'x'.repeat(60_000) };
    const pod = observedPod('cart', { owner: { kind: 'pod', pod: { ...owner.pod, workload } } });
    const { copy } = await copyOf(tablesOf([pod]));
    const found = copy.pods.byName('shop/cart')?.owner;
    expect(found?.kind === 'pod' && found.pod.workload).toBeUndefined();
    expect(answer(copy, '10.0.0.1', second(500))).toBe('cart exact');
  });

  it('answers like the tables that it was taken from, at any time', async () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      ip: fc.constantFrom('10.0.0.1', '10.0.0.2'),
      startS: fc.option(fc.integer({ min: 0, max: 850 }), { nil: undefined }),
      isCertain: fc.boolean(),
      end: fc.constantFrom<'known' | 'unknown' | undefined>('known', 'unknown', undefined),
      node: fc.constantFrom('node-1', 'node-2'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const tables = tablesOf([], 100);
        for (const [i, { name, ip, startS, isCertain, end, node }] of steps.entries()) {
          const observation = observedPod(name, {
            ips: [ip],
            startMs: startS === undefined ? undefined : second(startS),
            startIsCertain: isCertain,
          });
          if (observation.owner.kind === 'pod') {
            const { pod } = observation.owner;
            Object.assign(observation, {
              owner: { kind: 'pod', pod: { ...pod, uid: name, nodeName: node } },
            });
          }
          tables.pods.observe(observation, second(100 + i * 50));
          const ending = end === 'known' ? endedAt(120 + i * 50) : end === 'unknown' ? ENDED : undefined;
          if (ending) tables.pods.remove({ ...observation, ...ending }, second(130 + i * 50));
          if (i === 3) tables.pods.nodeGone('node-2', second(200), second(260));
        }
        tables.pods.syncedTo(second(900));
        tables.apply();
        const { copy } = await copyOf(tables);
        for (const ip of ['10.0.0.1', '10.0.0.2']) {
          for (let s = -10; s <= 960; s += 7) {
            expect(`${s} ${answer(copy, ip, second(s))}`).toBe(`${s} ${answer(tables, ip, second(s))}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps the order of owners that had the same name', async () => {
    const tables = tablesOf([]);
    for (const [i, uid] of ['first', 'second', 'third'].entries()) {
      const pod = observedPod('cart', { key: uid, startMs: second(100 * i) });
      tables.pods.observe(pod, second(100 * i));
      tables.pods.remove({ ...pod, ...endedAt(100 * i + 50) }, second(100 * i + 60));
    }
    const { copy } = await copyOf(tables);
    expect(copy.pods.byName('shop/cart')?.key).toBe('third');
    expect(copy.pods.byName('shop/cart', second(110))?.key).toBe('second');
  });

  it('has no more lines than are read: those that ended first are missing', async () => {
    const tables = tablesOf([observedPod('cart')]);
    const { pods } = snapshotOf(tables).tables;
    const [cart] = pods.ownerships;
    if (cart === undefined) throw new Error('no pod');
    const former = Array.from({ length: 20 }, (_, i) => ({
      ...cart,
      key: `former-${i}`,
      hasEnded: true,
      endMs: second(i),
    }));
    const saved = { ...snapshotOf(tables).tables, pods: { ...pods, ownerships: [...former, cart] } };
    const limits = { ...SNAPSHOT_LIMITS, lines: 10 };
    const decoded = decode(await encodeSnapshot(snapshotOf(tables, { tables: saved }), limits));
    if (!decoded.ok) throw new Error(decoded.fault);
    const keys = new Set(decoded.snapshot.tables.pods.ownerships.map(({ key }) => key));
    expect(['cart', 'former-19', 'former-0'].map((key) => keys.has(key))).toEqual([true, true, false]);
    const few = { ...SNAPSHOT_LIMITS, values: 1 };
    await expect(encodeSnapshot(snapshotOf(tables), few)).rejects.toThrow('more than a snapshot holds');
  });

  it('contains no secret, and says what it is', async () => {
    const text = gunzipSync(await encodeSnapshot(snapshotOf(tablesOf([])))).toString();
    const head = JSON.parse(text.slice(0, text.indexOf('\n')));
    expect(Object.keys(head)).toEqual([
      'is',
      'schema',
      'arn',
      'endpoint',
      'caDigest',
      'uid',
      'vpcId',
      'selection',
      'pods',
      'nodes',
      'leases',
    ]);
  });
});

const HEAD = {
  is: 'cluster',
  schema: 1,
  ...IDENTITY,
  pods: { synced: second(900), version: '812', reached: second(800) },
  leases: { listed: '-inf' },
};
const POD = {
  is: 'pod',
  uid: 'u',
  namespace: 'n',
  name: 'p',
  ips: ['10.0.0.1'],
  start: second(0),
  seen: second(1),
};

/** A snapshot of these lines. */
const stored = (...lines: readonly unknown[]): Buffer =>
  gzipSync(
    [...lines, { is: 'end', lines: lines.length }].map((line) => `${JSON.stringify(line)}\n`).join(''),
  );

/** A snapshot with the same line many times. */
const repeated = (line: object, count: number): Buffer =>
  gzipSync(
    `${JSON.stringify(HEAD)}\n${`${JSON.stringify(line)}\n`.repeat(count)}{"is":"end","lines":${count + 1}}\n`,
  );

const faultOf = (bytes: Buffer): string | undefined => {
  const decoded = decode(bytes);
  return decoded.ok ? undefined : decoded.fault;
};

describe('an object that is no snapshot', () => {
  it('differs from one that is', () => {
    expect(faultOf(stored(HEAD, POD))).toBeUndefined();
  });

  it.each([
    ['not gzip', Buffer.from('{}'), /not gzip/],
    ['empty', Buffer.alloc(0), /not gzip/],
    ['half of it', stored(HEAD, POD).subarray(0, 100), /incomplete/],
    ['a bomb', gzipSync(Buffer.alloc(100 * 1024 * 1024)), /inflates to too much/],
    ['too large', Buffer.alloc(17 * 1024 * 1024), /too large/],
    ['no JSON', gzipSync('hello\n'), /broken/],
    ['a list', gzipSync('[]\n'), /no object/],
    ['without end', gzipSync(`${JSON.stringify(HEAD)}\n`), /incomplete/],
    ['with a line too few', gzipSync(`${JSON.stringify(HEAD)}\n{"is":"end","lines":2}\n`), /incomplete/],
    ['of another version', stored({ ...HEAD, schema: 2 }), /another version/],
    ['of another kind', stored({ ...HEAD, is: 'pod' }), /not a snapshot/],
    ['of the future', stored({ ...HEAD, pods: { ...HEAD.pods, synced: NOW + 6000 } }), /future/],
    ['with a pod seen in the future', stored(HEAD, { ...POD, seen: NOW + 6000 }), /future/],
    ['with Leases of the future', stored({ ...HEAD, leases: { listed: NOW + 6000 } }), /future/],
    ['with a strange version', stored({ ...HEAD, pods: { ...HEAD.pods, version: '1&limit=0' } }), /version/],
    ['with a number for a name', stored(HEAD, { ...POD, name: 7 }), /no text/],
    ['with an empty name', stored(HEAD, { ...POD, name: '' }), /no text/],
    ['with a text for a time', stored(HEAD, { ...POD, start: 'soon' }), /no time/],
    ['with a time beyond all times', stored(HEAD, { ...POD, start: 1e300 }), /no time/],
    ['with a text for an address', stored(HEAD, { ...POD, ips: ['10.0.0'] }), /no address/],
    ['with an address in another spelling', stored(HEAD, { ...POD, ips: ['2001:DB8::1'] }), /no address/],
    ['with too many addresses', stored(HEAD, { ...POD, ips: Array(65).fill('10.0.0.1') }), /list/],
    ['with too many lines', repeated({ is: 'lease', node: 'n', renewed: 0 }, 150_000), /too many/],
    [
      'with too many addresses in all',
      repeated({ ...POD, ips: Array(64).fill('10.0.0.1') }, 7900),
      /too many/,
    ],
    [
      'with too many attributes in all',
      repeated({ ...POD, dynatrace: Array(1000).fill(['dt.cost.product', '']) }, 600),
      /too many/,
    ],
    ['with labels that are no pairs', stored(HEAD, { ...POD, labels: [['app']] }), /pair/],
    ['with an unknown line', stored(HEAD, { is: 'secret' }), /unknown kind/],
    ['with a long line', stored(HEAD, { ...POD, name: 'x'.repeat(70_000) }), /too long/],
    ['without pods', stored({ ...HEAD, pods: undefined }), /no pods/],
  ])('is refused: %s', (_, bytes, fault) => {
    expect(faultOf(bytes)).toMatch(fault);
  });

  it('is refused whatever it is', async () => {
    const line = fc.oneof(
      fc.constant(POD),
      fc.constantFrom('life', 'state', 'lease', 'namespace', 'instance', 'node').map((is) => ({ is })),
      fc.dictionary(fc.constantFrom(...Object.keys(POD), '__proto__', 'constructor'), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
        const bytes = stored(HEAD, ...lines);
        const decoded = decode(bytes);
        if (decoded.ok) createClusterTables(SHOP).restore(decoded.snapshot.tables);
        expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it('says nothing of its content', () => {
    const fault = faultOf(gzipSync('{"is":"cluster" "k8s-aws-v1.c2VjcmV0":}\n'));
    expect(fault).toMatch(/broken/);
    expect(fault).not.toContain('c2VjcmV0');
  });

  it('inherits nothing: members are its own', () => {
    const text = `${JSON.stringify(HEAD)}\n{"is":"pod","__proto__":${JSON.stringify(POD)}}\n{"is":"end","lines":2}\n`;
    expect(faultOf(gzipSync(text))).toMatch(/no text/);
  });
});

it('gives a pod no more metadata than the API server would', () => {
  const long = 'x'.repeat(10_000);
  const attributes = [
    ['dt.cost.product', long],
    ['dt.cost.costcenter', long],
  ];
  const namespace = { is: 'namespace', name: 'n', attributes };
  const head = { ...HEAD, namespaces: HEAD.pods };
  const decoded = decode(stored(head, { ...POD, dynatrace: attributes, labels: [['app', long]] }, namespace));
  if (!decoded.ok) throw new Error(decoded.fault);
  const { tables, namespaces } = decoded.snapshot;
  const owner = tables.pods.ownerships[0]?.owner;
  const pod = owner?.kind === 'pod' ? owner.pod : undefined;
  const sizes = [pod?.labels, pod?.dynatrace, namespaces?.entries[0]?.[1]];
  expect(sizes.map((pairs) => pairs?.map(([, value]) => value.length))).toEqual([
    [2048],
    [2048, 2048],
    [2048, 2048],
  ]);
  expect(pod?.isMetadataCut).toBe(true);
});

describe('times of nodes', () => {
  it('prove nothing beyond the clock of the function', () => {
    const ended = { ...POD, end: NOW + 3_600_000, known: true };
    const decoded = decode(stored(HEAD, ended));
    if (!decoded.ok) throw new Error(decoded.fault);
    const copy = createClusterTables(SHOP);
    copy.restore(decoded.snapshot.tables);
    expect(answer(copy, '10.0.0.1', NOW + 1_800_000)).toBe('none');
  });
});

it('of which only the head is read where it is of no use', async () => {
  const lines = gunzipSync(await encodeSnapshot(snapshotOf(tablesOf([]))))
    .toString()
    .split('\n');
  const [head = ''] = lines;
  const broken = gzipSync(`${head}\nno JSON`);
  const skipped = { ok: false, fault: undefined, momentMs: second(900) };
  expect(decode(broken, NOW, second(900))).toEqual(skipped);
  expect(decode(broken, NOW, second(901))).toEqual(skipped);
  expect(decode(broken, NOW, second(900) - 1)).toEqual({
    ok: false,
    fault: 'it is broken',
    momentMs: undefined,
  });
});
