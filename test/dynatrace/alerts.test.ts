import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { runQuery } from './dql/evaluate.ts';
import { parseQuery } from './dql/parse.ts';
import { type DnsRecord, metricsOf, readJson, recordsOf, SHAPES } from './tenant.ts';

type Detector = {
  value: {
    title: string;
    analyzer: { input: { key: string; value: string }[] };
    eventTemplate: { properties: { key: string; value: string }[] };
  };
};

const NAMES = readdirSync('dynatrace/alerts').map((file) => file.replace('.json', ''));
const [query = {}] = recordsOf('pair');
const [block = {}] = recordsOf('sample-09-firewall-block').filter(
  (record) => record['aws.route53.firewall.action'] === 'BLOCK',
);

/** `count` queries in each of 20 minutes, as one record per minute. */
const perMinute = (count: number, members: DnsRecord, of: DnsRecord = query): DnsRecord[] =>
  Array.from({ length: 20 }, (_, minute) => ({
    ...of,
    timestamp: `2026-11-20T10:${String(minute + 10)}:30.000Z`,
    'dns.query.count': count,
    ...members,
  }));

const QUIET = perMinute(500, {});
const BAD: Readonly<Record<string, readonly DnsRecord[]>> = {
  'nxdomain-storm': perMinute(1001, { 'dns.response_code': 'NXDOMAIN' }),
  'servfail-share': perMinute(27, { 'dns.response_code': 'SERVFAIL' }),
  'tunnelling-suspect': perMinute(51, { 'dns.signals': ['hex-label'] }),
  'firewall-block': perMinute(1, {}, block),
  'unattributed-share': [
    ...perMinute(100, { 'dns.client.attribution': 'none' }),
    ...perMinute(30, { 'dns.client.attribution': 'ambiguous' }),
  ],
};
/** What looks like it and is not. */
const HARMLESS: readonly DnsRecord[] = [
  ...perMinute(5000, { 'dns.response_code': 'NXDOMAIN', 'dns.question.category': 'search-expansion' }),
  ...perMinute(20, { 'dns.response_code': 'SERVFAIL' }),
  ...perMinute(99, { 'dns.client.attribution': 'none', 'k8s.cluster.name': 'small' }),
];

/** Whether a detector raises an event for these records. */
function isRaised(name: string, records: readonly DnsRecord[]): boolean {
  const { value } = readJson(`dynatrace/alerts/${name}.json`) as Detector;
  const input = Object.fromEntries(value.analyzer.input.map(({ key, value: text }) => [key, text]));
  const metrics = metricsOf(records.map(SHAPES['with the processor']));
  const series = runQuery(parseQuery(input.query ?? ''), { logs: [], metrics, now: new Date(0) });
  if (series.length === 0) return input.alertOnMissingData === 'true';
  const isViolated = (sample: unknown): boolean =>
    input.alertCondition === 'ABOVE'
      ? Number(sample) > Number(input.threshold)
      : Number(sample) < Number(input.threshold);
  return series.some((row) =>
    Object.values(row)
      .filter(Array.isArray)
      .some((samples) => {
        const last = samples.slice(-Number(input.slidingWindow));
        return last.filter(isViolated).length >= Number(input.violatingSamples);
      }),
  );
}

describe.each(NAMES)('%s', (name) => {
  const { value } = readJson(`dynatrace/alerts/${name}.json`) as Detector;

  it('is raised when it should be, and not by usual traffic', () => {
    const bad = BAD[name] === undefined ? [] : [...QUIET, ...BAD[name]];
    expect(isRaised(name, bad)).toBe(true);
    expect(isRaised(name, [...QUIET, ...HARMLESS])).toBe(false);
  });

  it('analyses one series per place, minute by minute, without scanning logs', () => {
    const text = value.analyzer.input.find(({ key }) => key === 'query')?.value ?? '';
    expect(text).toMatch(/^timeseries [^|]* interval: 1m$/m);
    expect(text).not.toContain('fetch');
    const rows = runQuery(parseQuery(text), {
      logs: [],
      metrics: metricsOf([...QUIET, ...(BAD[name] ?? [])].map(SHAPES['with the processor'])),
      now: new Date(0),
    });
    for (const row of rows) expect(Object.values(row).filter(Array.isArray)).toHaveLength(1);
  });

  it('describes the event by dimensions that its query has', () => {
    const text = JSON.stringify(value.eventTemplate);
    const dimensions = [...text.matchAll(/\{dims:([\w.]+)\}/g)].map(([, dimension]) => dimension);
    const inputText = JSON.stringify(value.analyzer.input);
    for (const dimension of dimensions) expect(inputText).toContain(`${dimension}`);
    expect(value.eventTemplate.properties.map(({ key }) => key)).toEqual([
      'event.type',
      'event.name',
      'event.description',
    ]);
  });
});
