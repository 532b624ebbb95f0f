// `npm run demo -- --all`: every sample event with its records, one record in full, and totals.
import { type JsonRecord, recordsIn } from '../../src/cli/lib/io/firehose-response.ts';
import { recordTable } from '../../src/cli/lib/records/view.ts';
import { paint, print, table } from '../../src/cli/terminal.ts';
import { heading, type Shown, sample } from './shown.ts';

/** Prints all events. */
export function showAll(shown: readonly Shown[]): void {
  for (const { name, description, records: outcome } of shown) {
    heading(`${name}  ${paint('dim', description)}`);
    const records = recordsIn(outcome);
    const rows = records.slice(0, 6);
    if (rows.length > 0) print(recordTable(rows));
    if (records.length > rows.length) print(paint('dim', `... and ${records.length - rows.length} more`));
    print(paint('dim', outcomes(outcome)));
  }
  heading('One record in full');
  print(JSON.stringify(sample(shown, '01-coredns-query')[0], null, 2));
  showTotals(shown);
}

/** `record 1: Ok, 2 normalised, 1 unchanged`, one line per record. */
function outcomes(records: Shown['records']): string {
  const lines = records.map(({ result, isUnchanged, events }, i) => {
    const normalised = events.filter(({ record }) => record !== undefined).length;
    const rest = events.length - normalised;
    const detail = isUnchanged
      ? `${result === 'Ok' ? 'passed through' : 'data'} unchanged`
      : `${normalised} normalised${rest > 0 ? `, ${rest} unchanged` : ''}`;
    return `record ${i + 1}: ${result}, ${detail}`;
  });
  return lines.join('\n');
}

function showTotals(shown: readonly Shown[]): void {
  const records = shown.flatMap((event) => event.records);
  const events = records.flatMap((record) => record.events);
  const normalised = recordsIn(records);
  const count = (test: (record: JsonRecord) => boolean): number => normalised.filter(test).length;
  heading('Totals');
  const readable = events.length;
  print(
    table(
      ['events', 'normalised', 'passed through', 'pod', 'node or instance', 'nobody'],
      [
        [
          readable,
          normalised.length,
          readable - normalised.length,
          count((record) => record['k8s.pod.name'] !== undefined),
          count((record) => record['k8s.pod.name'] === undefined && record['host.id'] !== undefined),
          count((record) => record['k8s.pod.name'] === undefined && record['host.id'] === undefined),
        ].map(String),
      ],
    ),
  );
  const results = ['Ok', 'Dropped', 'ProcessingFailed'].map(
    (result) => `${records.filter((record) => record.result === result).length} ${result}`,
  );
  print(`records in ${records.length}: ${results.join(', ')}`);
}
