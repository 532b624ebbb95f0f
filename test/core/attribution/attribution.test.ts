import { describe, expect, it } from '@jest/globals';
import { collectKeys, createLookupKeys } from '../../../src/core/attribution/lookup-keys.ts';
import { EMPTY_DIRECTORY } from '../../../src/core/model/directory.ts';
import type { DnsEvent } from '../../../src/core/model/dns-event.ts';
import { attributeIn, checkedAttributor } from '../../support/attributors.ts';
import { clusterStub, createDirectoryStub, instanceStub, podStub } from '../../support/directory-stub.ts';
import { ASKED_AT_MS, corednsEvent, loggedIds, resolverEvent } from '../../support/dns-event.ts';

const shop = clusterStub('shop', { vpcId: 'vpc-1', uid: 'uid-shop' });
const node = { cluster: shop, name: 'ip-10-0-0-9', instanceId: 'i-node' };
const fargate = { cluster: shop, name: 'fargate-1', instanceId: undefined };
const web = podStub(shop, 'web-1', { nodeName: node.name, workload: { kind: 'deployment', name: 'web' } });
const stale = podStub(shop, 'old-1', { nodeName: node.name });
const lone = podStub(shop, 'lone-1', { nodeName: fargate.name });
const lost = podStub(shop, 'lost-1');
const coredns = podStub(shop, 'coredns-1', {
  namespace: 'kube-system',
  isCoreDns: true,
  nodeName: node.name,
});
const nodeMachine = instanceStub('i-node', { vpcId: 'vpc-1', type: 'm7g.large' });
const batch = instanceStub('i-batch', { vpcId: 'vpc-1', clusterName: 'other' });

const directory = createDirectoryStub({
  clusters: [shop],
  owners: [
    ['10.0.1.5', { kind: 'pod', pod: web, attribution: 'exact' }, 0, ASKED_AT_MS + 1000],
    ['10.0.1.6', { kind: 'pod', pod: stale, attribution: 'inferred' }],
    ['10.0.1.7', { kind: 'pod', pod: lone, attribution: 'exact' }],
    ['10.0.1.8', { kind: 'pod', pod: lost, attribution: 'exact' }],
    ['10.0.2.2', { kind: 'pod', pod: coredns, attribution: 'exact' }],
    ['10.0.0.9', { kind: 'node', node, attribution: 'exact' }],
    ['10.0.1.99', { kind: 'ambiguous' }],
    ['198.51.100.99', { kind: 'ambiguous' }],
  ],
  pods: [
    [web, '10.0.1.5'],
    [stale, '10.0.1.6'],
    [coredns, '10.0.2.2', '2001:db8::2'],
  ],
  nodes: [node, fargate],
  instances: [
    [nodeMachine, '10.0.0.9', '10.0.1.77'],
    [batch, '10.0.3.3'],
  ],
});
const settings = { logGroupClusters: new Map<string, string>() };
const attribute = (event: DnsEvent) => attributeIn(checkedAttributor(directory, settings), 'any')(event);

