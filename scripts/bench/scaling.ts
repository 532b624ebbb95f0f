// Whether an event costs the same in a large batch as in a small one, in a large cluster as in a small one.
import { progress, table } from '../../src/cli/terminal.ts';
import { createBatchOf } from './batches.ts';
import type { Findings } from './section.ts';
import { createBenchTransform, fixed, medianCpuMs, PODS, restless } from './setup.ts';

const EVENTS = [1000, 10_000, 100_000];
const PODS_ASKING = [100, 2000, 15_000];
const EVENTS_PER_CLUSTER = 20_000;
// So that a small batch is measured for as long as a large one.
const EVENTS_IN_ALL = 100_000;
// More would be over what Firehose takes back as one record.
const EVENTS_PER_RECORD = 1000;

/** Measures ns of CPU per event of plain CoreDNS batches, and how it compares to the smallest of each row. */
export async function measureScaling(): Promise<Findings> {
  const events = [];
  for (const count of EVENTS) events.push({ size: `${count}`, nsPerEvent: await nsPerEvent(count, PODS) });
  const pods = [];
  for (const count of PODS_ASKING) {
    pods.push({ size: `${count}`, nsPerEvent: await nsPerEvent(EVENTS_PER_CLUSTER, count) });
  }
  const most = Math.max(...PODS_ASKING);
  const changing = await nsPerEvent(EVENTS_PER_CLUSTER, most, restless);
  pods.push({ size: `${most}, some of them new in every batch`, nsPerEvent: changing });
  return {
    figures: { events, pods },
    text: [tableOf(`events, ${PODS} pods`, events), tableOf(`pods, ${EVENTS_PER_CLUSTER} events`, pods)].join(
      '\n\n',
    ),
    verdicts: [flatness('1,000 to 100,000 events', events), flatness('100 to 15,000 pods', pods)],
  };
}

async function nsPerEvent(events: number, pods: number, see?: typeof restless): Promise<number> {
  progress(`scaling: ${events} events, ${pods} pods`);
  const batch = createBatchOf('coredns', EVENTS_PER_RECORD, pods, events / EVENTS_PER_RECORD);
  // What is measured is the work, not what a response may hold.
  const { transform } = createBenchTransform(pods, { responseBudgetBytes: 1e9 }, see);
  const rounds = Math.min(40, Math.max(3, Math.round(EVENTS_IN_ALL / events)));
  return ((await medianCpuMs(rounds, () => transform(batch.event))) / batch.events) * 1e6;
}

type Row = { readonly size: string; readonly nsPerEvent: number };

const ratioOf = (row: Row, rows: readonly Row[]): number => row.nsPerEvent / (rows[0]?.nsPerEvent ?? 1);

const tableOf = (title: string, rows: readonly Row[]): string =>
  table(
    [title, 'ns/event', 'x the smallest'],
    rows.map((row) => [row.size, fixed(row.nsPerEvent, 0), fixed(ratioOf(row, rows))]),
  );

// Between a batch that the caches of a core hold and one that they do not.
const FLAT = 1.5;

function flatness(what: string, rows: readonly Row[]) {
  const worst = Math.max(...rows.map((row) => ratioOf(row, rows)));
  return {
    target: `an event costs the same from ${what} (<= ${FLAT} x the smallest)`,
    found: fixed(worst),
    isMet: worst <= FLAT,
  };
}
