import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { runProcessor } from './dql/evaluate.ts';
import { parseQuery } from './dql/parse.ts';
import {
  arrived,
  type DnsRecord,
  filled,
  matches,
  metricsOf,
  PIPELINE,
  processed,
  RECORD_KEY,
  readJson,
  recordsOf,
  SHAPES,
} from './tenant.ts';

const [processor] = PIPELINE.processing?.processors ?? [];
if (processor === undefined) throw new Error('the pipeline has a processor');
const { matcher, sampleData = '' } = processor;
const script = processor.dql?.script ?? '';
const content: string = JSON.parse(sampleData).content;

/** Events of golden outputs, as Dynatrace receives them in `content`. */
const eventsOf = (...cases: readonly string[]): string[] =>
  cases.flatMap((name) =>
    (readJson(`test/golden/${name}/expected.json`) as { events?: unknown[] }[])
      .flatMap(({ events }) => events ?? [])
      .map((event) => (typeof event === 'string' ? event : JSON.stringify(event))),
  );
const EVENTS = eventsOf('pair', 'sample-03-container-insights', 'sample-04-mixed-applications');
const isRecord = (event: string): boolean =>
  event.startsWith('{') && 'dns.client.attribution' in JSON.parse(event);
/** Records of a function with the key, one of them read back from the backup bucket. */
const KEYED = eventsOf('record-key').filter(isRecord);

const isMatch = (text: string, keys?: readonly string[]): boolean =>
  matches(keys === undefined ? matcher : filled(matcher, keys), arrived(text));

describe('the settings object', () => {
  it('is a pipeline, whose first processor lifts the record', () => {
    const [object] = readJson('dynatrace/openpipeline-processor.json') as Record<string, unknown>[];
    expect(object).toMatchObject({
      schemaId: 'builtin:openpipeline.logs.pipelines',
      scope: 'environment',
      value: { customId: 'pipeline_eks_dns', displayName: 'EKS DNS' },
    });
    expect(processor.id).toBe('processor_eks_dns_record');
  });

  it('stays within the limits of Dynatrace', () => {
    expect(Buffer.byteLength(script)).toBeLessThan(8192);
    expect(sampleData.length).toBeLessThan(8192);
    const keys = Array.from({ length: 12 }, (_, i) => `${i}`.padStart(64, '0'));
    expect(filled(matcher, keys).length).toBeLessThan(4096);
  });

  it('has a sample that is a normalised record', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      readJson('dynatrace/record.schema.json') as object,
    );
    expect([validate(JSON.parse(content)), validate.errors]).toEqual([true, null]);
  });

  it('has a valid id, and one of ours, for every processor', () => {
    const ids = Object.values(PIPELINE).flatMap((stage) => (stage.processors ?? []).map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(5);
    for (const id of ids) expect(id).toMatch(/^processor_eks_dns_\w{3,80}$/);
  });
});

describe('the matcher', () => {
  it('matches nothing as long as the placeholder is not filled, not even the placeholder', () => {
    for (const text of [content, ...EVENTS, ...KEYED]) expect(isMatch(text)).toBe(false);
  });

  it('with the key of the function: matches its records and no imitation', () => {
    expect(KEYED).toHaveLength(2);
    const keys = [RECORD_KEY];
    for (const text of [...KEYED, content.replace('<RECORD_KEY>', RECORD_KEY)])
      expect(isMatch(text, keys)).toBe(true);
    // What pods can print: the same records without the key, or with another.
    for (const text of EVENTS) expect(isMatch(text, keys)).toBe(false);
    for (const text of KEYED)
      expect(isMatch(text.replace(RECORD_KEY, RECORD_KEY.replace('f', 'e')), keys)).toBe(false);
  });

  it('matches JSON that Dynatrace printed again, whatever it begins with', () => {
    for (const text of KEYED) {
      const members = Object.entries(JSON.parse(text) as object);
      for (const order of [members, members.toReversed(), members.toSorted()])
        for (const space of [0, 1, 2])
          expect(isMatch(JSON.stringify(Object.fromEntries(order), null, space), [RECORD_KEY])).toBe(true);
    }
  });

  it('does not match a record inside the text of another', () => {
    for (const text of KEYED) {
      const quoted = { timestamp: '2026-11-20T10:00:00.000Z', msg: text, 'dns.client.attribution': 'exact' };
      expect(isMatch(JSON.stringify(quoted), [RECORD_KEY])).toBe(false);
      expect(isMatch(JSON.stringify({ timestamp: text }), [RECORD_KEY])).toBe(false);
      expect(isMatch(`restored: ${text}`, [RECORD_KEY])).toBe(false);
    }
  });

  it('with several keys: matches the records of any', () => {
    const keys = ['fedcba9876543210', RECORD_KEY, '0123456789abcdef'];
    for (const text of KEYED) {
      expect(isMatch(text, keys)).toBe(true);
      expect(isMatch(text.replace(RECORD_KEY, '0123456789abcdef'), keys)).toBe(true);
      expect(isMatch(text.replace(RECORD_KEY, '0123456789abcdee'), keys)).toBe(false);
    }
  });

  it('without a key: matches every record and no other line', () => {
    const others = EVENTS.filter((event) => !isRecord(event));
    expect([EVENTS.length - others.length > 5, others.length > 0]).toEqual([true, true]);
    for (const event of EVENTS) expect(isMatch(event, [])).toBe(isRecord(event));
  });
});

