// What `kubectl get pods,nodes -A -o json` prints, as a directory.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Directory } from '../../src/core/model/directory.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { datedDirectory } from '../../src/inventory/dated-directory.ts';
import { parseDirectoryFile } from '../../src/inventory/file.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { fromKubernetesList } from '../../src/inventory/kubectl.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';
import { ownerText } from '../support/observations.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
afterAll(() => rmSync(folder, { recursive: true }));

const day = (clock: string): string => `2026-05-04T${clock}Z`;
const at = (clock: string): number => Date.parse(day(clock));

const running = (startedAt: string) => ({
  phase: 'Running',
  startTime: day('08:00:00'),
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: startedAt }],
  containerStatuses: [{ name: 'main', restartCount: 0, state: { running: { startedAt } } }],
});
const pod = (name: string, ip: string, status: object = running(day('08:00:05')), spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    uid: `uid-${name}`,
    creationTimestamp: day('08:00:00'),
    labels: { app: 'shop', 'pod-template-hash': '5d9c' },
    annotations: {
      'metadata.dynatrace.com/team': 'red',
      'kubectl.kubernetes.io/restartedAt': day('23:59:59'),
    },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9c', uid: 'u', controller: true },
    ],
  },
  spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'x' }], ...spec },
  status: { podIP: ip, podIPs: [{ ip }], hostIP: '10.1.0.1', qosClass: 'Burstable', ...status },
});
const node = (name: string, ip: string, ready: object = { status: 'True' }, labels: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: `uid-${name}`, creationTimestamp: day('07:00:00'), labels },
  spec: { providerID: 'aws:///eu-west-1a/i-0abc0abc0abc0abc0' },
  status: {
    addresses: [
      { type: 'InternalIP', address: ip },
      { type: 'Hostname', address: name },
    ],
    conditions: [
      { type: 'Ready', lastHeartbeatTime: day('09:00:00'), lastTransitionTime: day('07:01:00'), ...ready },
    ],
  },
});
const ended = {
  phase: 'Succeeded',
  containerStatuses: [
    { name: 'main', state: { terminated: { startedAt: day('08:10:00'), finishedAt: day('08:20:00') } } },
  ],
};
const list = (...items: object[]) => ({
  apiVersion: 'v1',
  kind: 'List',
  metadata: { resourceVersion: '' },
  items,
});
const printed = list(
  pod('web-1', '10.1.1.1'),
  pod('job-1', '10.1.1.2', ended),
  pod('host-1', '10.1.0.1', running(day('08:00:05')), { hostNetwork: true }),
  pod('waiting', '', { phase: 'Pending', podIP: undefined, podIPs: undefined }),
  pod('starting', '10.1.1.3', { phase: 'Pending', startTime: day('08:30:00') }),
  node('node-1', '10.1.0.1'),
  { kind: 'Service', metadata: { name: 'x' } },
);

function directoryOf(json: unknown, settings = DEFAULT_SETTINGS): Directory {
  const file = parseDirectoryFile(json, settings);
  if (!file.ok) throw new Error(file.faults);
  return datedDirectory(createOwnerIndex(file.clusters, file.instances), file.takenAtMs ?? Number.NaN);
}

/** The compact form, after it was written and read. */
function compact(json: ReturnType<typeof list>): unknown {
  const converted = fromKubernetesList(json, { name: 'lab' }, DEFAULT_SETTINGS);
  if (!converted.ok) throw new Error(converted.faults);
  return JSON.parse(JSON.stringify(converted.file));
}

describe.each([
  ['as kubectl prints it', printed as unknown],
  ['in the compact form', compact(printed)],
])('the owner of an address %s', (_, json) => {
  const directory = directoryOf(json);
  it.each([
    ['10.1.1.1', '07:59:00', 'none'],
    ['10.1.1.1', '08:30:00', 'web-1 exact'],
    // The latest time in the output is that of a heartbeat, 09:00:00.
    ['10.1.1.1', '09:00:00', 'web-1 exact'],
    ['10.1.1.1', '09:30:00', 'web-1 inferred'],
    ['10.1.1.1', '23:00:00', 'web-1 inferred'],
    ['10.1.1.2', '08:15:00', 'job-1 exact'],
    ['10.1.1.2', '08:40:00', 'none'],
    ['10.1.1.3', '08:40:00', 'starting inferred'],
    ['10.1.0.1', '08:30:00', 'node-1 exact'],
  ])('%s at %s: %s', (ip, clock, expected) => {
    expect(ownerText(directory.ownerAt(directory.historyOf(directory.clusters, ip), at(clock)))).toBe(
      expected,
    );
  });

  it('has its workload, uid, node and attributes', () => {
    expect(directory.podNamed(directory.clusters, 'shop', 'web-1')).toMatchObject({
      uid: 'uid-web-1',
      nodeName: 'node-1',
      workload: { kind: 'deployment', name: 'web' },
      dynatrace: [['team', 'red']],
    });
    expect(directory.nodeOfInstance('i-0abc0abc0abc0abc0')?.name).toBe('node-1');
  });
});

