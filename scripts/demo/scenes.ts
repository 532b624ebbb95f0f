// What the function is for, in three scenes. Each fits on a screen of 80 x 24.
import type { JsonRecord } from '../../src/cli/lib/io/firehose-response.ts';
import { type Correlation, correlate, readRecord } from '../../src/cli/lib/records/correlate.ts';
import { clientText } from '../../src/cli/lib/records/view.ts';
import { paint, print, table } from '../../src/cli/terminal.ts';
import { heading, type Shown, sample } from './shown.ts';

/** Prints the three scenes. */
export function showScenes(shown: readonly Shown[]): void {
  showReusedAddress(sample(shown, 'address-changed-hands'));
  showJoin([...sample(shown, '01-coredns-query'), ...sample(shown, '02-resolver-query')]);
  showTunnel(sample(shown, 'dns-tunnel'));
}

const clock = (record: JsonRecord): string => String(record.timestamp).slice(11, 19);

const question = (record: JsonRecord): string =>
  `${record['dns.question.type']} ${record['dns.question.name']}`;

function showReusedAddress(records: readonly JsonRecord[]): void {
  heading('1  One address, two owners');
  const rows = records.map((record) => [
    clock(record),
    String(record['client.ip']),
    clientText(record),
    String(record['dns.client.attribution']),
  ]);
  print(table(['time', 'address', 'client', 'attribution'], rows));
  print();
  print('At 10:02:08 the address was that of a job that ended at 10:02:10, and since');
  print('10:02:43 it is that of the storefront. In between nobody had it, so no pod is');
  print('named. Whoever looks today finds the storefront for all three queries.');
}

/** The Resolver records in `records`, each with its requesters. */
function joined(records: readonly JsonRecord[]): readonly Correlation[] {
  const read = records.flatMap((record) => readRecord(JSON.stringify(record)) ?? []);
  return correlate(read, 30_000);
}

const requestersText = ({ requesters }: Correlation): string =>
  requesters.map(({ namespace, pod }) => `${namespace}/${pod}`).join('\n');

function showJoin(records: readonly JsonRecord[]): void {
  heading('2  Two logs, one look-up');
  const rows = records.map((record) => [
    record['log.source'] === 'coredns' ? 'CoreDNS' : 'Route 53',
    question(record),
    clientText(record),
  ]);
  print(table(['log', 'query', 'client that it names'], rows));
  print();
  const answers = joined(records).map((answer) => [
    answer.answers.join('\n'),
    requestersText(answer),
    answer.requesters.map(({ match }) => match).join('\n'),
  ]);
  print(table(['answer (Route 53 alone has it)', 'who asked for it', 'match'], answers));
  print();
  print('CoreDNS logs the client without the answer, Route 53 the answer without the pod.');
  print('Both become records of the same fields, which join.');
}

function showTunnel(records: readonly JsonRecord[]): void {
  heading('3  What left in the names');
  const answers = joined(records);
  const [first] = answers;
  const record = records.find(({ 'dns.question.name': name }) => name === first?.name);
  if (first === undefined || record === undefined) return;
  const signals = new Set(records.flatMap((one) => (one['dns.signals'] as readonly string[]) ?? []));
  print(`${requestersText(first)} asks for`);
  print(`${paint('yellow', first.name)}`);
  print();
  const rows = answers.map((answer) => [
    answer.timestamp.slice(11, 19),
    unhex(answer.name.split('.')[1] ?? ''),
    answer.answers
      .join(' ')
      .replaceAll('"', '')
      .replace(/(?<=^cmd:)[0-9a-f]+/, unhex),
  ]);
  print(table(['time', 'data in the name, decoded', 'answer, decoded'], rows));
  print();
  print(`A tunnel through ${record['dns.question.registered_domain']}: data leaves, a command comes back.`);
  print(`Its records have the signals ${[...signals].join(' and ')}, and the pod.`);
}

const unhex = (text: string): string => Buffer.from(text, 'hex').toString('latin1').trim();
