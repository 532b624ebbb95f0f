import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Directory } from '../../src/core/model/directory.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { parseDirectoryFile } from '../../src/inventory/file.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';
import { ownerText } from '../support/observations.ts';

const at = (clock: string) => Date.parse(`2026-03-01T${clock}Z`);

const directoryOf = (json: unknown, settings = DEFAULT_SETTINGS): Directory => {
  const file = parseDirectoryFile(json, settings);
  if (!file.ok) throw new Error(file.faults);
  return createOwnerIndex(file.clusters, file.instances);
};

const inventory = {
  clusters: [{ name: 'prod', uid: 'u-1', vpcId: 'vpc-1' }, { name: 'stage' }],
  nodes: [
    { cluster: 'prod', name: 'node-a', ips: ['10.0.0.1'], instanceId: 'i-a' },
    { cluster: 'prod', name: 'node-b', ips: ['10.0.0.2'], instanceId: 'i-b' },
  ],
  pods: [
    {
      cluster: 'prod',
      namespace: 'shop',
      name: 'ended',
      ips: ['10.0.1.1'],
      startTime: '2026-03-01T10:00:00Z',
      endTime: '2026-03-01T10:10:00Z',
    },
    {
      cluster: 'prod',
      namespace: 'shop',
      name: 'next',
      ips: ['10.0.1.1', '2001:DB8::7'],
      startTime: '2026-03-01T10:11:00Z',
    },
    { cluster: 'prod', namespace: 'shop', name: 'timeless', ips: ['10.0.1.2'] },
    { cluster: 'prod', namespace: 'shop', name: 'twin-a', ips: ['10.0.1.3'] },
    { cluster: 'prod', namespace: 'shop', name: 'twin-b', ips: ['10.0.1.3'] },
    { cluster: 'prod', namespace: 'shop', name: 'finished', ips: ['10.0.1.4'], phase: 'Succeeded' },
    {
      cluster: 'prod',
      namespace: 'kube-system',
      name: 'node-local-dns-x',
      ips: ['10.0.0.1'],
      hostNetwork: true,
    },
    {
      cluster: 'stage',
      namespace: 'shop',
      name: 'elsewhere',
      ips: ['10.0.1.2'],
      startTime: '2026-03-01T10:00:00Z',
    },
  ],
  instances: [
    {
      id: 'i-b',
      launchTime: '2026-03-01T08:00:00Z',
      vpcId: 'vpc-1',
      privateIps: ['10.0.0.2'],
      prefixes: ['10.0.1.16/28'],
      tags: { 'eks:cluster-name': 'prod', 'karpenter.sh/nodepool': 'spot' },
    },
    {
      id: 'i-c',
      vpcId: 'vpc-2',
      privateIps: ['10.0.0.2'],
      tags: { 'kubernetes.io/cluster/a': 'owned', 'kubernetes.io/cluster/b': 'shared' },
    },
  ],
};

