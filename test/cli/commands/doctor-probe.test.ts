import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Check } from '../../../src/cli/lib/doctor/check.ts';
import type { Manifest } from '../support/pods-stub.ts';
import { COREDNS_GROUP, probePerTest, RESOLVER_GROUP } from '../support/probe-run.ts';

const probe = probePerTest();

/** The links of a run that prints JSON, by name. */
async function linksOf(...args: readonly string[]) {
  const { code, stdout, stderr } = await probe.run('--yes', '--json', ...args);
  if (stdout === '') throw new Error(stderr);
  const { ok, unknown, checks } = JSON.parse(stdout) as { ok: boolean; unknown: number; checks: Check[] };
  const links = checks.filter(({ name }) => name.startsWith('probe: '));
  const states = Object.fromEntries(links.map(({ name, state }) => [name.slice(7), state]));
  const byName = new Map(links.map((link) => [link.name.slice(7), link]));
  return { code, ok, unknown, stderr, states, byName };
}

const NOTHING_LEFT = { running: 0, deleted: 1 };
const left = () => ({ running: probe.pods.running.size, deleted: probe.pods.deleted.length });

describe('a chain that works', () => {
  it('is followed through all links, with the seconds that each took', async () => {
    const { code, states, byName } = await linksOf(...(await probe.withDynatrace()));
    expect({ code, states }).toEqual({
      code: 0,
      states: {
        pod: 'ok',
        'CoreDNS log': 'ok',
        'Resolver log': 'ok',
        function: 'ok',
        'CoreDNS in Dynatrace': 'ok',
        'Resolver in Dynatrace': 'ok',
      },
    });
    const [pod] = probe.pods.created;
    const observed = (name: string) => byName.get(name)?.observed;
    expect(observed('pod')).toMatch(/^after 5 s, asked 10\.100\.0\.10 for eks-dns-probe-.*: NXDOMAIN$/);
    expect(observed('CoreDNS log')).toBe(
      `after 2.1 s, ${COREDNS_GROUP}: NXDOMAIN, client 172.31.47.132 (the pod)`,
    );
    expect(observed('Resolver log')).toContain(`after 6.4 s, ${RESOLVER_GROUP}: NXDOMAIN`);
    expect(observed('function')).toContain('after 38.0 s, 1 batch with 12 events of CoreDNS');
    expect(observed('CoreDNS in Dynatrace')).toBe(
      `after 71 s, NXDOMAIN, k8s.pod.name = ${pod?.metadata.name} (the probe's pod), exact`,
    );
    expect(observed('Resolver in Dynatrace')).toContain('client coredns');
    expect([...byName.values()].map(({ afterSeconds }) => afterSeconds)).toEqual([5, 2.1, 6.4, 38, 71, 71]);
    expect(left()).toEqual(NOTHING_LEFT);
  });

  it('is followed as far as there is something to ask', async () => {
    const { code, states, byName } = await linksOf('--without', 'resolver');
    expect({ code, states }).toEqual({
      code: 0,
      states: { pod: 'ok', 'CoreDNS log': 'ok', function: 'ok', Dynatrace: 'unknown' },
    });
    expect(byName.get('Dynatrace')?.observed).toBe('not asked: no environment is named');
  });

  it('has nothing but the checks in JSON', async () => {
    const { byName } = await linksOf();
    expect(Object.keys(byName.get('pod') ?? {})).toEqual(['name', 'state', 'observed', 'afterSeconds']);
  });
});

