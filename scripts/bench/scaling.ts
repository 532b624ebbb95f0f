// Whether the cost of an event depends on the size of the batch or of the cluster.
import { progress, table } from '../../src/cli/terminal.ts';
import type { Transform } from '../../src/core/pipeline/transform.ts';
import { createBatchOf, START_MS, STEP_MS } from './batches.ts';
import { createLivingDirectory } from './living.ts';
import type { Findings } from './section.ts';
import { collectGarbage, createBenchTransform, fixed, medianCpuMs, PODS, transformWith } from './setup.ts';

const EVENTS = [1000, 10_000, 100_000];
const POD_COUNTS = [100, 2000, 15_000];
const EVENTS_PER_CLUSTER = 20_000;
// Total events per measurement, so that small batches are measured as long as large ones.
const EVENTS_IN_ALL = 100_000;
// More would exceed Firehose's limit of a record.
const EVENTS_PER_RECORD = 1000;

// The response limit must not affect the measurement.
const UNBOUNDED = { responseBudgetBytes: 1e9 };

/** Measures ns of CPU per event of plain CoreDNS batches, compared with the smallest size of each table. */
export async function measureScaling(): Promise<Findings> {
  const events: Row[] = [];
  const unchanging: Row[] = [];
  const living: Row[] = [];
  for (const size of EVENTS) {
    const { transform } = createBenchTransform(PODS, UNBOUNDED);
    events.push({ size, nsPerEvent: await nsPerEvent(transform, size, PODS) });
  }
  for (const size of POD_COUNTS) {
    const { transform, settings } = createBenchTransform(size, UNBOUNDED);
    unchanging.push({ size, nsPerEvent: await nsPerEvent(transform, EVENTS_PER_CLUSTER, size) });
    const changing = transformWith(settings, createLivingDirectory(size, EVENTS_PER_CLUSTER * STEP_MS));
    living.push({ size, nsPerEvent: await nsPerEvent(changing, EVENTS_PER_CLUSTER, size) });
  }
  const tables = [
    tableOf(`events, ${PODS} pods`, events),
    tableOf(`pods of a file, ${EVENTS_PER_CLUSTER} events`, unchanging),
    tableOf(`pods of a cluster, one in 200 replaced before every batch`, living),
  ];
  return {
    figures: { events, still: unchanging, living },
    text: tables.join('\n\n'),
    verdicts: [
      flatness('1,000 to 100,000 events', events),
      flatness('100 to 15,000 pods of a file', unchanging),
      flatness('100 to 15,000 pods of a cluster', living),
    ],
  };
}

/** ns of CPU per event; each batch is later than the previous one. */
async function nsPerEvent(transform: Transform, events: number, pods: number): Promise<number> {
  progress(`scaling: ${events} events, ${pods} pods`);
  const rounds = Math.min(40, Math.max(3, Math.round(EVENTS_IN_ALL / events)));
  const batches = Array.from({ length: rounds + 3 }, (_, n) => {
    const startMs = START_MS + n * events * STEP_MS;
    return createBatchOf('coredns', EVENTS_PER_RECORD, pods, events / EVENTS_PER_RECORD, startMs).event;
  });
  collectGarbage();
  return ((await medianCpuMs(rounds, () => transform(batches.shift()))) / events) * 1e6;
}

type Row = { readonly size: number; readonly nsPerEvent: number };

const ratioOf = (row: Row, rows: readonly Row[]): number => row.nsPerEvent / (rows[0]?.nsPerEvent ?? 1);

const tableOf = (title: string, rows: readonly Row[]): string =>
  table(
    [title, 'ns/event', 'x the smallest'],
    rows.map((row) => [String(row.size), fixed(row.nsPerEvent, 0), fixed(ratioOf(row, rows))]),
  );

// Tolerance for batches that exceed the caches of a core.
const FLAT = 1.5;

function flatness(what: string, rows: readonly Row[]) {
  const worst = Math.max(...rows.map((row) => ratioOf(row, rows)));
  return {
    target: `an event costs the same from ${what} (<= ${FLAT} x the smallest)`,
    found: fixed(worst),
    isMet: worst <= FLAT,
  };
}
