import { describe, expect, it } from '@jest/globals';
import { EMPTY_CLIENT } from '../../../src/core/attribution/client-of-owner.ts';
import type { Client } from '../../../src/core/model/client.ts';
import { ec2EntityId, encodeClient } from '../../../src/core/record/client-fields.ts';
import { createJsonEncoder } from '../../../src/core/record/json-encoder.ts';
import { clusterStub, instanceStub, podStub } from '../../support/directory-stub.ts';

const json = createJsonEncoder(1);
const cluster = clusterStub('shop', { uid: 'uid-1', vpcId: 'vpc-1' });

const client = (members: Partial<Client> = {}): Client => ({
  kind: 'pod',
  attribution: 'exact',
  cluster: undefined,
  ...EMPTY_CLIENT,
  ...members,
});

const parse = (bytes: Uint8Array): object =>
  JSON.parse(`{${Buffer.from(bytes).toString('utf8').slice(1)}}`) as object;
const PLAIN = { overruled: new Set<string>(), clusterNames: new Map<string, string>(), omits: () => false };
const identity = (members: Partial<Client>, overruled: readonly string[] = []): object =>
  parse(encodeClient(json, client(members), undefined, { ...PLAIN, overruled: new Set(overruled) }).identity);
const ALWAYS = { 'dns.client.kind': 'pod', 'dns.client.attribution': 'exact' };

describe('ec2EntityId', () => {
  it.each([
    // The pair that Dynatrace shows for this instance.
    ['i-0a6453b0c36d4b9c0', 'EC2_INSTANCE-9D980F5F75A71C04'],
  ])('%j is %s', (id, entity) => {
    expect(ec2EntityId(id)).toBe(entity);
  });

  it('always has 16 digits', () => {
    for (let i = 0; i < 300; i++) expect(ec2EntityId(`i-${i}`)).toMatch(/^EC2_INSTANCE-[0-9A-F]{16}$/);
  });
});

describe('the identity of a client', () => {
  it('leaves out unknown values', () => {
    expect(identity({})).toEqual(ALWAYS);
  });

  it('prefers the directory’s label to the one that CoreDNS logged', () => {
    const pod = podStub(cluster, 'cart-1', { labels: [['app', 'cart']] });
    const loggedLabels = [
      ['app', 'other'],
      ['tier', 'web'],
    ] as const;
    expect(identity({ pod, loggedLabels })).toEqual({
      ...ALWAYS,
      'k8s.pod.label.app': 'cart',
      'k8s.pod.label.tier': 'web',
    });
  });

  it('leaves out annotated attributes that a static attribute overrules, in any case of letters', () => {
    const pod = podStub(cluster, 'cart-1', {
      dynatrace: [
        ['Team', 'theirs'],
        ['dt.security_context', 'theirs'],
        ['tier', 'web'],
      ],
    });
    expect(identity({ pod }, ['team', 'dt.security_context'])).toEqual({ ...ALWAYS, tier: 'web' });
  });

  it.each([
    [86, true],
    [87, false],
  ])('has a label with a key of %i characters: %s', (length, isThere) => {
    const key = 'k'.repeat(length);
    const pod = podStub(cluster, 'cart-1', { labels: [[key, 'v']] });
    expect(identity({ pod })).toEqual({ ...ALWAYS, ...(isThere && { [`k8s.pod.label.${key}`]: 'v' }) });
    expect(identity({ loggedLabels: [[key, 'v']] })).toEqual(identity({ pod }));
  });

  it.each([
    [81, true],
    [82, false],
  ])('has an annotation with a key of %i characters: %s', (length, isThere) => {
    const key = 'k'.repeat(length);
    const pod = podStub(cluster, 'cart-1', { annotations: [[key, 'v']] });
    expect(identity({ pod })).toEqual({ ...ALWAYS, ...(isThere && { [`k8s.pod.annotation.${key}`]: 'v' }) });
  });

  it('truncates long annotations and notes it', () => {
    const pod = podStub(cluster, 'cart-1', { annotations: [['note', 'x'.repeat(40_000)]] });
    const encoded = encodeClient(json, client({ pod }), undefined, PLAIN);
    expect(parse(encoded.identity)).toEqual({ ...ALWAYS, 'k8s.pod.annotation.note': 'x'.repeat(32_000) });
    expect(encoded.wasTruncated).toBe(true);
  });

  it('takes the cluster from the tag of the instance if it is not known otherwise', () => {
    const instance = instanceStub('i-1', { clusterName: 'by-tag' });
    expect(identity({ instance })).toEqual({ ...ALWAYS, 'k8s.cluster.name': 'by-tag' });
    expect(identity({ instance, cluster })).toMatchObject({
      'k8s.cluster.name': 'shop',
      'dt.kubernetes.cluster.name': 'shop',
      'dt.kubernetes.cluster.id': 'uid-1',
    });
  });
});

describe('the name of a cluster in Dynatrace', () => {
  const arn = 'arn:aws:eks:eu-west-1:111122223333:cluster/shop';
  const named = (members: Partial<Client>, ...names: [string, string][]): object =>
    parse(
      encodeClient(json, client(members), undefined, { ...PLAIN, clusterNames: new Map(names) }).identity,
    );
  const both = (name: string) => ({ 'k8s.cluster.name': name, 'dt.kubernetes.cluster.name': name });
  const instance = instanceStub('i-1', { clusterName: 'shop' });

  it.each<[string, Partial<Client>, [string, string][], object]>([
    ['of a name', { cluster }, [['shop', 'Shop (prod)']], both('Shop (prod)')],
    ['of another cluster', { cluster }, [['lab', 'x']], both('shop')],
    ['of an ARN', { cluster: { ...cluster, arn } }, [[arn, 'a']], both('a')],
    [
      'of a name and an ARN',
      { cluster: { ...cluster, arn } },
      [
        ['shop', 'b'],
        [arn, 'a'],
      ],
      both('a'),
    ],
    ['of a name, with a known ARN', { cluster: { ...cluster, arn } }, [['shop', 'b']], both('b')],
    [
      'of an ARN that is not the cluster’s',
      { cluster: { ...cluster, arn: `${arn}2` } },
      [[arn, 'a']],
      both('shop'),
    ],
    ['of a name in a tag', { instance }, [['shop', 'c']], { 'k8s.cluster.name': 'c' }],
  ])('%s', (_, members, names, expected) => {
    expect(named(members, ...names)).toMatchObject(expected);
  });
});

it.each([
  ['the log', 'vpc-log', { vpcId: 'vpc-instance' }, 'vpc-log'],
  ['the instance', undefined, { vpcId: 'vpc-instance' }, 'vpc-instance'],
  ['the cluster', undefined, {}, 'vpc-1'],
])('takes the VPC from %s', (_, vpcId, members, expected) => {
  const { placement } = encodeClient(
    json,
    client({ cluster, instance: instanceStub('i-1', members) }),
    vpcId,
    PLAIN,
  );
  expect(parse(placement)).toMatchObject({ 'aws.vpc.id': expected });
});