describe('a chain that is broken', () => {
  const after = ['function', 'CoreDNS in Dynatrace', 'Resolver in Dynatrace'];

  it.each<{ at: Parameters<typeof probe.broken.add>[0][]; states: Record<string, string>; says: RegExp }>([
    {
      at: ['coredns'],
      states: {
        'CoreDNS log': 'missing',
        'Resolver log': 'ok',
        function: 'ok',
        'CoreDNS in Dynatrace': 'unknown',
      },
      says: /^the name did not arrive in \/aws\/containerinsights/,
    },
    {
      at: ['resolver'],
      states: { 'CoreDNS log': 'ok', 'Resolver log': 'missing', 'CoreDNS in Dynatrace': 'ok' },
      says: /^the name did not arrive in \/aws\/vendedlogs/,
    },
    {
      at: ['function', 'dynatrace'],
      states: { 'CoreDNS log': 'ok', function: 'missing', 'CoreDNS in Dynatrace': 'missing' },
      says: /^no batch with events of CoreDNS since then \(0 others\)$/,
    },
    {
      at: ['dynatrace'],
      states: { function: 'ok', 'CoreDNS in Dynatrace': 'missing', 'Resolver in Dynatrace': 'missing' },
      says: /^the record did not arrive in time$/,
    },
    { at: ['processor'], states: { 'CoreDNS in Dynatrace': 'missing' }, says: /^a record arrived as text$/ },
    {
      at: ['attach'],
      states: { 'CoreDNS in Dynatrace': 'missing' },
      says: /^a line arrived as it was logged$/,
    },
    {
      at: ['inventory'],
      states: { 'CoreDNS in Dynatrace': 'missing' },
      says: /k8s\.pod\.name = \(none\), none$/,
    },
  ])('at $at says where', async ({ at, states, says }) => {
    for (const one of at) probe.broken.add(one);
    const dynatrace = await probe.withDynatrace();
    probe.letTimePass();
    const { code, states: found, byName } = await linksOf('--probe-seconds', '60', ...dynatrace);
    expect(code).toBe(1);
    expect(found).toMatchObject({ pod: 'ok', ...states });
    const failed = [...byName.values()].filter(({ state }) => state === 'missing');
    for (const { name, because } of failed)
      expect(because).toBe(
        at[0] === 'function' && name.includes('Dynatrace') ? 'probe: function' : undefined,
      );
    expect(failed[0]?.observed).toMatch(says);
    for (const { impact, fix } of failed) expect([impact, fix]).not.toContain(undefined);
    expect(left()).toEqual(NOTHING_LEFT);
  });

  it('asks Dynatrace no more than 30 times in ten minutes', async () => {
    probe.broken.add('dynatrace');
    const dynatrace = await probe.withDynatrace();
    probe.letTimePass();
    await linksOf(...dynatrace);
    const queries = probe.dynatrace.platform.queries.filter((query) => query.includes('eks-dns-probe-'));
    expect(queries.length).toBeGreaterThan(3);
    expect(queries.length).toBeLessThanOrEqual(30);
    expect(queries[0]).toMatch(/^fetch logs, from: now\(\) - \dm\n/);
  });

  it('at both logs is not followed any further', async () => {
    probe.broken.add('coredns').add('resolver');
    const dynatrace = await probe.withDynatrace();
    probe.letTimePass();
    const { byName, unknown } = await linksOf(...dynatrace);
    expect(after.map((name) => byName.get(name)?.because)).toEqual([
      'probe: CoreDNS log',
      'probe: CoreDNS log',
      'probe: Resolver log',
    ]);
    expect(unknown).toBe(0);
  });

  it('at a log that may not be read says so, and the rest is not followed', async () => {
    probe.answerWith({ FilterLogEvents: () => 'AccessDeniedException' });
    const { code, states, byName } = await linksOf();
    expect({ code, states }).toMatchObject({
      code: 0,
      states: { 'CoreDNS log': 'unknown', function: 'unknown' },
    });
    expect(byName.get('CoreDNS log')?.fix).toContain('--print-policy');
    expect(byName.get('function')?.because).toBe('probe: CoreDNS log');
  });

  it('with batches of other logs alone counts them', async () => {
    probe.broken.add('function');
    const batch = { event: 'batch_finished', EventsIn: 4, EventsCoreDns: 0 };
    const timestamp = Date.parse('2026-11-29T11:00:00Z');
    probe.groups.get('/aws/lambda/dns')?.push({ timestamp, message: JSON.stringify(batch) });
    probe.letTimePass();
    const { byName } = await linksOf();
    expect(byName.get('function')).toMatchObject({
      state: 'missing',
      observed: 'no batch with events of CoreDNS since then (1 other)',
    });
  });

  it('without a function names that', async () => {
    probe.answerWith({ GetFunctionConfiguration: () => 'ResourceNotFoundException' });
    const { byName } = await linksOf('--cluster', 'shop');
    expect(byName.get('CoreDNS log')?.state).toBe('ok');
    expect(byName.get('function')).toMatchObject({ state: 'unknown', because: 'function' });
  });

  it('at a token that cannot ask says so', async () => {
    const dynatrace = await probe.withDynatrace();
    process.env.DT_TOKEN = 'dt0c01.ABC';
    const { byName } = await linksOf(...dynatrace);
    expect(byName.get('Dynatrace')).toMatchObject({
      state: 'unknown',
      observed: 'not asked: an API token cannot; use a platform token',
    });
  });
});

