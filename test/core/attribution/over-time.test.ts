// Attribution with a directory that changes over time.
import { expect, it } from '@jest/globals';
import { createInstanceIndex } from '../../../src/inventory/ec2/instance-index.ts';
import { createClusterTables } from '../../../src/inventory/ip-ownership/index.ts';
import type { Observation } from '../../../src/inventory/ip-ownership/interval.ts';
import { createOwnerIndex } from '../../../src/inventory/owner-index.ts';
import { attributeIn, checkedAttributor } from '../../support/attributors.ts';
import { clusterStub, podStub } from '../../support/directory-stub.ts';
import { corednsEvent, resolverEvent } from '../../support/dns-event.ts';
import { podObservation, second } from '../../support/ip-observation.ts';

const shop = clusterStub('shop', { vpcId: 'vpc-1' });
const node = { cluster: shop, name: 'ip-10-0-0-9', instanceId: 'i-node' };
const settings = { logGroupClusters: new Map<string, string>() };

it('finds the node that a pod was on, even if another instance has its name now', () => {
  const tables = createClusterTables(shop);
  const joined = (instanceId: string, start: number): Observation => ({
    ...podObservation(shop, node, instanceId, start),
    names: [node.name, instanceId],
    owner: { kind: 'node', node: { ...node, instanceId } },
    ips: [],
  });
  const onNode = (name: string, ip: string, start: number): Observation => ({
    ...podObservation(shop, node, name, start),
    // As a pod of a StatefulSet is.
    names: ['shop/db-0'],
    owner: { kind: 'pod', pod: podStub(shop, 'db-0', { uid: name, nodeName: node.name }) },
    ips: [ip],
  });
  tables.nodes.observe(joined('i-old', 0), second(0));
  tables.pods.observe(onNode('before', '10.0.9.1', 10), second(60));
  tables.nodes.remove(joined('i-old', 0), second(90));
  tables.nodes.observe(joined('i-new', 100), second(120));
  tables.pods.observe(onNode('after', '10.0.9.2', 110), second(120));
  const ask = attributeIn(
    checkedAttributor(createOwnerIndex([tables], createInstanceIndex()), settings),
    undefined,
  );
  const instanceOf = (clientIp: string, at: number) =>
    ask(resolverEvent({ clientIp, timeMs: second(at) })).client;
  expect(instanceOf('10.0.9.1', 50)).toMatchObject({ pod: { uid: 'before' }, instanceId: 'i-old' });
  expect(instanceOf('10.0.9.2', 115)).toMatchObject({ pod: { uid: 'after' }, instanceId: 'i-new' });
});

it('follows an address from owner to owner, in any order of events', () => {
  const tables = createClusterTables(shop);
  tables.pods.beginList();
  const life = (name: string, start: number, end: number | undefined) =>
    tables.pods.observe(podObservation(shop, node, name, start, end), second(300));
  life('first', 0, 100);
  life('second', 140, undefined);
  tables.pods.endList(second(300));
  const of = attributeIn(
    checkedAttributor(createOwnerIndex([tables], createInstanceIndex()), settings),
    undefined,
  );
  const asked = (at: number) => {
    const { podName, attribution } = of(corednsEvent({ clientIp: '10.0.9.9', timeMs: second(at) })).client;
    return `${podName} ${attribution}`;
  };
  const expected = new Map([
    [-10, 'undefined none'],
    [50, 'first exact'],
    [101, 'first inferred'],
    [120, 'undefined none'],
    [139, 'second inferred'],
    [150, 'second exact'],
    [320, 'second inferred'],
    [400, 'undefined none'],
  ]);
  for (const [, order] of Object.entries({ up: 1, down: -1 })) {
    const moments = [...expected.keys()].sort((a, b) => (a - b) * order);
    for (const at of [...moments, ...moments]) expect([at, asked(at)]).toEqual([at, expected.get(at)]);
  }
});
