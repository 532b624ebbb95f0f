import { CHARTS, chartFromMetrics } from './charts.ts';
import { EXAMPLE_BUCKET } from './expand-query.ts';
import { queryText, questionOf } from './query-library.ts';

type Tile = {
  readonly query: string;
  readonly visualization: 'table' | 'lineChart';
  readonly height: number;
};
type Section = { readonly title: string; readonly note?: string; readonly tiles: readonly Tile[] };

const table = (query: string): Tile => ({ query, visualization: 'table', height: 7 });
const chart = (query: string): Tile => ({ query, visualization: 'lineChart', height: 5 });

// Not here: queries of lists, whose lookup tables may not exist, and `first-seen-domains`, which scans 14 days.
const SECTIONS: readonly Section[] = [
  {
    title: '# One name, one pod, one domain',
    note: 'Nothing here? Set `Bucket` to the bucket of your DNS records; a final `*` stands for any text.',
    tiles: ['clients-of-name', 'answers-for-pod', 'data-in-names'].map(table),
  },
  {
    title: '# Hunting',
    tiles: [
      chart('threats-over-time'),
      ...['tunnelling-suspects', 'slow-tunnels', 'txt-answers'].map(table),
      ...['firewall-hits', 'bypasses-coredns', 'metadata-answers', 'generated-domains'].map(table),
      ...['private-answers', 'answers-by-workload'].map(table),
    ],
  },
  {
    title: '# Health',
    tiles: [
      chart('attribution-health'),
      chart('servfail-over-time'),
      ...['dns-health-by-workload', 'why-lookups-fail', 'failures-and-latency'].map(table),
      ...['coredns-load', 'vpc-resolver-limit', 'unattributed-clients'].map(table),
    ],
  },
  {
    title: '# Where names lead',
    tiles: ['services-by-workload', 'aws-over-public-addresses'].map(table),
  },
  {
    title: '# Volume and cost',
    tiles: [
      chart('queries-over-time'),
      ...['top-talkers', 'ndots-waste', 'nxdomain-storms', 'volume-by-category'].map(table),
    ],
  },
];

/** Example values in the queries that become variables of the dashboard. */
export const VARIABLES: Readonly<Record<string, string>> = {
  Name: 'www.dynatrace.com',
  Pod: 'cart-6d5f9c7b8-x2x9k',
  Domain: 'dynatrace.com',
  Bucket: EXAMPLE_BUCKET,
};

const COLUMNS = 24;

/**
 * Dashboard document (Dashboards app, not Dashboards Classic), two tiles per row. `charts`: whether charts come from the
 * metrics of the pipeline, or from logs.
 */
export function dashboard(charts: 'metrics' | 'logs'): Record<string, unknown> {
  const tiles: Record<string, unknown> = {};
  const layouts: Record<string, unknown> = {};
  let y = 0;
  const addTile = (tile: unknown, layout: { x: number; w: number; h: number }): void => {
    const id = String(Object.keys(tiles).length);
    tiles[id] = tile;
    layouts[id] = { x: layout.x, y, w: layout.w, h: layout.h };
  };
  for (const section of SECTIONS) {
    const { title, note } = section;
    const heading = { x: 0, w: COLUMNS, h: note === undefined ? 1 : 2 };
    addTile(
      { type: 'markdown', title: '', content: note === undefined ? title : `${title}\n\n${note}` },
      heading,
    );
    y += heading.h;
    section.tiles.forEach((tile, i) => {
      const isLeft = i % 2 === 0;
      const isAlone = isLeft && i === section.tiles.length - 1;
      const w = isAlone ? COLUMNS : COLUMNS / 2;
      addTile(tileOf(tile, charts), { x: isLeft ? 0 : COLUMNS / 2, w, h: tile.height });
      if (!isLeft || isAlone) y += rowHeight(section.tiles, i);
    });
  }
  return { version: 17, variables: variables(), tiles, layouts, importedWithCode: false, settings: {} };
}

/** Height of the row that ends with tile `i`. */
const rowHeight = (tiles: readonly Tile[], i: number): number =>
  Math.max(tiles[i]?.height ?? 0, i % 2 === 0 ? 0 : (tiles[i - 1]?.height ?? 0));

/** Version 1 is what Dashboards exports for text variables. */
function variables(): unknown[] {
  return Object.entries(VARIABLES).map(([key, defaultValue]) => ({
    key,
    type: 'text',
    visible: true,
    editable: true,
    version: 1,
    defaultValue,
  }));
}

function tileOf({ query, visualization }: Tile, charts: 'metrics' | 'logs'): Record<string, unknown> {
  const ofMetrics = charts === 'metrics' ? CHARTS.find(({ name }) => name === query) : undefined;
  const text = ofMetrics === undefined ? queryText(query) : chartFromMetrics(ofMetrics);
  const dql = Object.entries(VARIABLES).reduce(
    (query, [variable, example]) => query.replaceAll(`"${example}"`, `$${variable}`),
    text,
  );
  return {
    type: 'data',
    title: questionOf(text),
    query: dql,
    visualization,
    visualizationSettings: { autoSelectVisualization: false },
    querySettings: QUERY_SETTINGS,
    davis: { enabled: false, davisVisualization: { isAvailable: true } },
  };
}

/** How a tile or a section of a notebook runs its query. */
export const QUERY_SETTINGS = {
  maxResultRecords: 1000,
  defaultScanLimitGbytes: 500,
  maxResultMegaBytes: 1,
  defaultSamplingRatio: 10,
  enableSampling: false,
} as const;