describe('ownerAt', () => {
  const directory = directoryOf(inventory);
  const [prod, stage] = directory.clusters;
  if (!prod || !stage) throw new Error('two clusters');

  it.each([
    ['10.0.1.1', '09:59:57', 'none'],
    ['10.0.1.1', '09:59:58', 'ended inferred'],
    ['10.0.1.1', '10:00:00', 'ended exact'],
    ['10.0.1.1', '10:09:59', 'ended exact'],
    ['10.0.1.1', '10:10:01', 'ended inferred'],
    ['10.0.1.1', '10:10:30', 'none'],
    ['10.0.1.1', '10:11:00', 'next exact'],
    ['10.0.1.1', '23:00:00', 'next exact'],
    ['2001:db8::7', '10:12:00', 'next exact'],
    ['2001:0db8:0::7%eth0', '10:12:00', 'next exact'],
    ['::ffff:10.0.1.1', '10:12:00', 'next exact'],
    ['10.0.1.2', '10:12:00', 'timeless inferred'],
    ['10.0.1.3', '10:12:00', 'ambiguous'],
    ['10.0.1.4', '10:12:00', 'none'],
    ['10.0.0.1', '10:12:00', 'node-a inferred'],
    ['10.0.0.2', '10:12:00', 'node-b exact'],
    ['192.0.2.1', '10:12:00', 'none'],
    ['text', '10:12:00', 'none'],
  ])('%s at %s: %s', (ip, clock, expected) => {
    expect(ownerText(directory.ownerAt(directory.historyOf([prod], ip), at(clock)))).toBe(expected);
  });

  it('is ambiguous when clusters with overlapping networks both match', () => {
    expect(ownerText(directory.ownerAt(directory.historyOf([prod, stage], '10.0.1.2'), at('10:12:00')))).toBe(
      'ambiguous',
    );
    expect(ownerText(directory.ownerAt(directory.historyOf([stage], '10.0.1.2'), at('10:12:00')))).toBe(
      'elsewhere exact',
    );
    expect(ownerText(directory.ownerAt(directory.historyOf([], '10.0.1.2'), at('10:12:00')))).toBe('none');
  });

  it('answers with the same object for the same answer', () => {
    const first = directory.ownerAt(directory.historyOf([prod], '10.0.1.1'), at('10:12:00'));
    expect(directory.ownerAt(directory.historyOf([prod], '10.0.1.1'), at('10:13:00'))).toBe(first);
    expect(directory.ownerAt(directory.historyOf([prod], '10.0.1.2'), at('10:12:00'))).toBe(
      directory.ownerAt(directory.historyOf([prod], '10.0.1.2'), at('10:13:00')),
    );
  });
});

describe('look-ups by name and id', () => {
  const directory = directoryOf(inventory);
  const [prod] = directory.clusters;
  if (!prod) throw new Error('a cluster');

  it('finds pods and their addresses, also with host networking', () => {
    const pod = directory.podNamed(directory.clusters, 'kube-system', 'node-local-dns-x');
    expect(pod && directory.podIps(pod)).toEqual(['10.0.0.1']);
    expect(directory.podNamed(directory.clusters, 'shop', 'nobody')).toBeUndefined();
    const next = directory.podNamed([prod], 'shop', 'next');
    expect(next && directory.podIps(next)).toEqual(['10.0.1.1', '2001:db8::7']);
  });

  it('finds nodes by name and by instance', () => {
    expect(directory.nodeNamed(prod, 'node-a')?.instanceId).toBe('i-a');
    expect(directory.nodeOfInstance('i-b')?.name).toBe('node-b');
    expect(directory.nodeOfInstance('i-z')).toBeUndefined();
  });

  it('finds instances by id, by address in a VPC and by delegated prefix', () => {
    expect(directory.instance('i-b')).toMatchObject({
      clusterName: 'prod',
      nodeGroup: 'spot',
      vpcId: 'vpc-1',
    });
    expect(directory.instance('i-c')?.clusterName).toBeUndefined();
    expect(directory.instanceAt('vpc-1', '10.0.0.2')?.id).toBe('i-b');
    expect(directory.instanceAt('vpc-2', '10.0.0.2')?.id).toBe('i-c');
    expect(directory.instanceAt(undefined, '10.0.0.2')).toBeUndefined();
    expect(directory.instanceAt('vpc-1', '10.0.1.30')?.id).toBe('i-b');
    expect(directory.instanceAt(undefined, '10.0.1.30')?.id).toBe('i-b');
    expect(directory.instanceAt('vpc-1', '10.0.1.32')).toBeUndefined();
  });
});

it('needs no cluster name when there is only one cluster', () => {
  const directory = directoryOf({ clusters: [{ name: 'c' }], pods: [{ namespace: 'n', name: 'p' }] });
  expect(directory.podNamed(directory.clusters, 'n', 'p')?.cluster.name).toBe('c');
});

