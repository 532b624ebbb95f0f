import { addRecordCounts, type BatchSummary, total } from '../../../core/model/summary.ts';

/** Adds the counters of a batch to those of the batches before it. */
export function addBatchCounts(sum: BatchSummary, batch: BatchSummary): void {
  addRecordCounts(sum, batch);
  for (const name of ['recordsByKind', 'recordsByResult', 'failuresByCode'] as const) {
    const counts: Record<string, number> = sum[name];
    for (const [key, count] of Object.entries(batch[name])) counts[key] = (counts[key] ?? 0) + count;
  }
  sum.inputBytes += batch.inputBytes;
  sum.responseBytes += batch.responseBytes;
  sum.health = batch.health;
}

const listed = (counts: Readonly<Record<string, number>>): string => {
  const nonZero = Object.entries(counts).filter(([, count]) => count > 0);
  return nonZero.map(([name, count]) => `${name} ${count}`).join(', ');
};

/** A batch's summary as text, one line per topic; topics without counts are omitted. */
export function summaryText(summary: BatchSummary): string {
  const normalised = total(summary.normalisedBySource);
  const saved = total(summary.droppedByCategory) + total(summary.sampledOutByCategory);
  const rows: [string, string][] = [
    ['records', `${total(summary.recordsByResult)} in (${listed(summary.recordsByResult)})`],
    ['events', `${summary.eventsIn} in, ${normalised} normalised, ${summary.passedThrough} passed through`],
    ['sources', listed(summary.normalisedBySource)],
    [
      'untrusted',
      summary.untrusted === 0 ? '' : `${summary.untrusted} lines whose producer may not write DNS logs`,
    ],
    ['attribution', listed(summary.attributions)],
    ['clients', listed(summary.clientsByKind)],
    ['dropped', saved === 0 ? '' : `${saved} by rule (${listed(addUp(summary))})`],
    ['merged', summary.merged === 0 ? '' : `${summary.merged} counted in the records of others`],
    ['bytes', `${summary.inputBytes} in, ${summary.responseBytes} in the response (base64)`],
    ['failed', listed(summary.failuresByCode)],
    ['degraded', listed(summary.degraded)],
  ];
  return rows
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${name.padEnd(12)}${text}`)
    .join('\n');
}

const addUp = ({ droppedByCategory, sampledOutByCategory }: BatchSummary): Record<string, number> =>
  Object.fromEntries(
    Object.entries(droppedByCategory).map(([category, count]) => [
      category,
      count + sampledOutByCategory[category as keyof typeof sampledOutByCategory],
    ]),
  );
