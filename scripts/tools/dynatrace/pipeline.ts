// The OpenPipeline pipeline: a processor that lifts the record out of `content`, and the metrics of `metrics.ts`.
import { readFileSync } from 'node:fs';
import { METRICS, type Metric } from './metrics.ts';
import { fieldEntry, pipelineObject } from './settings-object.ts';

/** Stands for a record key. As long as it is not filled in, `isNull(content)` makes the matcher match nothing. */
const KEY = '<RECORD_KEY>';
const asksForKey = (space: string): string =>
  `(matchesPhrase(content, "\\"dns.key\\":${space}\\"${KEY}\\"") and isNull(content))`;

/** An object with the record key, printed as the function prints it or printed again by Dynatrace. */
const MATCHER = `matchesValue(content, "{*") and (${asksForKey('')} or ${asksForKey(' ')})`;

/**
 * Whether `fieldsFlatten` replaces fields that exist is not documented, so everything that may exist is set behind it. Its
 * variable is below `dns.`, where annotations of pods cannot put an attribute.
 */
const SCRIPT = [
  'parse content, "JSON:record"',
  '| fieldsAdd dns.record.time = coalesce(toTimestamp(record[timestamp]), timestamp)',
  '| fieldsFlatten record, prefix: ""',
  '| fieldsAdd timestamp = dns.record.time, loglevel = coalesce(record[loglevel], loglevel), status = coalesce(record[loglevel], loglevel), log.source = coalesce(record[log.source], log.source), aws.account.id = coalesce(record[aws.account.id], aws.account.id), aws.region = coalesce(record[aws.region], aws.region), dns.query.count = coalesce(record[dns.query.count], 1)',
  '| fieldsAdd content = coalesce(record[content], if(isNotNull(record[dns.question.name]), concat(coalesce(record[dns.question.type], ""), " ", coalesce(record[dns.question.name], ""), " ", coalesce(record[dns.response_code], "-"))), record[event.reason], content)',
  '| fieldsRemove record, dns.record.time, dns.key',
].join('\n');

/** The pipeline as a list of one settings object. */
export const pipeline = (): unknown[] =>
  pipelineObject({
    processing: {
      processors: [
        {
          id: 'processor_eks_dns_record',
          type: 'dql',
          enabled: true,
          description: 'Lift the DNS record out of content into attributes',
          matcher: MATCHER,
          sampleData: JSON.stringify(sample()),
          dql: { script: SCRIPT },
        },
      ],
    },
    metricExtraction: {
      processors: Object.entries(METRICS).map(([name, metric]) => metricProcessor(name, metric)),
    },
  });

function metricProcessor(name: string, { key, description, where, dimensions }: Metric): unknown {
  return {
    id: `processor_eks_dns_metric_${name}`,
    type: 'valueMetric',
    enabled: true,
    description,
    matcher: where,
    valueMetric: {
      metricKey: key,
      field: 'dns.query.count',
      dimensions: dimensions.map(fieldEntry),
    },
  };
}

/** A log record as it arrives: the sample record of the documents, with a record key. */
function sample(): Record<string, string> {
  const [{ events }] = JSON.parse(
    readFileSync('test/golden/sample-01-coredns-query/expected.json', 'utf8'),
  ) as [{ events: [Record<string, unknown>] }];
  const { timestamp, ...members } = events[0];
  return {
    content: JSON.stringify({ timestamp, 'dns.key': KEY, ...members }),
    'aws.log_group': String(members['aws.log_group']),
    'cloud.provider': 'aws',
  };
}