it('an unreachable node proves its pods until its last heartbeat', () => {
  const lost = { status: 'Unknown', lastHeartbeatTime: day('08:40:00'), lastTransitionTime: day('08:41:00') };
  const json = list(pod('web-1', '10.1.1.1'), node('node-1', '10.1.0.1', lost), node('node-2', '10.1.0.2'));
  for (const form of [json, compact(json)]) {
    const directory = directoryOf(form);
    const owner = (clock: string) =>
      ownerText(directory.ownerAt(directory.historyOf(directory.clusters, '10.1.1.1'), at(clock)));
    expect([owner('08:30:00'), owner('08:50:00')]).toEqual(['web-1 exact', 'none']);
  }
});

it('an answer is valid up to the latest time in the output, or from it on', () => {
  const directory = directoryOf(printed);
  const history = directory.historyOf(directory.clusters, '10.1.1.1');
  const validity = (clock: string) => {
    const { fromMs, toMs } = directory.validityAt(history, at(clock));
    return [fromMs < at(clock), at(clock) < toMs, toMs === at('09:00:00'), fromMs === at('09:00:00')];
  };
  expect(validity('08:30:00')).toEqual([true, true, true, false]);
  expect(validity('09:30:00')).toEqual([true, true, false, true]);
  expect(validity('09:00:00')).toEqual([false, false, true, true]);
  expect(directory.ownerAt(history, at('09:30:00'))).toBe(directory.ownerAt(history, at('09:40:00')));
});

it('a Fargate node owns no address', () => {
  const labels = { 'eks.amazonaws.com/compute-type': 'fargate' };
  const directory = directoryOf(
    list(pod('web-1', '10.1.1.1'), node('fargate-1', '10.1.1.1', undefined, labels)),
  );
  expect(
    ownerText(directory.ownerAt(directory.historyOf(directory.clusters, '10.1.1.1'), at('08:30:00'))),
  ).toBe('web-1 exact');
});

it.each<[string, object, object, string]>([
  ['CLUSTERS', {}, { clusters: [{ id: 'c', name: 'c' }] }, 'c'],
  ['what eksctl wrote', { 'alpha.eksctl.io/cluster-name': 'e' }, {}, 'e'],
  ['nothing', {}, {}, ''],
  [
    'nothing, where CLUSTERS names two',
    {},
    {
      clusters: [
        { id: 'c', name: 'c' },
        { id: 'd', name: 'd' },
      ],
    },
    '',
  ],
])('the name of the cluster follows from %s', (_, labels, settings, name) => {
  const json = list(node('node-1', '10.1.0.1', undefined, labels));
  const { clusters } = directoryOf(json, { ...DEFAULT_SETTINGS, ...settings } as typeof DEFAULT_SETTINGS);
  expect(clusters.map((cluster) => cluster.name)).toEqual([name]);
});

it('takes the uid of the cluster and attributes from namespaces, and lists of one kind', () => {
  const namespace = (name: string, annotations = {}) => ({
    kind: 'Namespace',
    metadata: { name, uid: `ns-${name}`, annotations },
  });
  const json = list(
    pod('web-1', '10.1.1.1'),
    namespace('kube-system'),
    namespace('shop', { 'metadata.dynatrace.com/team': 'blue' }),
  );
  const directory = directoryOf(json, { ...DEFAULT_SETTINGS, metadataFrom: 'namespace' });
  expect(directory.clusters[0]?.uid).toBe('ns-kube-system');
  expect(directory.podNamed(directory.clusters, 'shop', 'web-1')?.dynatrace).toEqual([['team', 'blue']]);
  const { kind: _, ...bare } = pod('web-2', '10.1.1.4');
  const pods = directoryOf({ kind: 'PodList', apiVersion: 'v1', items: [bare] });
  expect(pods.podNamed(pods.clusters, 'shop', 'web-2')?.uid).toBe('uid-web-2');
});

it.each<[string, object, RegExp]>([
  ['no pods', list({ kind: 'Service' }), /no pods or nodes; save what kubectl/],
  ['an object of another form', list({ kind: 'Pod', metadata: {} }), /items\[0\]: not a Pod/],
  ['names of prototypes', list({ kind: 'constructor' }, { kind: '__proto__' }), /no pods or nodes/],
  ['too many objects', { ...list(), items: new Array(200_001).fill({}) }, /more than 200000 objects/],
])('refuses %s', (_, json, fault) => {
  const file = parseDirectoryFile(json, DEFAULT_SETTINGS);
  expect(file.ok ? '' : file.faults).toMatch(fault);
});

it('is read as PowerShell writes it', async () => {
  const path = join(folder, 'pods.json');
  writeFileSync(path, Buffer.from(`\uFEFF${JSON.stringify(printed)}`, 'utf16le'));
  const source = createDirectorySource({ ...DEFAULT_SETTINGS, directoryFile: path });
  expect(source.begin(0).health()).toMatchObject([{ source: 'file', size: 5, lastError: undefined }]);
});
