import { readFileSync } from 'node:fs';

type Tile = {
  readonly query: string;
  readonly visualization: 'table' | 'lineChart';
  readonly height: number;
};
type Section = { readonly title: string; readonly tiles: readonly Tile[] };

const table = (query: string): Tile => ({ query, visualization: 'table', height: 7 });
const chart = (query: string): Tile => ({ query, visualization: 'lineChart', height: 5 });

const SECTIONS: readonly Section[] = [
  {
    title: '# One name, one pod, one domain',
    tiles: ['clients-of-name', 'answers-for-pod', 'data-in-names'].map(table),
  },
  {
    title: '# Hunting',
    tiles: [
      ...['tunnelling-suspects', 'slow-tunnels', 'txt-answers', 'first-seen-domains'],
      ...['firewall-hits', 'bypasses-coredns', 'answers-by-workload'],
    ].map(table),
  },
  {
    title: '# Health',
    tiles: [
      chart('attribution-health'),
      chart('servfail-over-time'),
      ...['failures-and-latency', 'unattributed-clients'].map(table),
    ],
  },
  { title: '# Volume and cost', tiles: ['ndots-waste', 'nxdomain-storms', 'volume-by-category'].map(table) },
];

/** Example values in the queries that become variables of the dashboard. */
const VARIABLES: Readonly<Record<string, string>> = {
  Name: 'www.dynatrace.com',
  Pod: 'cart-6d5f9c7b8-x2x9k',
  Domain: 'dynatrace.com',
};

const COLUMNS = 24;

/** Text of `dynatrace/queries/<name>.dql`. */
export const readQuery = (name: string): string =>
  readFileSync(`dynatrace/queries/${name}.dql`, 'utf8').trim();

/** The question that a query answers: its first comment. */
export const questionOf = (query: string): string => query.slice('// '.length, query.indexOf('\n'));

/** Dashboard document (Dashboards app, not Dashboards Classic) with a tile per query, two per row. */
export function dashboard(): Record<string, unknown> {
  const tiles: Record<string, unknown> = {};
  const layouts: Record<string, unknown> = {};
  let y = 0;
  const addTile = (tile: unknown, layout: { x: number; w: number; h: number }): void => {
    const id = String(Object.keys(tiles).length);
    tiles[id] = tile;
    layouts[id] = { x: layout.x, y, w: layout.w, h: layout.h };
  };
  for (const section of SECTIONS) {
    addTile({ type: 'markdown', title: '', content: section.title }, { x: 0, w: COLUMNS, h: 1 });
    y++;
    section.tiles.forEach((tile, i) => {
      const isLeft = i % 2 === 0;
      const isAlone = isLeft && i === section.tiles.length - 1;
      const w = isAlone ? COLUMNS : COLUMNS / 2;
      addTile(tileOf(tile), { x: isLeft ? 0 : COLUMNS / 2, w, h: tile.height });
      if (!isLeft || isAlone) y += tile.height;
    });
  }
  return { version: 17, variables: variables(), tiles, layouts, importedWithCode: false, settings: {} };
}

function variables(): unknown[] {
  return Object.entries(VARIABLES).map(([key, defaultValue]) => ({
    key,
    type: 'text',
    visible: true,
    editable: true,
    version: 2,
    defaultValue,
  }));
}

function tileOf({ query, visualization }: Tile): Record<string, unknown> {
  const text = readQuery(query);
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
    querySettings: {
      maxResultRecords: 1000,
      defaultScanLimitGbytes: 500,
      maxResultMegaBytes: 1,
      defaultSamplingRatio: 10,
      enableSampling: false,
    },
    davis: { enabled: false, davisVisualization: { isAvailable: true } },
  };
}