it('reads the network, the metadata and times with an offset of a pod', () => {
  const pods = [
    {
      namespace: 'n',
      name: 'p',
      ips: ['10.0.0.1'],
      startTime: '2026-03-01T12:00:00+02:00',
      annotations: { note: 'x', 'metadata.dynatrace.com/owner': 'team-a' },
    },
    { namespace: 'n', name: 'host', ips: ['10.0.0.2'], hostNetwork: true },
  ];
  const settings = { ...DEFAULT_SETTINGS, podAnnotations: ['note'] };
  const directory = directoryOf({ clusters: [{ name: 'c' }], pods }, settings);
  expect(directory.podNamed(directory.clusters, 'n', 'p')).toMatchObject({
    isHostNetwork: false,
    annotations: [['note', 'x']],
    dynatrace: [['owner', 'team-a']],
  });
  expect(directory.podNamed(directory.clusters, 'n', 'host')).toMatchObject({ isHostNetwork: true });
  const history = directory.historyOf(directory.clusters, '10.0.0.1');
  expect([at('09:59:57'), at('10:00:00')].map((ms) => ownerText(directory.ownerAt(history, ms)))).toEqual([
    'none',
    'p exact',
  ]);
});

it('does not mix the namespaces of two clusters of one name', () => {
  const arn = (account: string) => `arn:aws:eks:eu-west-1:${account}:cluster/c`;
  const [ours, theirs] = [arn('111122223333'), arn('444455556666')];
  const json = {
    clusters: [ours, theirs].map((id) => ({ name: 'c', arn: id })),
    namespaces: [
      { cluster: ours, name: 'n', annotations: { 'metadata.dynatrace.com/team': 'ours' } },
      { cluster: theirs, name: 'n', annotations: { 'metadata.dynatrace.com/team': 'theirs' } },
    ],
    pods: [{ cluster: ours, namespace: 'n', name: 'p' }],
  };
  const directory = directoryOf(json, { ...DEFAULT_SETTINGS, metadataFrom: 'namespace' });
  expect(directory.podNamed(directory.clusters.slice(0, 1), 'n', 'p')?.dynatrace).toEqual([['team', 'ours']]);
});

it('takes attributes from the namespaces of the pod’s cluster with METADATA_FROM=namespace', () => {
  const annotations = (team: string) => ({ 'metadata.dynatrace.com/team': team });
  const json = {
    clusters: [{ name: 'c' }, { name: 'd' }],
    namespaces: [
      { cluster: 'c', name: 'n', annotations: annotations('of c') },
      { cluster: 'd', name: 'n', annotations: annotations('of d') },
    ],
    pods: [
      { cluster: 'd', namespace: 'n', name: 'p', annotations: annotations('of p') },
      { cluster: 'd', namespace: 'other', name: 'p', annotations: annotations('of p') },
    ],
  };
  const teams = (metadataFrom: 'pod' | 'namespace') => {
    const directory = directoryOf(json, { ...DEFAULT_SETTINGS, metadataFrom });
    return ['n', 'other'].map(
      (namespace) => directory.podNamed(directory.clusters, namespace, 'p')?.dynatrace,
    );
  };
  expect(teams('namespace')).toEqual([[['team', 'of d']], []]);
  expect(teams('pod')).toEqual([[['team', 'of p']], [['team', 'of p']]]);
});

