import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { allowListCommand } from '../../../src/cli/commands/allow-list.ts';
import { transformCommand } from '../../../src/cli/commands/transform.ts';
import { runCommand } from '../../support/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'allow-list-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Members = Readonly<Record<string, unknown>>;
let files = 0;
function fileOf(records: readonly Members[]): string {
  const file = join(folder, `records-${files++}.ndjson`);
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return file;
}
const run = (records: readonly Members[] | string, ...args: string[]) =>
  runCommand(allowListCommand(), [typeof records === 'string' ? records : fileOf(records), ...args]);
async function listOf(records: readonly Members[], ...args: string[]) {
  const { stdout, stderr } = await run(records, '--json', '--at-least-hours', '0', ...args);
  return stdout === '' ? { stderr } : JSON.parse(stdout);
}

const VPC = 'vpc-0a1b2c3d4e5f60718';
const query = (name: string, members: Members = {}) => ({
  timestamp: '2026-01-05T00:00:00.000Z',
  'log.source': 'coredns',
  'dns.question.name': name,
  'dns.question.type': 'A',
  'dns.question.category': 'external',
  'dns.response_code': 'NOERROR',
  'dns.client.kind': 'pod',
  'dns.client.attribution': 'exact',
  'k8s.cluster.name': 'green',
  'k8s.namespace.name': 'mail',
  'k8s.workload.kind': 'deployment',
  'k8s.workload.name': 'relay',
  'k8s.pod.name': 'relay-1',
  'aws.vpc.id': VPC,
  ...members,
});
const resolver = (name: string, members: Members = {}) =>
  query(name, {
    'log.source': 'aws.vpcdnsquerylogs',
    'dns.client.kind': 'instance',
    'k8s.pod.name': undefined,
    ...members,
  });
const vpcDomains = (list: { vpcs?: { list: { entries: string[] } }[] }) => list.vpcs?.[0]?.list.entries;

describe('the records of the demo', () => {
  it('are allowed but for what carries a signal', async () => {
    const records: Members[] = [];
    for (const event of readdirSync('events').filter((name) => /^\d\d-/.test(name))) {
      const { stdout } = await runCommand(transformCommand(), [
        '-d',
        'events/directory.json',
        '-f',
        'ndjson',
        `events/${event}`,
      ]);
      records.push(
        ...stdout
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      );
    }
    expect(records.length).toBe(2024);
    const list = await listOf(records);
    const signalled = new Set(
      records
        .filter((record) => record['dns.signals'] !== undefined)
        .map((record) => record['dns.question.name']),
    );
    expect(signalled.size).toBe(5);
    expect(new Set(list.blocked.blocked.map(({ name }: { name: string }) => name))).toEqual(signalled);
    expect(JSON.stringify([list.policies, list.vpcs])).not.toContain('example.net');
    expect(list.policies.map(({ workload }: { workload: string }) => workload).sort()).toEqual([
      'checkout',
      'invoice-batch',
      'kafka',
      'report-renderer',
      'storefront',
    ]);
  });
});

