import { describe, expect, it } from '@jest/globals';
import { createCachedAttributors } from '../../../src/core/fast-path/cached-attributor.ts';
import { type Directory, NO_HISTORY } from '../../../src/core/model/directory.ts';
import { createInstanceIndex } from '../../../src/inventory/ec2/instance-index.ts';
import { createClusterTables } from '../../../src/inventory/ip-ownership/index.ts';
import type { Observation } from '../../../src/inventory/ip-ownership/interval.ts';
import { createOwnerIndex } from '../../../src/inventory/owner-index.ts';
import { attributeIn } from '../../support/attributors.ts';
import { clusterStub, createDirectoryStub, podStub } from '../../support/directory-stub.ts';
import { corednsEvent, resolverEvent } from '../../support/dns-event.ts';
import { podObservation, second } from '../../support/ip-observation.ts';
import { producerStub } from '../../support/producer-stub.ts';

const shop = clusterStub('shop', { vpcId: 'vpc-1', uid: 'uid-shop' });
const node = { cluster: shop, name: 'ip-10-0-0-9', instanceId: 'i-node' };
const web = podStub(shop, 'web-1');
const coredns = podStub(shop, 'coredns-1', { namespace: 'kube-system', isCoreDns: true });
const one = createDirectoryStub({
  clusters: [shop],
  owners: [
    ['10.0.1.1', { kind: 'pod', pod: web, attribution: 'exact' }],
    ['10.0.1.4', { kind: 'ambiguous' }],
    ['2001:db8::2', { kind: 'pod', pod: coredns, attribution: 'exact' }],
  ],
  pods: [
    [web, '10.0.1.1'],
    [coredns, '10.0.2.2', '2001:db8::2'],
  ],
});
const settings = { logGroupClusters: new Map<string, string>() };
describe('across batches', () => {
  const listed = (cluster: typeof shop, name: string, listedMs: number) => {
    const tables = createClusterTables(cluster);
    tables.pods.beginList();
    tables.pods.observe(podObservation(cluster, node, name, 0), listedMs);
    tables.pods.endList(listedMs);
    return tables;
  };
  const event = resolverEvent({ clientIp: '10.0.9.9', timeMs: second(45) });

  it('notices an owner of the same address in a cluster that was synced late', () => {
    const twin = clusterStub('twin', { vpcId: 'vpc-1' });
    const tables = [listed(shop, 'first', second(60)), listed(twin, 'second', second(5))] as const;
    const both = createOwnerIndex(tables, createInstanceIndex());
    const attributors = createCachedAttributors(settings);
    const asked = () => attributeIn(attributors(both), undefined)(event).client;
    expect(asked()).toMatchObject({ podName: 'first', attribution: 'exact' });
    expect(asked()).toBe(asked());
    tables[1].pods.syncedTo(second(60));
    expect(asked()).toMatchObject({ podName: undefined, attribution: 'ambiguous' });
  });

  it('does not mix up clusters of one name', () => {
    const twin = clusterStub('shop', {
      arn: 'arn:aws:eks:us-east-1:444455556666:cluster/shop',
      vpcId: 'vpc-2',
    });
    const tables = [listed(shop, 'first', second(60)), listed(twin, 'second', second(60))];
    const attribute = attributeIn(
      createCachedAttributors(settings)(createOwnerIndex(tables, createInstanceIndex())),
      undefined,
    );
    for (const _ of ['looked up', 'cached']) {
      expect(attribute(event).client).toMatchObject({ podName: 'first', cluster: shop });
      expect(attribute({ ...event, vpcId: 'vpc-2' }).client).toMatchObject({
        podName: 'second',
        cluster: twin,
      });
    }
  });

  it.each([
    ['pods', { kind: 'pod', podName: 'second', attribution: 'exact' }],
    ['nodes', { kind: 'node', nodeName: 'ip-10-0-0-9', attribution: 'exact' }],
  ] as const)('notices later that a successor among the %s had already started', (kind, expected) => {
    const tables = listed(shop, 'first', second(60));
    const successor = podObservation(shop, node, 'second', 100);
    tables[kind].observe(
      kind === 'pods' ? successor : { ...successor, owner: { kind: 'node', node } },
      undefined,
    );
    const index = createOwnerIndex([tables], createInstanceIndex());
    const attributors = createCachedAttributors(settings);
    const asked = (at: number) =>
      attributeIn(attributors(index), undefined)({ ...event, timeMs: second(at) }).client;
    expect(asked(45)).toMatchObject({ podName: 'first', attribution: 'exact' });
    tables.pods.syncedTo(second(200));
    tables.nodes.syncedTo(second(200));
    expect(asked(150)).toMatchObject(expected);
  });

  it.each([45, 70])('notices a node unreachable since second 60, after an event at %d', (before) => {
    const tables = listed(shop, 'first', second(80));
    const lost = (unreachableSinceMs: number | undefined): Observation => ({
      ...podObservation(shop, node, node.name, 0),
      names: [node.name],
      owner: { kind: 'node', node },
      ips: [],
      unreachableSinceMs,
    });
    tables.nodes.observe(lost(undefined), second(80));
    if (before < 60) tables.nodes.observe(lost(second(60)), second(80));
    const index = createOwnerIndex([tables], createInstanceIndex());
    const attributors = createCachedAttributors(settings);
    const asked = (at: number) =>
      attributeIn(attributors(index), undefined)({ ...event, timeMs: second(at) }).client;
    expect(asked(before)).toMatchObject({ podName: 'first', attribution: 'exact' });
    tables.nodes.observe(lost(second(60)), undefined);
    tables.pods.syncedTo(second(200));
    expect([asked(70).attribution, asked(150).attribution]).toEqual(['inferred', 'none']);
  });

  it('uses attributes of the cluster that were learned since', () => {
    const late = clusterStub('late', { vpcId: 'vpc-1', uid: undefined });
    const index = createOwnerIndex([listed(late, 'first', second(60))], createInstanceIndex());
    const attributors = createCachedAttributors(settings);
    const asked = () => attributeIn(attributors(index), undefined)(event).client;
    const before = asked();
    expect(asked()).toBe(before);
    Object.assign(late, { uid: 'uid-late' });
    // Another object, so the encoded form of the one before is not used for it.
    expect(asked()).not.toBe(before);
    expect(asked().cluster?.uid).toBe('uid-late');
  });

  it('drops the clients of another directory', () => {
    const attributors = createCachedAttributors(settings);
    const asked = (name: string) => {
      const other = createOwnerIndex([listed(shop, name, second(60))], createInstanceIndex());
      return attributeIn(attributors(other), undefined)(event).client.podName;
    };
    expect([asked('first'), asked('second')]).toEqual(['first', 'second']);
  });

  it.each([
    [3, 0],
    [12, 1],
  ])(
    'keeps the addresses of %d clusters of 8,000 pods, up to the limit: %d new look-ups',
    (count, lookups) => {
      const shops = Array.from({ length: count }, (_, n) => clusterStub(`shop-${n}`, { vpcId: `vpc-${n}` }));
      const owner = { kind: 'pod', pod: podStub(shop, 'web-1'), attribution: 'exact' } as const;
      const cacheValidity = { revision: 1, lastSync: { syncedMs: Number.POSITIVE_INFINITY } };
      let looked: string[] = [];
      const many: Directory = {
        ...createDirectoryStub({ clusters: shops }),
        historyOf: (_, ip) => {
          looked.push(ip);
          return NO_HISTORY;
        },
        ownerAt: () => owner,
        validityAt: () => ({ fromMs: 0, toMs: Number.POSITIVE_INFINITY, cacheValidity }),
      };
      const attributors = createCachedAttributors(settings);
      const askIn = (vpc: number, addresses: number): void => {
        const ask = attributeIn(attributors(many), undefined);
        for (let at = 0; at < addresses; at++) {
          const clientIp = `10.${vpc}.${at >> 8}.${at & 255}`;
          ask(resolverEvent({ clientIp, vpcId: `vpc-${vpc}` }));
        }
      };
      for (let vpc = 0; vpc < count; vpc++) askIn(vpc, 8000);
      looked = [];
      askIn(0, 1);
      expect(looked.length).toBe(lookups);
    },
  );
});