describe('the client of a CoreDNS event', () => {
  it.each([
    [
      'a pod',
      '10.0.1.5',
      { kind: 'pod', attribution: 'exact', pod: web, podName: 'web-1', workload: web.workload },
    ],
    [
      'the node and instance of a pod',
      '10.0.1.5',
      { nodeName: node.name, instanceId: 'i-node', instance: nodeMachine, cluster: shop },
    ],
    [
      'a pod not seen at that time',
      '10.0.1.6',
      { kind: 'pod', attribution: 'inferred', namespace: 'shop', podName: 'old-1' },
    ],
    ['a Fargate pod', '10.0.1.7', { kind: 'pod', nodeName: 'fargate-1', instanceId: undefined }],
    ['a pod without node', '10.0.1.8', { kind: 'pod', nodeName: undefined, instance: undefined }],
    ['a CoreDNS', '10.0.2.2', { kind: 'coredns', attribution: 'exact', pod: coredns }],
    [
      'a node',
      '10.0.0.9',
      { kind: 'node', attribution: 'exact', pod: undefined, nodeName: node.name, cluster: shop },
    ],
    [
      'one of two',
      '10.0.1.99',
      { kind: 'unknown', attribution: 'ambiguous', podName: undefined, cluster: shop },
    ],
    [
      'an instance',
      '10.0.3.3',
      { kind: 'instance', attribution: 'inferred', instance: batch, nodeName: undefined },
    ],
    ['an address on a node', '10.0.1.77', { kind: 'unknown', attribution: 'none', nodeName: node.name }],
    [
      'outside',
      '203.0.113.9',
      { kind: 'external', attribution: 'none', cluster: shop, instanceId: undefined },
    ],
    ['one of two with a public address', '198.51.100.99', { kind: 'unknown', attribution: 'ambiguous' }],
    ['a public IPv6 address', '2600:1f18::1', { kind: 'external', attribution: 'none' }],
    ['a private address', '10.9.9.9', { kind: 'unknown', attribution: 'none', cluster: shop }],
    ['a mapped private address', '::ffff:10.9.9.9', { kind: 'unknown' }],
    ['a shared address', '100.64.3.4', { kind: 'unknown' }],
    ['a link-local address with zone', 'fe80::1%eth0', { kind: 'unknown' }],
    ['a unique local address', 'FD00:0:0::1', { kind: 'unknown' }],
    ['text that is not an address', 'not an address', { kind: 'unknown' }],
    ['no address', undefined, { kind: 'unknown', attribution: 'none', cluster: shop }],
  ])('%s', (_, clientIp, expected) => {
    const { client, bypassesCoreDns } = attribute(corednsEvent({ clientIp }));
    expect(client).toMatchObject(expected);
    expect(bypassesCoreDns).toBe(false);
  });

  it('is the owner at the time of the event', () => {
    expect(attribute(corednsEvent({ timeMs: ASKED_AT_MS + 1000 })).client).toMatchObject({ kind: 'unknown' });
  });

  it.each(['10.0.1.5', '10.0.0.9', '10.0.2.2'])('is never exact without a certain time: %s', (clientIp) => {
    expect(attribute(corednsEvent({ clientIp, timeIsCertain: false })).client.attribution).toBe('inferred');
  });
});

