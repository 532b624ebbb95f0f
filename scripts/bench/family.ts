// Compares the transform with its floor and the straightforward version over a family of workloads.
import { progress, table } from '../../src/cli/terminal.ts';
import type { Workload } from './batches.ts';
import { type Comparison, compare } from './comparison.ts';
import type { Findings, Verdict } from './section.ts';
import { fixed, GZIP_BYTES, median, RECOMMENDED_GZIP_BYTES } from './setup.ts';

const MEDIAN_OVER_FLOOR = 1.5;
const WORST_OVER_FLOOR = 2;
const OVER_STRAIGHTFORWARD = 2;

const MANY = { pods: 15_000, names: 100_000 } as const;

/** Workloads of the family, by what is special of each. */
const FAMILY: Readonly<Record<string, Workload>> = {
  'bare, popular names': { shape: 'coredns', pods: 2000 },
  'Container Insights, popular names': { shape: 'container-insights', pods: 2000 },
  'Resolver, popular names': { shape: 'resolver', pods: 2000 },
  'bare, 3,000 names': { shape: 'coredns', pods: 2000, names: 3000 },
  'bare, 100 pods, 10 names': { shape: 'coredns', pods: 100, names: 10 },
  'bare, records of 20 events': { shape: 'coredns', pods: 2000, names: 3000, eventsPerRecord: 20 },
  // Larger ones would inflate to more than 8 MB, and go back as they came.
  'bare, records of 4,000 events': { shape: 'coredns', pods: 2000, names: 3000, eventsPerRecord: 4000 },
  'bare, 15,000 pods, 100,000 names': { shape: 'coredns', ...MANY },
  'the same, one pod in 200 replaced': { shape: 'coredns', ...MANY, isLiving: true },
  'Resolver, 15,000 pods, 100,000 names': { shape: 'resolver', ...MANY },
};

const SIZES = { '0.5 MB': RECOMMENDED_GZIP_BYTES, '0.9 MB': GZIP_BYTES } as const;

type Member = Comparison & { readonly workload: string; readonly size: string };

/** Measures each workload at the recommended buffer and at a large one; takes about six minutes. */
export async function measureFamily(): Promise<Findings> {
  const members: Member[] = [];
  for (const [size, gzipBytes] of Object.entries(SIZES)) {
    for (const [workload, spec] of Object.entries(FAMILY)) {
      progress(`${workload}, ${size} of gzip`);
      members.push({ workload, size, ...(await compare(spec, gzipBytes)) });
    }
  }
  return {
    figures: members,
    text: [membersTable(members), summaryTable(members)].join('\n\n'),
    verdicts: Object.keys(SIZES).flatMap((size) => verdictsOf(size, ofSize(members, size))),
  };
}

const ofSize = (members: readonly Member[], size: string): readonly Member[] =>
  members.filter((member) => member.size === size);

const membersTable = (members: readonly Member[]): string =>
  table(
    [
      'workload',
      'gzip',
      'events',
      'records',
      'ns/event',
      'x floor',
      'x straightforward',
      'bytes/record',
      'in',
      'out',
    ],
    members.map((member) => [
      member.workload,
      member.size,
      String(member.events),
      String(member.records),
      fixed(member.nsPerEvent, 0),
      `${fixed(member.costOverFloor)} its cost`,
      `${fixed(member.speedOverStraightforward)} its speed`,
      fixed(member.bytesPerRecord, 0),
      fixed(member.inflation.input, 1),
      fixed(member.inflation.output, 1),
    ]),
  );

function summaryTable(members: readonly Member[]): string {
  const rows = Object.keys(SIZES).flatMap((size) => {
    const { cost, speed } = ratiosOf(ofSize(members, size));
    return [
      [size, 'cost over the floor', ...[cost.best, cost.median, cost.worst].map((ratio) => fixed(ratio))],
      [
        size,
        'speed over straightforward',
        ...[speed.best, speed.median, speed.worst].map((ratio) => fixed(ratio)),
      ],
    ];
  });
  return table(['gzip', 'of the family', 'best', 'median', 'worst'], rows);
}

function ratiosOf(members: readonly Member[]) {
  const costs = members.map(({ costOverFloor }) => costOverFloor);
  const speeds = members.map(({ speedOverStraightforward }) => speedOverStraightforward);
  return {
    cost: { best: Math.min(...costs), median: median(costs), worst: Math.max(...costs) },
    speed: { best: Math.max(...speeds), median: median(speeds), worst: Math.min(...speeds) },
  };
}

function verdictsOf(size: string, members: readonly Member[]): Verdict[] {
  const { cost, speed } = ratiosOf(members);
  return [
    {
      target: `${size}: median <= ${MEDIAN_OVER_FLOOR} x floor`,
      found: fixed(cost.median),
      isMet: cost.median <= MEDIAN_OVER_FLOOR,
    },
    {
      target: `${size}: worst <= ${fixed(WORST_OVER_FLOOR, 1)} x floor`,
      found: fixed(cost.worst),
      isMet: cost.worst <= WORST_OVER_FLOOR,
    },
    {
      target: `${size}: worst >= ${OVER_STRAIGHTFORWARD} x straightforward`,
      found: fixed(speed.worst),
      isMet: speed.worst >= OVER_STRAIGHTFORWARD,
    },
  ];
}