it.each([
  [{ clusters: [{ name: 'c' }], namespaces: [{ cluster: 'd', name: 'n' }] }, ['namespaces[0].cluster']],
  [{ pod: [] }, ['pod']],
  [{ pods: [{ namespace: 'n', name: 'p' }] }, ['pods[0].cluster', 'required unless']],
  [
    { clusters: [{ name: 'c' }], pods: [{ cluster: 'd', namespace: 'n', name: 'p' }] },
    ['pods[0].cluster', 'no cluster named d'],
  ],
  [{ clusters: [{ name: 'c' }, { name: 'c' }] }, ['clusters[1]', 'c is listed twice']],
  [
    {
      clusters: [
        { name: 'c', arn: 'x' },
        { name: 'd', arn: 'x' },
      ],
    },
    ['clusters[1]', 'x is listed twice'],
  ],
  [
    {
      clusters: [{ name: 'c', arn: 'x' }, { name: 'c' }],
      pods: [{ cluster: 'c', namespace: 'n', name: 'p' }],
    },
    ['pods[0].cluster', 'several clusters named c: give the ARN'],
  ],
  [{ clusters: [{}], instances: [{ id: 'i', prefixes: ['10.0.0.0/8'] }] }, ['clusters[0].name', '/28']],
  [{ clusters: [{ name: 'c' }], nodes: [{ name: 'n', ips: ['10.0.0'] }] }, ['nodes[0].ips[0]', '10.0.0']],
  [
    { clusters: [{ name: 'c' }], pods: [{ name: 'p', startTime: 'noon' }] },
    ['pods[0].namespace', 'pods[0].startTime'],
  ],
  ['text', ['object']],
])('names every fault of %j', (json, parts) => {
  const file = parseDirectoryFile(json, DEFAULT_SETTINGS);
  expect(file.ok).toBe(false);
  for (const part of parts) expect(file.ok ? '' : file.faults).toContain(part);
});

it('tells clusters of one name apart by their ARN', () => {
  const [here, there] = [
    'arn:aws:eks:eu-west-1:111122223333:cluster/c',
    'arn:aws:eks:us-east-1:111122223333:cluster/c',
  ];
  const pod = { namespace: 'n', ips: ['10.0.0.1'] };
  const directory = directoryOf({
    clusters: [
      { name: 'c', arn: here },
      { name: 'c', arn: there },
    ],
    pods: [
      { ...pod, cluster: here, name: 'p-1' },
      { ...pod, cluster: there, name: 'p-2' },
    ],
  });
  const owners = directory.clusters.map((cluster) =>
    ownerText(directory.ownerAt(directory.historyOf([cluster], '10.0.0.1'), at('10:00:00'))),
  );
  expect(owners).toEqual(['p-1 inferred', 'p-2 inferred']);
});

describe('createDirectorySource', () => {
  const folder = mkdtempSync(join(tmpdir(), 'directory-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const keys = { clientIps: new Set<string>(), vpcs: [] };
  const write = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return { ...DEFAULT_SETTINGS, directoryFile: join(folder, name) };
  };

  it('reads the file once', async () => {
    const settings = write('good.json', JSON.stringify(inventory));
    const source = createDirectorySource(settings);
    const pending = source.begin(0);
    const directory = await pending.lookup(keys);
    expect(directory.clusters.map(({ name }) => name)).toEqual(['prod', 'stage']);
    expect(pending.health()).toEqual([
      { source: 'file', ageMs: 0, size: 12, errors: 0, late: false, lastError: undefined },
    ]);
    write('good.json', '{}');
    expect(await source.begin(1).lookup(keys)).toBe(directory);
  });

  it.each([
    ['a missing file', 'missing.json', undefined, 'ENOENT'],
    ['invalid JSON', 'broken.json', '{', 'SyntaxError'],
    ['a fault in the file', 'faulty.json', '{"pods":[{"name":"p"}]}', 'pods[0].namespace'],
  ])('reports %s and gives an empty directory', async (_, name, content, reason) => {
    const settings =
      content === undefined
        ? { ...DEFAULT_SETTINGS, directoryFile: join(folder, name) }
        : write(name, content);
    const source = createDirectorySource(settings);
    const pending = source.begin(0);
    expect((await pending.lookup(keys)).clusters).toEqual([]);
    expect(pending.health()).toMatchObject([{ source: 'file', ageMs: undefined, errors: 1 }]);
    expect(pending.health()[0]?.lastError).toContain(reason);
    expect(source.begin(1).health()[0]?.errors).toBe(0);
  });

  it('gives an empty directory when no look-up is configured', async () => {
    const pending = createDirectorySource({ ...DEFAULT_SETTINGS, ec2Lookup: false }).begin(0);
    const directory = await pending.lookup(keys);
    expect(directory.clusters).toEqual([]);
    expect(directory.ownerAt(directory.historyOf([], '10.0.0.1'), 0)).toBeUndefined();
    expect(pending.health()).toEqual([]);
  });
});