describe('the client of an address stays the same object', () => {
  it.each([
    ['pod', corednsEvent({ clientIp: '10.0.1.1' }), corednsEvent({ clientIp: '10.0.1.1', timeMs: 1 })],
    ['unattributed', corednsEvent({ clientIp: '10.0.8.1' }), corednsEvent({ clientIp: '10.0.8.1', id: '8' })],
    ['Resolver', resolverEvent({ clientIp: '10.0.1.1' }), resolverEvent({ clientIp: '10.0.1.1' })],
  ])('%s', (_, first, second) => {
    const of = attributeIn(createCachedAttributors(settings)(one), 'x');
    expect(of(first).client).toBe(of(second).client);
  });

  it.each([
    ['producer', corednsEvent({ producer: producerStub({ pod: 'coredns-1' }) })],
    ['CoreDNS as client', resolverEvent({ clientIp: '2001:db8::2' })],
  ])('%s', (_, event) => {
    const attributor = createCachedAttributors(settings)(one);
    const first = attributeIn(attributor, 'x')(event).resolver;
    expect(first).toBeDefined();
    expect(attributeIn(attributor, 'x')({ ...event }).resolver).toBe(first);
  });

  it.each([
    [
      'certainty',
      corednsEvent({ clientIp: '10.0.1.1' }),
      corednsEvent({ clientIp: '10.0.1.1', timeIsCertain: false }),
    ],
    ['kind', corednsEvent({ clientIp: '10.0.8.1' }), corednsEvent({ clientIp: '203.0.113.1' })],
    ['attribution', corednsEvent({ clientIp: '10.0.1.4' }), corednsEvent({ clientIp: '10.0.8.1' })],
  ])('but not of another %s', (_, first, second) => {
    const of = attributeIn(createCachedAttributors(settings)(one), 'x');
    expect(of(first).client).not.toBe(of(second).client);
  });
});