describe('the client of a Resolver event', () => {
  it.each([
    [
      'a pod that bypasses CoreDNS',
      '10.0.1.5',
      loggedIds('i-node'),
      { kind: 'pod', attribution: 'exact', instanceId: 'i-node' },
      true,
    ],
    ['a Fargate pod', '10.0.1.7', {}, { kind: 'pod', instanceId: undefined }, true],
    ['a pod of an unknown node', '10.0.1.8', loggedIds('i-x'), { kind: 'pod', instanceId: 'i-x' }, true],
    ['a CoreDNS', '10.0.2.2', loggedIds('i-node'), { kind: 'coredns', nodeName: node.name }, false],
    [
      'a node',
      '10.0.0.9',
      loggedIds('i-node'),
      { kind: 'node', attribution: 'exact', instance: nodeMachine },
      false,
    ],
    [
      'a pod whose address sent the query from another instance',
      '10.0.1.5',
      loggedIds('i-batch'),
      { kind: 'unknown', attribution: 'ambiguous' },
      false,
    ],
    [
      'the logged instance',
      '10.0.3.9',
      loggedIds('i-batch'),
      { kind: 'instance', attribution: 'exact' },
      false,
    ],
    [
      'an instance by address',
      '10.0.3.3',
      {},
      { kind: 'instance', attribution: 'inferred', instance: batch },
      false,
    ],
    [
      'the node of the logged instance',
      '10.0.8.8',
      loggedIds('i-node'),
      { kind: 'unknown', nodeName: node.name, cluster: shop },
      false,
    ],
    [
      'an unknown instance',
      '10.0.8.8',
      loggedIds('i-x'),
      { kind: 'unknown', instanceId: 'i-x', attribution: 'none' },
      false,
    ],
    [
      'a client through a Resolver endpoint',
      '192.168.7.7',
      loggedIds(undefined, 'rslvr-in-1'),
      { kind: 'endpoint', attribution: 'none' },
      false,
    ],
    [
      'an endpoint with an instance',
      '10.0.8.8',
      loggedIds('i-x', 'rslvr-in-1'),
      { kind: 'endpoint', instanceId: 'i-x' },
      false,
    ],
    ['a pod through an endpoint', '10.0.1.5', loggedIds(undefined, 'rslvr-in-1'), { kind: 'pod' }, true],
    ['outside', '198.51.100.9', {}, { kind: 'external', cluster: undefined }, false],
    [
      'an instance with a public address',
      '198.51.100.9',
      loggedIds('i-x'),
      { kind: 'unknown', instanceId: 'i-x' },
      false,
    ],
    [
      'two owners fit, the node is known',
      '10.0.1.99',
      loggedIds('i-node'),
      { kind: 'unknown', attribution: 'ambiguous' },
      false,
    ],
    [
      'two owners fit, the instance is known',
      '10.0.1.99',
      loggedIds('i-batch'),
      { kind: 'unknown', attribution: 'ambiguous' },
      false,
    ],
  ])('%s', (_, clientIp, members, expected, bypassesCoreDns) => {
    const attributed = attribute(resolverEvent({ clientIp, ...members }));
    expect(attributed.client).toMatchObject(expected);
    expect(attributed.bypassesCoreDns).toBe(bypassesCoreDns);
  });

  it('is not the pod when the query came from another instance', () => {
    const { client } = attribute(resolverEvent({ ...loggedIds('i-batch') }));
    expect(client).toMatchObject({
      pod: undefined,
      podName: undefined,
      instanceId: 'i-batch',
      instance: batch,
    });
  });

  it('is not exact for an instance without a certain time', () => {
    const { client } = attribute(
      resolverEvent({ clientIp: '10.0.3.9', timeIsCertain: false, ...loggedIds('i-batch') }),
    );
    expect(client).toMatchObject({ kind: 'instance', attribution: 'inferred' });
  });

  it.each(['vpc-2', undefined])('is looked up only in the clusters of the VPC %s', (vpcId) => {
    expect(attribute(resolverEvent({ vpcId })).client).toMatchObject({ kind: 'unknown', podName: undefined });
  });
});

it('takes the recursive resolver of a public zone log as the client', () => {
  const event = corednsEvent({ source: 'aws.route53.public', clientIp: '203.0.113.53' });
  expect(attribute(event)).toMatchObject({
    client: { kind: 'external', cluster: undefined },
    resolver: undefined,
  });
});

it('collects look-up keys', () => {
  const keys = createLookupKeys();
  collectKeys(keys, corednsEvent({ clientIp: '10.0.1.1' }));
  collectKeys(keys, corednsEvent({ clientIp: undefined }));
  collectKeys(keys, corednsEvent({ source: 'aws.route53.public', clientIp: '203.0.113.1' }));
  collectKeys(keys, resolverEvent({ clientIp: '10.0.1.2', ...loggedIds('i-1') }));
  collectKeys(keys, resolverEvent({ clientIp: '10.0.1.3', ...loggedIds(undefined) }));
  collectKeys(keys, resolverEvent({ clientIp: '10.0.1.4', vpcId: undefined, ...loggedIds('i-2') }));
  expect(keys).toMatchObject({
    clientIps: new Set(['10.0.1.1']),
    vpcs: [
      { vpcId: 'vpc-1', ips: new Set(['10.0.1.2', '10.0.1.3']), instanceIds: new Set(['i-1']) },
      { vpcId: undefined, ips: new Set(), instanceIds: new Set(['i-2']) },
    ],
  });
});

it('attributes nothing with an empty directory', () => {
  const of = attributeIn(checkedAttributor(EMPTY_DIRECTORY, settings), undefined);
  expect(of(corednsEvent()).client).toMatchObject({ kind: 'unknown', cluster: undefined });
  expect(of(resolverEvent(loggedIds('i-1'))).client).toMatchObject({ kind: 'unknown', instanceId: 'i-1' });
});
