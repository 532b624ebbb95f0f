// `npm run demo`: sends every sample event through the built function and shows the results.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FirehoseTransformationEvent, FirehoseTransformationResult } from 'aws-lambda';
import { bundleUrl } from '../src/cli/lib/io/bundle.ts';
import {
  type JsonRecord,
  type OutputRecord,
  readResponse,
  recordsIn,
} from '../src/cli/lib/io/firehose-response.ts';
import { type Correlation, correlate, readRecord } from '../src/cli/lib/records/correlate.ts';
import { clientText, recordTable } from '../src/cli/lib/records/view.ts';
import { reportPage } from '../src/cli/lib/report/page.ts';
import { createSummariser } from '../src/cli/lib/report/summarise.ts';
import { createFunction } from '../src/cli/lib/simulate/function.ts';
import { paint, print, table } from '../src/cli/terminal.ts';
import { CaseInput } from './tools/events/input.ts';

type Shown = {
  readonly name: string;
  readonly description: string;
  readonly records: readonly OutputRecord[];
};

const DIRECTORY = 'events/directory.json';
const REPORT = '.cache/demo/report.html';

const lambda = createFunction({
  bundle: bundleUrl('dist/index.mjs'),
  env: { DIRECTORY_FILE: DIRECTORY, POWERTOOLS_SERVICE_NAME: 'demo', LOG_LEVEL: 'ERROR' },
  timeoutMs: 60_000,
});
const shown: Shown[] = [];
try {
  for (const file of readdirSync('events')
    .filter((name) => /^\d\d-/.test(name))
    .sort()) {
    shown.push(await invoke(file.replace('.json', '')));
  }
} finally {
  await lambda.stop();
}

showEvents();
showReusedAddress();
showJoin();
showTunnel();
showRecord();
showTotals();
writeReport();
showNextSteps();

async function invoke(name: string): Promise<Shown> {
  const event = JSON.parse(readFileSync(`events/${name}.json`, 'utf8')) as FirehoseTransformationEvent;
  const { text, error } = await lambda.invoke(event);
  if (text === undefined) throw new Error(`${name}: ${error}`);
  const response = JSON.parse(text) as FirehoseTransformationResult;
  const input = CaseInput.parse(JSON.parse(readFileSync(`test/golden/sample-${name}/input.json`, 'utf8')));
  return { name, description: input.description, records: readResponse(event, response) };
}

function heading(text: string): void {
  print(`\n${paint('bold', text)}\n`);
}

function showEvents(): void {
  print(paint('bold', 'EKS DNS logs, attributed to the querying pod'));
  print(
    `${shown.length} Firehose events through dist/index.mjs; pods, nodes and instances from ${DIRECTORY}.`,
  );
  for (const sample of shown) {
    heading(`${sample.name}  ${paint('dim', sample.description)}`);
    const records = recordsIn(sample.records);
    const rows = records.slice(0, 6);
    if (rows.length > 0) print(recordTable(rows));
    if (records.length > rows.length) print(paint('dim', `... and ${records.length - rows.length} more`));
    print(paint('dim', outcomes(sample)));
  }
}

/** `record 1: Ok, 2 normalised, 1 unchanged`, one line per record. */
function outcomes({ records }: Shown): string {
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

function sample(name: string): JsonRecord[] {
  const found = shown.find((candidate) => candidate.name.endsWith(name));
  if (found === undefined) throw new Error(`there is no sample event ${name}`);
  return recordsIn(found.records);
}

function showReusedAddress(): void {
  heading('One address, two owners');
  const rows = sample('address-changed-hands').map((record) => [
    String(record.timestamp).slice(11, 23),
    String(record['client.ip']),
    clientText(record),
    String(record['dns.client.attribution']),
  ]);
  print(table(['time', 'address', 'client', 'attribution'], rows));
  print(
    [
      'At 10:02:08 the address belonged to a job that ended at 10:02:10; since 10:02:43 it belongs to the storefront.',
      'In between it had no owner, so no pod is named: a wrong pod is worse than no pod.',
    ].join('\n'),
  );
}

/** The Resolver records in `records`, each with its requesters. */
function joined(records: readonly JsonRecord[]) {
  const read = records.flatMap((record) => readRecord(JSON.stringify(record)) ?? []);
  return correlate(read, 30_000);
}

function requestersText({ requesters }: Correlation): string {
  return requesters.map(({ namespace, pod }) => `${namespace}/${pod}`).join(', ');
}

function showJoin(): void {
  heading('Two logs, one look-up: CoreDNS logs the client, Route 53 logs the answer');
  const answers = joined([...sample('01-coredns-query'), ...sample('02-resolver-query')]);
  print(
    table(
      ['query', 'answer', 'client', 'match'],
      answers.map((answer) => [
        `${answer.type} ${answer.name}`,
        answer.answers.join('\n'),
        requestersText(answer),
        answer.requesters.map(({ match }) => match).join(', '),
      ]),
    ),
  );
}

function showTunnel(): void {
  heading('DNS tunnel: data leaves in query names, a command arrives in a TXT answer');
  const records = sample('dns-tunnel');
  const answers = joined(records);
  print(
    table(
      ['client', 'domain', 'data in the name', 'answer'],
      answers.map((answer) => [
        requestersText(answer),
        String(
          records.find((record) => record['dns.question.name'] === answer.name)?.[
            'dns.question.registered_domain'
          ],
        ),
        unhex(answer.name.split('.')[1] ?? ''),
        answer.answers
          .join(' ')
          .replaceAll('"', '')
          .replace(/(?<=^cmd:)[0-9a-f]+/, unhex),
      ]),
    ),
  );
}

function unhex(text: string): string {
  return Buffer.from(text, 'hex').toString('latin1').trim();
}

function showRecord(): void {
  heading('One record in full');
  print(JSON.stringify(sample('01-coredns-query')[0], null, 2));
}

function showTotals(): void {
  const records = shown.flatMap((event) => event.records);
  const events = records.flatMap((record) => record.events);
  const normalised = recordsIn(records);
  const count = (test: (record: JsonRecord) => boolean): number => normalised.filter(test).length;
  heading('Totals');
  const readable = events.length;
  print(
    table(
      ['events in', 'normalised', 'passed through', 'pod', 'node or instance', 'unattributed'],
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

function writeReport(): void {
  const summariser = createSummariser();
  for (const { records } of shown) for (const record of recordsIn(records)) summariser.add(record);
  mkdirSync(dirname(REPORT), { recursive: true });
  writeFileSync(REPORT, reportPage(summariser, 'DNS report: the demo', Date.now()));
  heading('Report');
  print(`the same records as a page, for your browser: ${REPORT}`);
}

function showNextSteps(): void {
  heading('Next steps');
  print(
    table(
      ['step', 'command'],
      [
        [
          'try your own lines',
          'kubectl logs -n kube-system -l k8s-app=kube-dns | npm run -s cli -- transform',
        ],
        [
          'send one event through the function',
          'npm run invoke -- events/03-container-insights.json -n events/env.json --decode',
        ],
        ['deploy', 'sam build && sam deploy --parameter-overrides Clusters=<cluster>'],
        ['attach it to your stream', 'npm run -s cli -- attach --help'],
      ],
    ),
  );
}
