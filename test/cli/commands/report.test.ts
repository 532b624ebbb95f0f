import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { reportCommand } from '../../../src/cli/commands/report.ts';
import { createSummariser } from '../../../src/cli/lib/report/summarise.ts';
import { HOSTILE_TEXTS, hostileRecords } from '../../support/hostile-texts.ts';
import { runCommand } from '../../support/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Members = Readonly<Record<string, unknown>>;
let files = 0;
async function pageOf(records: readonly Members[], ...args: string[]): Promise<string> {
  const file = join(folder, `records-${files++}.ndjson`);
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const { stdout, code } = await runCommand(reportCommand(), [file, '--out', '-', ...args]);
  expect(code).toBe(0);
  return stdout;
}

const at = (second: number) => new Date(Date.UTC(2026, 0, 5, 9, 0, second)).toISOString();
const query = (name: string, members: Members = {}) => ({
  timestamp: at(0),
  'log.source': 'coredns',
  'dns.question.name': name,
  'dns.question.type': 'A',
  'dns.question.category': 'external',
  'dns.response_code': 'NOERROR',
  duration: 2_000_000,
  'dns.client.kind': 'pod',
  'dns.client.attribution': 'exact',
  'k8s.cluster.name': 'green',
  'k8s.namespace.name': 'mail',
  'k8s.workload.name': 'relay',
  'k8s.pod.name': 'relay-1',
  ...members,
});
const forwarded = (name: string, members: Members = {}) =>
  query(name, {
    'log.source': 'aws.vpcdnsquerylogs',
    'dns.client.kind': 'coredns',
    'k8s.pod.name': 'coredns-1',
    ...members,
  });

const BASE64_NAME = `${Buffer.from('User=Root; Pass=Hunter2').toString('base64url')}.t.evil.example`;
const BASE64_MEMBERS = {
  'dns.signals': ['high-entropy'],
  'dns.question.registered_domain': 't.evil.example',
};
const BASE64 = query(BASE64_NAME.toLowerCase(), BASE64_MEMBERS);