describe('a pod that cannot ask', () => {
  const pending = (state: object) => () => ({
    status: { phase: 'Pending', containerStatuses: [{ state }] },
  });

  it.each<{ name: string; prepare: () => void; says: RegExp; deleted: number }>([
    {
      name: 'is refused',
      prepare: () => probe.pods.answers.set('POST', [403, { message: 'exceeded quota: compute' }]),
      says: /^the pod cannot be created in namespace default: 403 exceeded quota: compute$/,
      deleted: 0,
    },
    {
      name: 'has no image',
      prepare: () => {
        const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x"' };
        probe.pods.read = pending({ waiting });
      },
      says: /^the pod cannot start: ImagePullBackOff: Back-off pulling image "x"$/,
      deleted: 1,
    },
    {
      name: 'finds no node',
      prepare: () => {
        probe.letTimePass();
        const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }];
        probe.pods.read = () => ({ status: { phase: 'Pending', conditions } });
      },
      says: /^the pod has not asked in time: not scheduled: 0\/3 nodes are available$/,
      deleted: 1,
    },
    {
      name: 'has no nslookup',
      prepare: () => {
        const containerStatuses = [{ state: { terminated: { exitCode: 127 } } }];
        probe.pods.read = () => ({ status: { phase: 'Failed', containerStatuses } });
      },
      says: /^the pod failed: Failed$/,
      deleted: 1,
    },
    {
      name: 'gets no answer',
      prepare: () => {
        const message = ';; connection timed out; no servers could be reached';
        const containerStatuses = [{ state: { terminated: { exitCode: 0, message } } }];
        probe.pods.read = () => ({ status: { phase: 'Succeeded', containerStatuses } });
      },
      says: /asked for eks-dns-probe-\S+: no answer$/,
      deleted: 1,
    },
    {
      name: 'is removed by somebody',
      prepare: () => {
        probe.pods.onCreate = () => probe.pods.running.clear();
      },
      says: /^somebody else removed the pod$/,
      deleted: 0,
    },
  ])('because it $name fails the probe, and leaves nothing', async ({ prepare, says, deleted }) => {
    prepare();
    const { code, states, byName } = await linksOf();
    expect(code).toBe(1);
    expect(states).toMatchObject({ pod: 'missing', 'CoreDNS log': 'unknown', function: 'unknown' });
    expect(byName.get('pod')?.observed).toMatch(says);
    expect(byName.get('function')?.because).toBe('probe: pod');
    expect(left()).toEqual({ running: 0, deleted });
  });

  it('a pod that cannot be removed is named with the command', async () => {
    probe.pods.answers.set('DELETE', [403, { message: 'forbidden' }]);
    const { code, stderr } = await linksOf();
    expect(code).toBe(1);
    const name = probe.pods.created[0]?.metadata.name;
    expect(stderr).toContain(`kubectl --namespace default delete pod ${name}\``);
  });
});

describe('before the pod is made', () => {
  it('asks, and shows what it would make; without a terminal it makes nothing', async () => {
    const { code, stdout, stderr } = await probe.run();
    expect({ code, created: probe.pods.created }).toEqual({ code: 2, created: [] });
    expect(stderr).toContain('nothing was changed');
    expect(parse(stdout.slice(stdout.indexOf('apiVersion')))).toMatchObject({ kind: 'Pod' });
  });

  it('--dry-run prints the pod, which can do nothing and ends itself', async () => {
    const args = [
      '--dry-run',
      '--probe-namespace',
      'tools',
      '--probe-image',
      'registry.example.com/box@sha256:0a',
    ];
    const { code, stdout } = await probe.run(...args);
    expect({ code, created: probe.pods.created }).toEqual({ code: 0, created: [] });
    const manifest = parse(stdout.slice(stdout.indexOf('apiVersion'))) as Manifest;
    expect(manifest).toMatchObject({
      metadata: { namespace: 'tools' },
      spec: {
        restartPolicy: 'Never',
        activeDeadlineSeconds: 180,
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true },
        containers: [
          { image: 'registry.example.com/box@sha256:0a', resources: { limits: { memory: '16Mi' } } },
        ],
      },
    });
    const json = JSON.parse((await probe.run(...args, '--json')).stdout);
    expect(json).toMatchObject({ manifest: { kind: 'Pod' } });
  });

  it.each([
    ['a namespace that is a path', ['--probe-namespace', '../kube-system'], 'the name of a namespace'],
    ['an image with spaces', ['--probe-image', 'a b'], 'an image such as'],
    ['too little time', ['--probe-seconds', '5'], 'a number from 30 to 3600'],
    ['several clusters', ['--cluster', 'shop,shop'], 'a probe is of one cluster'],
    ['a cluster that is not there', ['--cluster', 'absent'], 'there is nothing to probe'],
  ])('refuses %s', async (_, args, message) => {
    const { code, stderr } = await probe.run('--yes', ...args);
    expect({ code, created: probe.pods.created.length }).toEqual({ code: 2, created: 0 });
    expect(stderr).toContain(message);
  });
});

it('Ctrl-C removes the pod', async () => {
  const reading = new Promise<void>((resolve) => {
    probe.pods.read = () => {
      resolve();
      return { status: { phase: 'Pending' } };
    };
  });
  await probe.serve();
  const args = ['doctor', '--stream', 'dynatrace', '--function', 'dns', '--probe', '--yes'];
  const child = spawn(process.execPath, ['dist/cli.mjs', ...args], {
    env: { ...process.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'close');
  await Promise.race([reading, ended]);
  expect(probe.pods.running.size).toBe(1);
  child.kill('SIGINT');
  const [code] = await ended;
  expect({ code, ...left() }).toEqual({ code: 1, ...NOTHING_LEFT });
  expect(stderr).toContain('interrupted; removing the pod');
});