describe('a name', () => {
  it.each<[string, readonly Members[], unknown]>([
    [
      'is left out with the whole domain of a tunnel',
      [query('a.evil.example', { 'dns.signals': ['hex-label'] }), query('evil.example')],
      [],
    ],
    [
      'is left out alone for any other signal',
      [query('a.example.org', { 'dns.signals': ['txt-answer'] }), query('example.org')],
      ['example.org'],
    ],
    [
      'is left out in every record, if one has the signal',
      [query('a.example.org'), resolver('a.example.org', { 'dns.signals': ['firewall-alert'] })],
      [],
    ],
    [
      'is not left out for the way in which it was asked',
      [resolver('a.example.org', { 'dns.signals': ['bypasses-coredns'] })],
      ['a.example.org'],
    ],
    [
      'of the cluster does not reach the VPC',
      [query('web.mail.svc.cluster.local', { 'dns.question.category': 'cluster' })],
      undefined,
    ],
    [
      'of the cluster that reached it is listed',
      [resolver('web.mail.svc.cluster.local')],
      ['*.cluster.local'],
    ],
    ['of a node is listed', [resolver('node.example.org')], ['node.example.org']],
    ['of a public zone is not', [query('example.org', { 'log.source': 'aws.route53.public' })], undefined],
    ['is in lower case, without final dot', [resolver('API.Example.ORG.')], ['api.example.org']],
    [
      'stands for the look-up of several',
      [
        query('api.example.org', {
          'dns.query.suffixes': ['mail.svc.cluster.local', 'corp.example.edu'],
          'dns.query.count': 3,
        }),
      ],
      ['api.example.org.corp.example.edu', 'api.example.org'],
    ],
    [
      'without a VPC is of the VPC of its cluster',
      [query('a.example.org', { 'aws.vpc.id': undefined }), query('b.example.org')],
      ['a.example.org', 'b.example.org'],
    ],
    [
      'with a text for a VPC is of the only VPC',
      [
        resolver('a.example.org', { 'aws.vpc.id': '../../x', 'k8s.cluster.name': undefined }),
        query('b.example.org'),
      ],
      ['a.example.org', 'b.example.org'],
    ],
  ])('%s', async (_, records, expected) => {
    expect(vpcDomains((await listOf(records)) as never)).toEqual(expected);
  });

  it('of a signal that is ignored stays', async () => {
    const records = [resolver('a.example.org', { 'dns.signals': ['firewall-alert'] })];
    expect(vpcDomains((await listOf(records, '--ignore-signal', 'firewall-alert')) as never)).toEqual([
      'a.example.org',
    ]);
  });

  it('below a domain that is told is a wildcard, whatever its signals', async () => {
    const records = [resolver('x.t.example.org', { 'dns.signals': ['long-name'] })];
    expect(vpcDomains((await listOf(records, '--wildcard', '*.Example.org')) as never)).toEqual([
      '*.example.org',
    ]);
  });

  it('that is left out is not covered by a wildcard', async () => {
    const names = Array.from({ length: 40 }, (_, i) => query(`h${i}.example.org`));
    const folded = await listOf(names);
    expect(vpcDomains(folded as never)).toEqual(['*.example.org']);
    const list = await listOf([...names, query('bad.example.org', { 'dns.signals': ['firewall-block'] })]);
    expect(vpcDomains(list as never)).toHaveLength(40);
    expect(list.blocked.blocked).toMatchObject([
      { name: 'bad.example.org', cause: 'signal', reason: 'firewall-block' },
    ]);
  });

  it('of what may be a slow tunnel is written as it is', async () => {
    const list = await listOf(Array.from({ length: 120 }, (_, i) => query(`h${i}.example.org`)));
    expect(vpcDomains(list as never)).toHaveLength(120);
    expect(list.slowTunnels).toEqual([{ domain: 'example.org', names: 120, queries: 120 }]);
  });
});

it('keeps a bounded number of names per domain, and folds those of the network', async () => {
  const many = (suffix: string) => Array.from({ length: 10_050 }, (_, i) => resolver(`h${i}.${suffix}`));
  const list = await listOf([
    ...many('example.org'),
    ...many('2.10.in-addr.arpa'),
    resolver('ok.example.com'),
  ]);
  expect(vpcDomains(list as never)).toEqual(['*.10.in-addr.arpa', 'ok.example.com']);
  expect(list.leftOut).toHaveLength(10_000);
  expect(list.leftOut[0].reason).toBe('more than 10000 names below example.org');
});

