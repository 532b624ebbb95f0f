// Records as a Dynatrace environment holds them: before and behind the shipped pipeline.
import { readFileSync } from 'node:fs';
import { withKeys } from '../../src/cli/lib/dynatrace/record-key.ts';
import { evaluate, type MetricPoint, runProcessor } from './dql/evaluate.ts';
import { parseExpression, parseQuery } from './dql/parse.ts';
import type { Row, Value } from './dql/values.ts';

/** A normalised record, as the function writes it. */
export type DnsRecord = { readonly [name: string]: unknown };

export const RECORD_KEY = '00d1e2f3a4b5c6d7e8f9';

type Processor = {
  readonly id: string;
  readonly type: string;
  readonly matcher: string;
  readonly sampleData?: string;
  readonly dql?: { readonly script: string };
  readonly valueMetric?: { readonly metricKey: string; readonly field: string; readonly dimensions: Entry[] };
  readonly securityEvent?: { readonly fieldExtraction: { readonly include: Entry[] } };
};
type Entry = {
  readonly sourceFieldName?: string;
  readonly destinationFieldName?: string;
  readonly constantFieldName?: string;
  readonly constantValue?: string;
};
type Stages = Readonly<Record<string, { readonly processors: readonly Processor[] }>>;

export const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const stagesOf = (path: string): Stages => (readJson(path) as [{ value: Stages }])[0].value;

/** The stages of the shipped pipeline, with those of findings behind them. */
export const PIPELINE = stagesOf('dynatrace/openpipeline-processor.json');
export const FINDINGS = stagesOf('dynatrace/findings.json');

/** A matcher of the shipped pipeline as `eks-dns dynatrace apply` writes it. */
export const filled = (matcher: string, keys: readonly string[] = [RECORD_KEY]): string =>
  String(withKeys({ matcher }, keys).matcher);

/** Whether a record matches. */
export const matches = (matcher: string, row: Row): boolean =>
  evaluate(parseExpression(matcher), row, { logs: [], now: new Date(0) }) === true;

/** Records of golden cases. */
export function recordsOf(...cases: readonly string[]): DnsRecord[] {
  const events = cases.flatMap((name) =>
    (readJson(`test/golden/${name}/expected.json`) as { events?: unknown[] }[]).flatMap(
      ({ events: of }) => of ?? [],
    ),
  );
  return events.filter(
    (event): event is DnsRecord =>
      typeof event === 'object' && event !== null && 'dns.client.attribution' in event,
  );
}

/** How Dynatrace received the records and what it did with them. */
export const SHAPES = {
  /** As the function wrote them; the fields are Dynatrace's own. */
  'without the processor': (record: DnsRecord) => arrived(JSON.stringify(record)),
  /** Newer environments print JSON again, in their own form. */
  'without the processor, JSON printed again': (record: DnsRecord) =>
    arrived(JSON.stringify(Object.fromEntries(Object.entries(record).toReversed()), null, 1)),
  'with the processor': (record: DnsRecord) => processed(arrived(JSON.stringify(keyed(record)))),
  'with the processor, fields that exist are kept': (record: DnsRecord) =>
    processed(arrived(JSON.stringify(keyed(record))), false),
} as const satisfies Readonly<Record<string, (record: DnsRecord) => Row>>;

const keyed = ({ timestamp, ...members }: DnsRecord): DnsRecord => ({
  timestamp,
  'dns.key': RECORD_KEY,
  ...members,
});

/** A log record behind the Firehose endpoint, with attributes that Dynatrace may set by itself. */
export const arrived = (content: string): Row => ({
  timestamp: new Date('2026-11-20T23:59:59.000Z'),
  content,
  loglevel: 'NONE',
  status: 'NONE',
  'log.source': 'firehose',
  'aws.region': 'us-east-2',
  'aws.account.id': '444455556666',
});

/** A log record behind the Processing stage of the pipeline. */
export function processed(row: Row, flattenReplaces = true, stages: readonly Stages[] = [PIPELINE]): Row {
  const env = { logs: [], now: new Date(0), flattenReplaces };
  const processors = stages.flatMap(({ processing }) => processing?.processors ?? []);
  return processors.reduce(
    (result, { matcher, dql }) =>
      dql && matches(filled(matcher), result) ? runProcessor(parseQuery(dql.script), result, env) : result,
    row,
  );
}

/** What the metric processors extract from processed records. */
export function metricsOf(rows: readonly Row[]): MetricPoint[] {
  return (PIPELINE.metricExtraction?.processors ?? []).flatMap(({ matcher, valueMetric }) =>
    rows
      .filter((row) => matches(matcher, row))
      .map((row) => ({
        metric: valueMetric?.metricKey ?? '',
        value: Number(row[valueMetric?.field ?? '']),
        row: { timestamp: row.timestamp ?? null, ...extracted(row, valueMetric?.dimensions ?? []) },
      })),
  );
}

/** The security events that the pipeline extracts from processed records. */
export function securityEventsOf(rows: readonly Row[]): Row[] {
  return (FINDINGS.dataExtraction?.processors ?? []).flatMap(({ matcher, securityEvent }) =>
    rows
      .filter((row) => matches(matcher, row))
      .map((row) => extracted(row, securityEvent?.fieldExtraction.include ?? [])),
  );
}

function extracted(row: Row, entries: readonly Entry[]): Row {
  const result: Record<string, Value> = {};
  for (const { sourceFieldName = '', destinationFieldName, constantFieldName, constantValue } of entries) {
    if (constantFieldName !== undefined) result[constantFieldName] = constantValue ?? null;
    else if (row[sourceFieldName] !== undefined)
      result[destinationFieldName ?? sourceFieldName] = row[sourceFieldName];
  }
  return result;
}