const CASES = ['pair', 'coredns-errors', 'coredns-lines', 'route53-firewall', 'ugly-bytes'];

describe.each(['with the processor', 'with the processor, fields that exist are kept'] as const)(
  '%s',
  (shape) => {
    it('every member of the record is an attribute, and nothing else is left', () => {
      for (const record of recordsOf(...CASES)) {
        const row = SHAPES[shape](record);
        const { timestamp, ...members } = record;
        expect(row).toEqual({
          ...members,
          timestamp: new Date(String(timestamp)),
          status: record.loglevel,
          'dns.query.count': 1,
          'aws.region': record['aws.region'] ?? 'us-east-2',
          'aws.account.id': record['aws.account.id'] ?? '444455556666',
        });
      }
    });
  },
);

describe('the processor', () => {
  const [record = {}] = recordsOf('pair');
  const lifted = (changed: DnsRecord) =>
    processed(arrived(JSON.stringify({ ...record, 'dns.key': RECORD_KEY, ...changed })));

  it('keeps the time of the log record where that of the record cannot be read', () => {
    for (const timestamp of ['yesterday', '', undefined])
      expect(lifted({ timestamp })).toMatchObject({
        timestamp: arrived('').timestamp,
        'dns.question.name': record['dns.question.name'],
      });
  });

  it.each<[DnsRecord, string]>([
    [{ content: undefined }, 'A www.example.com NOERROR'],
    [{ content: undefined, 'dns.response_code': undefined }, 'A www.example.com -'],
    [{ content: undefined, 'dns.question.name': undefined, 'event.reason': 'i/o timeout' }, 'i/o timeout'],
  ])('writes a short text where CONTENT=none left the line out: %j', (changed, expected) => {
    expect(lifted(changed).content).toBe(expected);
  });

  it('keeps the count of a record that stands for several queries', () => {
    expect(lifted({ 'dns.query.count': 7 })).toMatchObject({ 'dns.query.count': 7 });
  });

  it('leaves a text with the key that is no record as it is', () => {
    const row = arrived(`{"dns.key":"${RECORD_KEY}", cut`);
    expect(processed(row)).toMatchObject({
      content: row.content,
      timestamp: row.timestamp,
      loglevel: 'NONE',
    });
    expect(metricsOf([processed(row)])).toEqual([]);
  });

  it('takes no variable of an annotation for its own', () => {
    const env = { logs: [], now: new Date(0) };
    const commands = parseQuery(script);
    const own = new Set(commands.flatMap(({ args }) => args.flatMap(({ alias }) => alias ?? [])));
    // Names that are not below `dns.` are fields of the record, which annotations cannot set either.
    const fields = readFileSync('dynatrace/FIELDS.md', 'utf8');
    for (const name of own)
      expect(name.startsWith('dns.') || name === 'status' || fields.includes(`\`${name}\``)).toBe(true);
    expect(runProcessor(commands, arrived('no JSON'), env)).toMatchObject({ content: 'no JSON' });
  });
});

describe('metrics', () => {
  const rows = recordsOf(...CASES).map(SHAPES['with the processor']);

  it('are sums over the count of each record', () => {
    for (const { type, valueMetric } of PIPELINE.metricExtraction?.processors ?? [])
      expect([type, valueMetric?.field]).toEqual(['valueMetric', 'dns.query.count']);
    const [row = {}] = rows;
    const points = metricsOf([{ ...row, 'dns.query.count': 12 }]);
    expect(points.map(({ metric, value }) => [metric, value])).toEqual([
      ['eks_dns.queries', 12],
      ['eks_dns.attribution', 12],
    ]);
  });

  it('count errors that CoreDNS logged on lines of their own apart from queries', () => {
    const ofErrors = recordsOf('coredns-errors').map(SHAPES['with the processor']);
    const lines = ofErrors.filter(
      (row) => row['event.reason'] !== undefined && row['client.ip'] === undefined,
    );
    const count = (metric: string) => metricsOf(lines).filter((point) => point.metric === metric).length;
    expect(lines.length).toBeGreaterThan(0);
    expect([count('eks_dns.errors'), count('eks_dns.queries')]).toEqual([lines.length, 0]);
  });

  it('count a failed query and its error once each, also where the record of the query has the reason', () => {
    const both = recordsOf('why-it-failed').map(SHAPES['with the processor']);
    const queries = both.filter((row) => row['client.ip'] !== undefined);
    expect(queries.filter((row) => row['event.reason'] !== undefined).length).toBeGreaterThan(0);
    const count = (metric: string) => metricsOf(both).filter((point) => point.metric === metric).length;
    expect([count('eks_dns.queries'), count('eks_dns.errors')]).toEqual([
      queries.length,
      both.length - queries.length,
    ]);
  });

  it('have no pod, no client and no domain as a dimension', () => {
    const names = new Set(metricsOf(rows).flatMap(({ row }) => Object.keys(row)));
    expect(names.size).toBeGreaterThan(4);
    for (const name of names) expect(name).not.toMatch(/pod|client\.ip|question\.name|domain|uid/);
  });
});
