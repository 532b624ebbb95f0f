// Charts over time. Each has two forms of one source: from the metrics of the pipeline, and from logs where there is no
// pipeline (yet), which scans them.
import { METRICS, type Metric } from './metrics.ts';

type Series = {
  /** Name of the line. */
  readonly name: string;
  readonly metric: Metric;
  /** Condition on the dimensions of the metric. */
  readonly where?: string;
};

/** A chart; its name is that of its query. */
export type Chart = { readonly name: string; readonly question: string; readonly series: readonly Series[] };

const { attribution, errors, firewall, queries, suspects } = METRICS;
const OF_COREDNS = 'log.source == "coredns"';

const attributed = (name: string, value: string): Series => ({
  name,
  metric: attribution,
  where: `dns.client.attribution == "${value}"`,
});
const inCategory = (name: string, category: string): Series => ({
  name,
  metric: queries,
  where: `${OF_COREDNS} and dns.question.category == "${category}"`,
});

/** Every chart. */
export const CHARTS: readonly Chart[] = [
  {
    name: 'attribution-health',
    question: 'How many queries have which attribution?',
    series: [
      attributed('exact', 'exact'),
      attributed('inferred', 'inferred'),
      attributed('ambiguous', 'ambiguous'),
      attributed('unattributed', 'none'),
    ],
  },
  {
    name: 'servfail-over-time',
    question: 'How do failures develop over time?',
    series: [
      {
        name: 'servfail',
        metric: queries,
        where: `${OF_COREDNS} and dns.response_code == "SERVFAIL"`,
      },
      { name: 'unanswered', metric: queries, where: `${OF_COREDNS} and isNull(dns.response_code)` },
      { name: 'errors', metric: errors },
    ],
  },
  {
    name: 'queries-over-time',
    question: 'How many queries does each category have over time?',
    series: [
      inCategory('external', 'external'),
      inCategory('cluster', 'cluster'),
      inCategory('search_expansion', 'search-expansion'),
      inCategory('reverse', 'reverse'),
      inCategory('aws', 'aws'),
      inCategory('single_label', 'single-label'),
    ],
  },
  {
    name: 'threats-over-time',
    question: 'How many queries were suspect, alerted on or blocked over time?',
    series: [
      { name: 'suspect', metric: suspects },
      { name: 'alerted', metric: firewall, where: 'aws.route53.firewall.action == "ALERT"' },
      { name: 'blocked', metric: firewall, where: 'aws.route53.firewall.action == "BLOCK"' },
    ],
  },
];

/** The source of a chart's query over logs; `fetch dns` is to be expanded. */
export function chartFromLogs({ question, series }: Chart): string {
  const lines = series.map(({ name, metric, where }) => {
    const condition = [metric.where, where].filter((one) => one !== undefined).join(' and ');
    return `    ${name} = sum(if(${condition}, dns.query.count), default: 0)`;
  });
  return `// ${question}\nfetch dns\n| makeTimeseries {\n${lines.join(',\n')}\n  }`;
}

/** A chart's query over the metrics of the pipeline. */
export function chartFromMetrics({ question, series }: Chart): string {
  const lines = series.map(({ name, metric, where }) => {
    const filter = where === undefined ? '' : `, filter: {${where}}`;
    return `    ${name} = sum(${metric.key}, default: 0${filter})`;
  });
  return `// ${question}\ntimeseries {\n${lines.join(',\n')}\n  }, union: true`;
}
