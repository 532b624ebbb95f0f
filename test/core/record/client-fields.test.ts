import { describe, expect, it } from '@jest/globals';
import { NOBODY } from '../../../src/core/attribution/client-of-owner.ts';
import type { Client } from '../../../src/core/model/client.ts';
import { clientText, ec2EntityId, instanceText } from '../../../src/core/record/client-fields.ts';
import { createJsonText } from '../../../src/core/record/json-encoder.ts';
import { podMetadata } from '../../../src/inventory/kubernetes/pod-metadata.ts';
import { clusterStub, instanceStub, podStub } from '../../support/directory-stub.ts';

const json = createJsonText(1);
const cluster = clusterStub('shop', { uid: 'uid-1', vpcId: 'vpc-1' });

const client = (members: Partial<Client> = {}): Client => ({
  kind: 'pod',
  attribution: 'exact',
  cluster: undefined,
  ...NOBODY,
  ...members,
});

const parse = (text: string): object => JSON.parse(`{${text.slice(1)}}`) as object;
const who = (members: Partial<Client>): object => parse(clientText(json, client(members), { hit: false }));
const ALWAYS = { 'dns.client.kind': 'pod', 'dns.client.attribution': 'exact' };

describe('ec2EntityId', () => {
  it.each([
    // The pair that Dynatrace itself shows for this instance.
    ['i-0a6453b0c36d4b9c0', 'EC2_INSTANCE-9D980F5F75A71C04'],
  ])('%j is %s', (id, entity) => {
    expect(ec2EntityId(id)).toBe(entity);
  });

  it('always has 16 digits', () => {
    for (let i = 0; i < 300; i++) expect(ec2EntityId(`i-${i}`)).toMatch(/^EC2_INSTANCE-[0-9A-F]{16}$/);
  });
});

describe('clientText', () => {
  it('leaves out what nobody knows', () => {
    expect(who({})).toEqual(ALWAYS);
  });

  it('lets the directory’s label win over the one that CoreDNS logged', () => {
    const pod = podStub(cluster, 'cart-1', { labels: [['app', 'cart']] });
    const loggedLabels = [
      ['app', 'other'],
      ['tier', 'web'],
    ] as const;
    expect(who({ pod, loggedLabels })).toEqual({
      ...ALWAYS,
      'k8s.pod.label.app': 'cart',
      'k8s.pod.label.tier': 'web',
    });
  });

  it('never lets an annotation name what the record says itself', () => {
    const names = [
      'timestamp',
      'content',
      'loglevel',
      'duration',
      'client.ip',
      'k8s.pod.name',
      'dt.entity.host',
    ];
    const more = [
      'dns.id',
      'aws.region',
      'k8s.cluster.name',
      'log.source',
      'dt.kubernetes.cluster.id',
      'severity',
    ];
    const taken = Object.fromEntries(
      [...names, ...more].map((name) => [`metadata.dynatrace.com/${name}`, 'x']),
    );
    const annotations = { ...taken, 'metadata.dynatrace.com/dt.security_context': 'payments' };
    const { dynatrace } = podMetadata({ namespace: 'shop', name: 'cart-1' }, undefined, {}, annotations, {
      podLabels: [],
      podAnnotations: [],
    });
    expect(who({ pod: podStub(cluster, 'cart-1', { dynatrace }) })).toEqual({
      ...ALWAYS,
      'dt.security_context': 'payments',
    });
  });

  it('cuts long annotations, and says so', () => {
    const pod = podStub(cluster, 'cart-1', { annotations: [['note', 'x'.repeat(40_000)]] });
    const caps = { hit: false };
    const text = clientText(json, client({ pod }), caps);
    expect(parse(text)).toEqual({ ...ALWAYS, 'k8s.pod.annotation.note': 'x'.repeat(32_000) });
    expect(caps.hit).toBe(true);
  });

  it('takes the cluster from the instance where nothing else names it', () => {
    const instance = instanceStub('i-1', { clusterName: 'by-tag' });
    expect(who({ instance })).toEqual({ ...ALWAYS, 'k8s.cluster.name': 'by-tag' });
    expect(who({ instance, cluster })).toMatchObject({
      'k8s.cluster.name': 'shop',
      'dt.kubernetes.cluster.name': 'shop',
      'dt.kubernetes.cluster.id': 'uid-1',
    });
  });
});

it.each([
  ['the log', 'vpc-log', { vpcId: 'vpc-instance' }, 'vpc-log'],
  ['the instance', undefined, { vpcId: 'vpc-instance' }, 'vpc-instance'],
  ['the cluster', undefined, {}, 'vpc-1'],
])('names the VPC by %s', (_, vpcId, members, expected) => {
  const who = client({ cluster, instance: instanceStub('i-1', members) });
  expect(parse(instanceText(json, who, vpcId, { hit: false }))).toMatchObject({ 'aws.vpc.id': expected });
});
