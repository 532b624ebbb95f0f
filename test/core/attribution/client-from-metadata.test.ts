import { describe, expect, it } from '@jest/globals';
import { attributeIn, checkedAttributor } from '../../support/attributors.ts';
import { clusterStub, createDirectoryStub, podStub } from '../../support/directory-stub.ts';
import { corednsEvent, metadataHint, resolverEvent } from '../../support/dns-event.ts';
import { producerStub } from '../../support/producer-stub.ts';

const shop = clusterStub('shop', { vpcId: 'vpc-1' });
const bank = clusterStub('bank', { vpcId: 'vpc-1' });
const node = { cluster: shop, name: 'node-1', instanceId: 'i-1' };
const web = podStub(shop, 'web-1');
const stale = podStub(shop, 'old-1');
const database = podStub(shop, 'db-0', { nodeName: 'node-1', workload: { kind: 'statefulset', name: 'db' } });
const teller = podStub(bank, 'teller-1');
const coredns = podStub(shop, 'coredns-1', { namespace: 'kube-system', isCoreDns: true, nodeName: 'node-1' });
const cache = podStub(shop, 'node-local-dns-1', { namespace: 'kube-system' });

const content = {
  owners: [
    ['10.0.1.1', { kind: 'pod', pod: web, attribution: 'exact' }],
    ['10.0.1.2', { kind: 'pod', pod: stale, attribution: 'inferred' }],
    ['10.0.1.3', { kind: 'node', node, attribution: 'inferred' }],
    ['10.0.1.4', { kind: 'ambiguous' }],
    ['10.0.1.6', { kind: 'pod', pod: teller, attribution: 'exact' }],
    ['2001:db8::2', { kind: 'pod', pod: coredns, attribution: 'exact' }],
  ],
  pods: [[web, '10.0.1.1'], [database, '10.0.1.5'], [coredns, '10.0.2.2', '2001:db8::2'], [cache]],
  nodes: [node],
} as const;
const one = createDirectoryStub({ ...content, clusters: [shop] });
const two = createDirectoryStub({ ...content, clusters: [shop, bank] });
const settings = {
  logGroupClusters: new Map([
    ['custom', 'bank'],
    ['lost', 'gone'],
  ]),
};
const batch = attributeIn(checkedAttributor(one, settings), undefined);
describe('a pod that CoreDNS names', () => {
  const named = { kind: 'pod', attribution: 'inferred', loggedLabels: [['app', 'x']], cluster: shop };
  it.each([
    [
      'never overrides an exact owner',
      '10.0.1.1',
      metadataHint('shop', 'db-0'),
      { podName: 'web-1', attribution: 'exact' },
    ],
    [
      'overrides an inferred owner',
      '10.0.1.2',
      metadataHint('shop', 'new-1'),
      { ...named, podName: 'new-1', pod: undefined },
    ],
    [
      'overrides an owner of another namespace',
      '10.0.1.2',
      metadataHint('other', undefined),
      { ...named, namespace: 'other', podName: undefined },
    ],
    [
      'agrees',
      '10.0.1.2',
      metadataHint('shop', 'old-1'),
      { kind: 'pod', attribution: 'inferred', pod: stale },
    ],
    [
      'does not override a node',
      '10.0.1.3',
      metadataHint('kube-system', 'kube-proxy-1'),
      { kind: 'node', podName: undefined },
    ],
    [
      'overrides an ambiguous look-up',
      '10.0.1.4',
      metadataHint('shop', 'db-0'),
      { ...named, podName: 'db-0', pod: undefined },
    ],
    [
      'is a known pod',
      '10.0.1.5',
      metadataHint('shop', 'db-0'),
      { ...named, pod: database, nodeName: 'node-1' },
    ],
    [
      'is a known pod with another address',
      '10.0.9.9',
      metadataHint('shop', 'db-0'),
      { ...named, pod: undefined, nodeName: undefined },
    ],
    [
      'is not known',
      '10.0.9.9',
      metadataHint('shop', 'new-1'),
      { ...named, namespace: 'shop', podName: 'new-1' },
    ],
    [
      'is not named',
      '10.0.9.9',
      metadataHint(undefined, undefined),
      { kind: 'unknown', attribution: 'none' },
    ],
  ])('%s', (_, clientIp, members, expected) => {
    expect(batch(corednsEvent({ clientIp, ...members })).client).toMatchObject(expected);
  });

  it.each([
    [
      'a CoreDNS pod with another address',
      '10.0.9.9',
      'kube-system',
      'coredns-1',
      { kind: 'coredns', pod: undefined },
    ],
    ['the same name', '10.0.1.2', undefined, 'old-1', { pod: stale }],
    ['another name alone', '10.0.1.2', undefined, 'new-1', { podName: 'new-1', namespace: undefined }],
    ['a client without address', undefined, 'shop', 'db-0', { podName: 'db-0', pod: undefined }],
  ])('without labels: %s', (_, clientIp, namespace, pod, expected) => {
    const event = corednsEvent({ clientIp, clientMetadata: { namespace, pod, labels: undefined } });
    expect(batch(event).client).toMatchObject({ attribution: 'inferred', loggedLabels: [], ...expected });
  });

  it.each([
    ['the pod of the directory', '10.0.1.1', undefined, undefined, { pod: web, attribution: 'exact' }],
    ['the pod of the directory, also named', '10.0.1.1', 'shop', 'web-1', { pod: web, attribution: 'exact' }],
    ['an unknown client', '10.0.9.9', undefined, undefined, { kind: 'unknown', podName: undefined }],
  ])('adds logged labels to %s', (_, clientIp, namespace, pod, expected) => {
    const event = corednsEvent({ clientIp, ...metadataHint(namespace, pod) });
    expect(batch(event).client).toMatchObject({ loggedLabels: [['app', 'x']], ...expected });
    const others = { namespace, pod, labels: new Map([['app', 'y']]) };
    expect(batch({ ...event, clientMetadata: others }).client.loggedLabels).toEqual([['app', 'y']]);
  });

  it.each([
    ['another pod', '10.0.1.1', 'shop', 'db-0'],
    ['a node', '10.0.1.3', undefined, undefined],
  ])('does not add logged labels to %s', (_, clientIp, namespace, pod) => {
    expect(batch(corednsEvent({ clientIp, ...metadataHint(namespace, pod) })).client.loggedLabels).toEqual(
      [],
    );
  });

  it('with host networking may be any pod of its node, so none is named', () => {
    const agent = podStub(shop, 'agent-1', { isHostNetwork: true });
    const directory = createDirectoryStub({ clusters: [shop], pods: [[agent, '10.0.1.3']] });
    const event = corednsEvent({ clientIp: '10.0.1.3', ...metadataHint('shop', 'agent-1') });
    const { client } = attributeIn(checkedAttributor(directory, settings), undefined)(event);
    expect(client).toMatchObject({ kind: 'unknown', attribution: 'none', podName: undefined });
  });

  it('overrides an exact owner if the time is only that of arrival', () => {
    const event = corednsEvent({
      clientIp: '10.0.1.1',
      timeIsCertain: false,
      ...metadataHint('shop', 'new-1'),
    });
    expect(batch(event).client).toMatchObject({ podName: 'new-1', attribution: 'inferred' });
  });
});