describe('policies', () => {
  it('are written per workload, with the label of its pods and the search expansions of its names', async () => {
    const out = join(folder, 'out');
    const labels = { 'k8s.pod.label.app.kubernetes.io/name': 'mail-relay' };
    await listOf(
      [
        query('mx.example.org', labels),
        query('cluster-only', { 'dns.question.category': 'single-label', ...labels }),
      ],
      '--out',
      out,
    );
    const policy = parse(readFileSync(join(out, 'cilium/green/mail-deployment-relay.yaml'), 'utf8'));
    expect(policy.metadata).toEqual({ name: 'dns-deployment-relay', namespace: 'mail' });
    expect(policy.spec.endpointSelector.matchLabels).toEqual({ 'k8s:app.kubernetes.io/name': 'mail-relay' });
    expect(policy.spec.egress[0].toPorts[0].rules.dns).toEqual([
      { matchName: 'cluster-only' },
      { matchPattern: '*.cluster.local' },
      { matchPattern: '*.*.cluster.local' },
      { matchPattern: '*.*.*.cluster.local' },
      { matchPattern: '*.*.*.*.cluster.local' },
      { matchPattern: '*.*.*.*.*.cluster.local' },
      { matchName: 'mx.example.org' },
    ]);
    expect(policy.spec.egress.at(-1)).toEqual({ toFQDNs: [{ matchName: 'mx.example.org' }] });
    const template = parse(readFileSync(join(out, `dns-firewall/${VPC}.yaml`), 'utf8'));
    expect(template.Resources.AllowedDomains.Properties.Domains).toEqual(['cluster-only', 'mx.example.org']);
    const rules = template.Resources.RuleGroup.Properties.FirewallRules;
    expect(rules.map(({ Action }: { Action: string }) => Action)).toEqual(['ALLOW', 'ALERT']);
  });

  it('name no connection for names that only have other types', async () => {
    const list = await listOf([query('_dmarc.example.org', { 'dns.question.type': 'TXT' })]);
    expect(list.policies[0].dns.entries).toContain('_dmarc.example.org');
    expect(list.policies[0].fqdns.entries).toEqual([]);
  });

  it.each([
    ['no pod is known', { 'dns.client.attribution': 'ambiguous' }, 0],
    ['CoreDNS asks itself', { 'dns.client.kind': 'coredns' }, 0],
    ['the pod is inferred', { 'dns.client.attribution': 'inferred' }, 1],
    ['the pod has no controller', { 'k8s.workload.kind': undefined, 'k8s.workload.name': undefined }, 1],
  ])('where %s: %#', async (_, members, expected) => {
    expect((await listOf([query('a.example.org', members)])).policies).toHaveLength(expected);
  });

  it('never refuse nothing where no name is allowed', async () => {
    const out = join(folder, 'none');
    await listOf([query('a.example.org', { 'dns.signals': ['firewall-block'] })], '--out', out);
    const policy = parse(readFileSync(join(out, 'cilium/green/mail-deployment-relay.yaml'), 'utf8'));
    expect(policy.spec.egress[0].toPorts[0].rules.dns).toEqual([{ matchName: 'cluster.local' }]);
  });

  it.each([
    ['../../../etc', 'x'],
    ['mail', '..\\..\\x'],
    ['mail\nkind: Pod', 'relay'],
    ['mail', 'relay"}'],
  ])('are not written for the namespace %j and the workload %j', async (namespace, name) => {
    const out = join(folder, `hostile-${files}`);
    const record = query('a.example.org', {
      'k8s.namespace.name': namespace,
      'k8s.workload.name': name,
      'k8s.cluster.name': '../../..',
    });
    const { stderr, code } = await run([record], '--at-least-hours', '0', '--out', out);
    expect(code).toBe(0);
    expect(stderr).toContain('1 workload(s) skipped');
    expect(readdirSync(out, { recursive: true }).sort()).toEqual([
      'dns-firewall',
      `dns-firewall/${VPC}.yaml`,
    ]);
  });
});

describe('a second log', () => {
  it('is tested, with a failure for names that carry no signal', async () => {
    const second = fileOf([
      query('a.example.org'),
      query('new.example.org'),
      query('x.example.org', { 'dns.signals': ['txt-answer'] }),
      query('b.example.org', { 'k8s.workload.name': 'other', 'k8s.pod.name': 'other-1' }),
    ]);
    const first = fileOf([query('a.example.org')]);
    const { stdout, code } = await run(first, '--at-least-hours', '0', '--test', second);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /second log:\n(?:.*\n)*new\.example\.org +1 +mail\/deployment\/relay and 1 more +not in the records/,
    );
    expect(stdout).toMatch(/x\.example\.org .* txt-answer/);
    expect(stdout).toContain('1 workload(s) have no policy');
    expect((await run(first, '--at-least-hours', '0', '--test', first)).code).toBe(0);
  });
});

describe('input of too short a time is refused', () => {
  const at = (hour: number) =>
    query('a.example.org', { timestamp: new Date(Date.UTC(2026, 0, 1, hour)).toISOString() });
  it.each([
    ['nothing', [], [], /no record with a question/],
    ['a day', [at(0), at(24)], [], /are of 24\.0 hours, not of 168/],
    ['two records a week apart', [at(0), at(168)], [], /only 2 hours have records, not half of 168/],
    ['an hour', [at(0), at(1)], ['--at-least-hours', '2'], /are of 1\.0 hours, not of 2/],
  ])('%s', async (_, records, args, message) => {
    const { code, stdout, stderr } = await run(records, ...args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('a week is accepted', async () => {
    const { code, stderr } = await run(
      Array.from({ length: 169 }, (_, hour) => at(hour)).filter((_, hour) => hour % 9 !== 1),
    );
    expect(code).toBe(0);
    expect(stderr).toContain('18 of 168 hours have no record');
  });
});

it.each([
  [['--fold', '1'], /a number from 2/],
  [['--wildcard', 'a b.example'], /not a domain/],
  [['--selector-label', 'a"b'], /key of a label/],
  [['--from', 'yesterday'], /Expected 7d/],
  [['absent.ndjson'], /cannot read absent\.ndjson/],
])('%j is a usage error', async (args, message) => {
  const { code, stderr } = await runCommand(allowListCommand(), args);
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
