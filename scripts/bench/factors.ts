// What in a batch costs how much: each factor is varied alone, everything else stays as in the first row of its shape.
import { progress, table } from '../../src/cli/terminal.ts';
import type { Shape, Workload } from './batches.ts';
import { type Comparison, compare } from './comparison.ts';
import type { Findings } from './section.ts';
import { fixed, RECOMMENDED_GZIP_BYTES } from './setup.ts';

const BASE = { pods: 2000, names: 3000 } as const;

const MANY_TYPES =
  'A AAAA CNAME MX TXT SRV PTR NS SOA CAA HTTPS SVCB NAPTR DS DNSKEY TLSA SSHFP ANY HINFO TYPE65281'.split(
    ' ',
  );

/** What is changed from `BASE`, by shape. */
const FACTORS: Readonly<Record<Shape, Readonly<Record<string, Partial<Workload>>>>> = {
  coredns: {
    '2,000 pods, 3,000 names, 8 records': {},
    'records of 20 events': { eventsPerRecord: 20 },
    'records of 4,000 events': { eventsPerRecord: 4000 },
    '10 names': { names: 10 },
    '20,000 names': { names: 20_000 },
    '100,000 names': { names: 100_000 },
    'each name once': { names: 10_000_000 },
    '100 pods': { pods: 100 },
    '15,000 pods': { pods: 15_000 },
    'one pod in 200 replaced': { isLiving: true },
    '10 annotations a pod': { annotations: 10 },
    'no annotations': { annotations: 0 },
    '20 types': { types: MANY_TYPES },
    'one type': { types: ['A'] },
    'ids and ports that count up': { hasEvenIds: true },
  },
  'container-insights': {
    '2,000 pods, 3,000 names, 8 records': {},
    'records of 20 events': { eventsPerRecord: 20 },
    '100,000 names': { names: 100_000 },
    '15,000 pods': { pods: 15_000 },
  },
  resolver: {
    '2,000 pods, 3,000 names, 8 records': {},
    'records of 20 events': { eventsPerRecord: 20 },
    '100,000 names': { names: 100_000 },
    '15,000 pods': { pods: 15_000 },
    'no answers': { answers: 0 },
    '10 answers': { answers: 10 },
  },
};

type Row = Comparison & { readonly shape: Shape; readonly factor: string; readonly overBase: number };

/** Measures each factor at the recommended buffer. */
export async function measureFactors(): Promise<Findings> {
  const rows: Row[] = [];
  for (const shape of Object.keys(FACTORS) as Shape[]) {
    let baseNs: number | undefined;
    for (const [factor, change] of Object.entries(FACTORS[shape])) {
      progress(`${shape}: ${factor}`);
      const found = await compare({ shape, ...BASE, ...change }, RECOMMENDED_GZIP_BYTES);
      baseNs ??= found.nsPerEvent;
      rows.push({ shape, factor, overBase: found.nsPerEvent / baseNs, ...found });
    }
  }
  return { figures: rows, text: factorsTable(rows), verdicts: [] };
}

const factorsTable = (rows: readonly Row[]): string =>
  table(
    ['shape', 'factor', 'ns/event', 'x the first', 'floor ns', 'above it', 'x floor', 'x straightforward'],
    rows.map((row) => [
      row.shape,
      row.factor,
      fixed(row.nsPerEvent, 0),
      fixed(row.overBase),
      fixed(row.floorNsPerEvent, 0),
      fixed(row.nsPerEvent - row.floorNsPerEvent, 0),
      fixed(row.costOverFloor),
      fixed(row.speedOverStraightforward),
    ]),
  );