describe('the CoreDNS pod that answered', () => {
  it.each([
    ['by name', { pod: 'coredns-1' }, { ip: '10.0.2.2', pod: 'coredns-1', instanceId: 'i-1' }],
    ['unknown', { pod: 'coredns-9' }, { ip: undefined, pod: 'coredns-9', instanceId: undefined }],
    ['by its own address', { pod: 'coredns-9', ip: '10.0.2.9' }, { ip: '10.0.2.9', pod: 'coredns-9' }],
    ['by node', { pod: 'coredns-9', node: 'node-1' }, { ip: undefined, instanceId: 'i-1' }],
    ['in another namespace', { pod: 'web-1', namespace: 'shop' }, { ip: '10.0.1.1' }],
    ['without name', { ip: '10.0.2.9' }, { ip: '10.0.2.9', pod: undefined }],
  ])('%s', (_, members, expected) => {
    expect(
      batch(corednsEvent({ producer: producerStub({ namespace: 'kube-system', ...members }) })).resolver,
    ).toMatchObject(expected);
  });

  it('is unknown if the log names no pod', () => {
    expect(batch(corednsEvent()).resolver).toBeUndefined();
  });

  it('is the one that queried Route 53 Resolver, with its first address', () => {
    const { resolver } = batch(resolverEvent({ clientIp: '2001:db8::2' }));
    expect(resolver).toEqual({ ip: '10.0.2.2', pod: 'coredns-1', instanceId: 'i-1' });
  });

  it('has the address of the query if the directory has none', () => {
    const directory = { ...one, podIps: () => [] };
    const { resolver } = attributeIn(
      checkedAttributor(directory, settings),
      '',
    )(resolverEvent({ clientIp: '2001:db8::2' }));
    expect(resolver?.ip).toBe('2001:db8::2');
  });
});