/** The visible text of a page: tags out, entities back. */
const textIn = (page: string): string =>
  page
    .slice(page.indexOf('<body>'))
    .replace(/<[^>]*>/g, ' ')
    .replace(
      /&(lt|gt|quot|amp|#39|#96);/g,
      (_, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'", '#96': '`' })[name] ?? '',
    )
    .replace(/\s+/g, ' ');

describe('the page shows', () => {
  it.each<[string, readonly Members[], RegExp]>([
    [
      'who asked for what',
      [query('a.example.org'), query('a.example.org'), query('b.example.org')],
      /mail\/relay 3 queries \(100 %\), 2 names .*a\.example\.org 2 b\.example\.org 1/,
    ],
    [
      'what records stand for',
      [query('a.example.org', { 'dns.query.count': 40 })],
      /40 queries .*mail\/relay 40 queries/,
    ],
    [
      'no query twice that CoreDNS forwarded',
      [query('a.example.org'), forwarded('a.example.org')],
      /^ DNS report .* 1 queries 1 clients/,
    ],
    [
      'forwarded queries, if there is nothing else',
      [forwarded('a.example.org')],
      /1 queries 1 clients .*CoreDNS 1 query/,
    ],
    [
      'the data in names',
      [
        query(`1.${Buffer.from('id=0(root) ').toString('hex')}.t.evil.example`, {
          'dns.signals': ['hex-label'],
          'dns.question.registered_domain': 'evil.example',
          timestamp: at(2),
        }),
        query(`0.${Buffer.from('id: whoami ').toString('hex')}.t.evil.example`, {
          'dns.signals': ['hex-label'],
          'dns.question.registered_domain': 'evil.example',
          timestamp: at(1),
        }),
      ],
      /evil\.example mail\/relay · 2 queries \(A\) · 2 names · 2026-01-05 09:00:01 to 09:00:02, 1 second hex-label id: whoami id=0\(root\) Decoded from hex: 22 bytes, text/,
    ],
    [
      'base64 with the capitals that only Route 53 logs',
      [
        BASE64,
        forwarded(BASE64_NAME.toLowerCase(), {
          ...BASE64_MEMBERS,
          'dns.question.name_as_asked': BASE64_NAME,
        }),
      ],
      /t\.evil\.example mail\/relay .* User=Root; Pass=Hunter2 Decoded from base64url/,
    ],
    [
      'TXT answers, with who asked',
      [
        query('c.evil.example', { 'dns.question.type': 'TXT' }),
        forwarded('c.evil.example', {
          'dns.answers.data': ['"cmd:6c73202d6c61"', '192.0.2.1'],
          'dns.answers.type': ['TXT', 'A'],
          'dns.signals': ['txt-answer'],
        }),
      ],
      /c\.evil\.example "cmd:6c73202d6c61" hex: ls -la mail\/relay 1/,
    ],
    [
      'firewall hits, with who asked',
      [query('m.evil.example'), forwarded('m.evil.example', { 'aws.route53.firewall.action': 'BLOCK' })],
      /m\.evil\.example BLOCK mail\/relay 2026-01-05 09:00:00 1/,
    ],
    [
      'the waste of ndots',
      [
        query('a.example.org'),
        query('a.example.org.mail.svc.cluster.local', {
          'dns.question.category': 'search-expansion',
          'dns.question.intended_name': 'a.example.org',
          content: 'x'.repeat(700),
        }),
      ],
      /To save: 1 of 2 queries \(50 %\) and about 2 kB of records.*mail a\.example\.org 1 2 50 %/,
    ],
    [
      'the waste in look-ups of several names',
      [query('a.example.org', { 'dns.query.count': 4, 'dns.query.suffixes': ['a', 'b', 'c'] })],
      /To save: 3 of 4 queries \(75 %\).*Kinds of names .*search-expansion 3 75 % external 1 25 % Response codes .*NXDOMAIN 3 75 % NOERROR 1 25 %/,
    ],
    [
      'failures by upstream',
      [
        query('a.example.org', { 'dns.upstream': '192.0.2.53:53' }),
        query('a.example.org', {
          'dns.upstream': '192.0.2.53:53',
          'dns.response_code': 'SERVFAIL',
          'event.reason': 'read udp 10.0.0.9:4242->192.0.2.53:53: i/o timeout',
        }),
      ],
      /192\.0\.2\.53:53 2 1 0 i\/o timeout \(1\) [\d.]+ ms/,
    ],
    [
      'who is not known',
      [
        query('a.example.org', {
          'k8s.pod.name': undefined,
          'dns.client.kind': 'unknown',
          'dns.client.attribution': 'none',
          'client.ip': '192.0.2.9',
        }),
      ],
      /100 % unattributed .*192\.0\.2\.9 \(unknown\) 1/,
    ],
    ['nothing', [], /No records\./],
  ])('%s', async (_, records, expected) => {
    expect(textIn(await pageOf(records))).toMatch(expected);
  });
});

describe('hostile texts', () => {
  it('are shown as text, in a page that has no script and may not have one', async () => {
    const page = await pageOf(hostileRecords(), '--title', HOSTILE_TEXTS[2] ?? '');
    const tags = new Set([...page.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag));
    expect(
      [...tags].filter((tag) =>
        /script|img|iframe|base|link|^a$|object|embed|form|image|use|foreignobject/i.test(tag ?? ''),
      ),
    ).toEqual([]);
    expect(page).not.toMatch(/<[^>]*\s(?:on\w+|style|href|src|xlink:href)\s*=/i);
    expect(page.match(/<style>/g)).toHaveLength(1);
    for (const text of HOSTILE_TEXTS.slice(0, 12)) expect(textIn(page)).toContain(text.replace(/\s+/g, ' '));
    expect(page).not.toMatch(
      /[^\P{Cc}\n]|[\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u,
    );
  });

  it('leave the policy as it is: nothing but the style sheet of the page', async () => {
    const page = await pageOf(hostileRecords());
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;">`,
    );
  });
});

it('is collected in bounded memory', () => {
  const { add, summary } = createSummariser();
  for (let i = 0; i < 60_000; i++)
    add(
      query(`n${i}.evil${i % 5000}.example`, {
        'k8s.workload.name': `w${i % 4000}`,
        'k8s.namespace.name': `ns${i % 3000}`,
        'dns.upstream': `u${i}`,
        'dns.signals': ['hex-label'],
        'dns.response_code': `R${i}`,
        'aws.route53.firewall.action': `A${i}`,
        'dns.answers.data': [`t${i}`],
        'dns.answers.type': ['TXT'],
      }),
    );
  expect(summary.clients.size).toBeLessThanOrEqual(1001);
  expect(summary.upstreams.size).toBeLessThanOrEqual(201);
  expect(summary.namespaces.size).toBeLessThanOrEqual(1001);
  expect([summary.textAnswers.size, summary.firewall.size]).toEqual([2000, 2000]);
  expect(summary.responseCodes.size()).toBeLessThanOrEqual(200);
});

it('is written to a file, and says what was ignored', async () => {
  const [file, out] = [join(folder, 'some.ndjson'), join(folder, 'page.html')];
  writeFileSync(file, `${JSON.stringify(query('a.example.org'))}\nsomething else\n`);
  const { stdout, stderr, code } = await runCommand(reportCommand(), [file, '--out', out]);
  expect({ stdout, code }).toEqual({ stdout: '', code: 0 });
  expect(stderr).toMatch(/1 line\(s\) ignored[\s\S]*1 records in .*page\.html \(\d+ kB\)/);
  expect(readFileSync(out, 'utf8')).toMatch(/^<!doctype html>/);
});
