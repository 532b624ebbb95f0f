import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { runCli } from '../../support/cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'directory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const STARTED = '2026-02-03T04:05:06Z';
const PRINTED = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      kind: 'Pod',
      metadata: {
        namespace: 'lab',
        name: 'probe-0',
        uid: 'u0',
        labels: { team: 'green', other: 'x' },
        ownerReferences: [{ kind: 'StatefulSet', name: 'probe', controller: true }],
      },
      spec: { nodeName: 'k3s-1' },
      status: {
        phase: 'Running',
        podIPs: [{ ip: '10.42.0.9' }],
        containerStatuses: [{ state: { running: { startedAt: STARTED } } }],
      },
    },
    { kind: 'Node', metadata: { name: 'k3s-1', uid: 'n1', creationTimestamp: '2026-01-01T00:00:00Z' } },
  ],
});
const LINE = '[INFO] 10.42.0.9:4000 - 7 "A IN a.example. udp 40 false 512" NOERROR qr,rd,ra 80 0.0001s';

it('writes a small file that names the same pods as the output itself', () => {
  const { code, stdout, stderr } = runCli(['make-directory', '--vpc', 'vpc-1'], PRINTED, {
    POD_LABELS: 'team',
  });
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /1 pods and 1 nodes, as they were at 2026-02-03T04:05:06.000Z\nwarning: .*--cluster/,
  );
  expect(JSON.parse(stdout)).toEqual({
    clusters: [{ name: '', vpcId: 'vpc-1' }],
    takenAt: '2026-02-03T04:05:06.000Z',
    nodes: [{ name: 'k3s-1', ips: [], startTime: '2026-01-01T00:00:00.000Z' }],
    pods: [
      {
        namespace: 'lab',
        name: 'probe-0',
        uid: 'u0',
        ips: ['10.42.0.9'],
        node: 'k3s-1',
        startTime: '2026-02-03T04:05:06.000Z',
        owner: { kind: 'StatefulSet', name: 'probe' },
        labels: { team: 'green' },
      },
    ],
    namespaces: [],
  });
  const records = [stdout, PRINTED].map((text, index) => {
    const path = join(folder, `${index}.json`);
    writeFileSync(path, text);
    const { stdout: record } = runCli(['transform', '-f', 'ndjson', '-d', path], LINE, {
      POD_LABELS: 'team',
    });
    return { ...JSON.parse(record), timestamp: undefined };
  });
  expect(records[0]).toMatchObject({
    'k8s.pod.name': 'probe-0',
    'k8s.workload.name': 'probe',
    'k8s.pod.label.team': 'green',
    'dns.client.attribution': 'inferred',
  });
  expect(records[0]).not.toHaveProperty('k8s.cluster.name');
  expect(records[1]).toEqual({ ...records[0], 'aws.vpc.id': undefined });
});

it('takes name, account and Region from an ARN', () => {
  const arn = 'arn:aws:eks:eu-north-1:444455556666:cluster/lab';
  const { stdout, stderr } = runCli(['make-directory', '-c', arn], PRINTED);
  expect(JSON.parse(stdout).clusters).toEqual([
    { name: 'lab', arn, region: 'eu-north-1', accountId: '444455556666' },
  ]);
  expect(stderr).not.toContain('warning');
  expect(JSON.parse(runCli(['make-directory', '-c', 'lab'], PRINTED).stdout).clusters).toEqual([
    { name: 'lab' },
  ]);
});

it.each([
  ['', 2, /stdin is empty/],
  ['NAME READY\nweb-1 1/1', 2, /not a list of Kubernetes objects\nfix: .*kubectl get pods,nodes -A -o json/],
  ['{"kind":"List","items":[{"kind":"Pod"}]}', 1, /items\[0\]: not a Pod/],
])('refuses %j', (input, code, message) => {
  const run = runCli(['make-directory'], input);
  expect([run.code, run.stdout]).toEqual([code, '']);
  expect(run.stderr).toMatch(message);
});