describe('a query over loopback comes from', () => {
  it.each([
    [
      'CoreDNS itself',
      '127.0.0.1',
      { pod: 'coredns-1' },
      { kind: 'coredns', pod: coredns, attribution: 'inferred' },
    ],
    ['the same by IPv6', '::1', { pod: 'coredns-1' }, { kind: 'coredns', nodeName: 'node-1' }],
    [
      'an unknown client on the node',
      '127.0.0.1',
      { pod: 'node-local-dns-1' },
      { kind: 'unknown', podName: undefined },
    ],
    ['an unknown pod', '127.0.0.1', { pod: 'x' }, { kind: 'unknown', attribution: 'none' }],
  ])('%s', (_, clientIp, members, expected) => {
    expect(
      batch(corednsEvent({ clientIp, producer: producerStub({ namespace: 'kube-system', ...members }) }))
        .client,
    ).toMatchObject(expected);
  });

  it('an unknown client if the log names no CoreDNS pod', () => {
    expect(batch(corednsEvent({ clientIp: '127.0.0.53' })).client.kind).toBe('unknown');
  });
});

describe('cluster of a log group', () => {
  it.each([
    ['custom', 'bank'],
    ['lost', 'gone'],
    ['/aws/containerinsights/shop/application', 'shop'],
    ['/aws/otel/containerinsights/bank/application', 'bank'],
    ['/aws/eks/bank/cluster', 'bank'],
    ['/aws/eks/unknown/cluster', undefined],
    ['/aws/eks/bank', undefined],
    ['/my/aws/eks/bank/cluster', undefined],
    [undefined, undefined],
  ])('%s is %s', (logGroup, name) => {
    const { client } = attributeIn(
      checkedAttributor(two, settings),
      logGroup,
    )(corednsEvent({ clientIp: '10.0.9.9' }));
    expect(client.cluster?.name).toBe(name);
  });

  it('is the only known cluster', () => {
    expect(batch(corednsEvent({ clientIp: '10.0.9.9' })).client.cluster).toBe(shop);
  });

  it('limits the look-up to that cluster', () => {
    const attributor = checkedAttributor(two, settings);
    expect(attributeIn(attributor, 'custom')(corednsEvent({ clientIp: '10.0.1.6' })).client.podName).toBe(
      'teller-1',
    );
    expect(
      attributeIn(attributor, 'custom')(corednsEvent({ clientIp: '10.0.1.1' })).client.podName,
    ).toBeUndefined();
    expect(
      attributeIn(attributor, 'other')(corednsEvent({ clientIp: '10.0.1.1' })).client.podName,
    ).toBeUndefined();
  });

  it('does not matter to Resolver records: all clusters of the VPC count', () => {
    const of = attributeIn(checkedAttributor(two, settings), 'custom');
    expect(of(resolverEvent({ clientIp: '10.0.1.6' })).client.podName).toBe('teller-1');
    expect(of(resolverEvent({ clientIp: '10.0.1.1' })).client.podName).toBe('web-1');
  });
});
