import { createHash } from 'node:crypto';
import { QUERY_SETTINGS } from './dashboard.ts';
import { queryLibrary, questionOf } from './query-library.ts';

const TIMEFRAME = { from: 'now()-2h', to: 'now()' } as const;

const INTRODUCTION = `# EKS DNS hunting

Each section answers a question. They work with and without the OpenPipeline processor. Values to replace: \`default_logs\`
(the bucket of the DNS records), \`www.dynatrace.com\`, \`cart-6d5f9c7b8-x2x9k\` and \`dynatrace.com\`. The last sections
need the lookup tables of \`eks-dns dynatrace apply --lists\`.`;

/** Notebook document: an introduction, and a section for every query; those of lists come last. */
export function notebook(): Record<string, unknown> {
  const queries = [...queryLibrary()];
  const isOfList = ([name]: readonly [string, string]): boolean => name.startsWith('lists/');
  const sorted = [...queries.filter((one) => !isOfList(one)), ...queries.filter(isOfList)];
  return {
    version: '7',
    defaultTimeframe: TIMEFRAME,
    defaultSegments: [],
    sections: [
      { id: idOf('introduction'), type: 'markdown', markdown: INTRODUCTION },
      ...sorted.map(([name, query]) => sectionOf(name, query)),
    ],
  };
}

function sectionOf(name: string, query: string): Record<string, unknown> {
  return {
    id: idOf(name),
    type: 'dql',
    title: questionOf(query),
    showTitle: true,
    drilldownPath: [],
    previousFilterSegments: [],
    state: {
      input: { value: query, timeframe: TIMEFRAME },
      visualization: query.includes('makeTimeseries') ? 'lineChart' : 'table',
      visualizationSettings: { autoSelectVisualization: false },
      querySettings: QUERY_SETTINGS,
    },
  };
}

/** The same id for a section of the same name, in the form of a UUID. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
