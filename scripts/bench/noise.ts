// `npm run bench:noise`: savings of DROP and SAMPLE in a cluster with ndots:5.
import { mkdirSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { envelopeJson, firehoseEvent, gzipText } from '../../src/cli/lib/io/firehose-event.ts';
import { table } from '../../src/cli/terminal.ts';
import { createTransform } from '../../src/core/index.ts';
import { DEFAULT_SETTINGS, type QuestionCategory, type Settings } from '../../src/core/model/settings.ts';
import { type BatchSummary, total } from '../../src/core/model/summary.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { workloadDirectory, workloadEvents } from './ndots-workload.ts';

const FROM_MS = Date.UTC(2026, 0, 15, 9, 30);
const DIRECTORY_FILE = '.cache/bench-noise-directory.json';
const LOOKUPS = 4000;
const EVENTS_PER_RECORD = 500;

const CASES: readonly (readonly [string, Partial<Settings>])[] = [
  ['everything (default)', {}],
  ['DROP=search-expansion', drop('search-expansion')],
  ['DROP=search-expansion,cluster', drop('search-expansion', 'cluster')],
  [
    'DROP=search-expansion SAMPLE=cluster=0.1,aws=0.1',
    { ...drop('search-expansion'), ...sample(0.1, 'cluster', 'aws') },
  ],
  ['CONTENT=none', { omit: ['content'] }],
  ['CONTENT=none DROP=search-expansion', { omit: ['content'], ...drop('search-expansion') }],
];

mkdirSync('.cache', { recursive: true });
writeFileSync(DIRECTORY_FILE, JSON.stringify(workloadDirectory()));
const events = workloadEvents(LOOKUPS, FROM_MS);
const input = firehoseInput();
const rows: (readonly string[])[] = [];
let everything = 0;
for (const [name, settings] of CASES) rows.push(await rowOf(name, settings));
console.log(`${LOOKUPS} look-ups of 40 pods with ndots:5 cause ${events.length} queries.`);
console.log(
  table(
    ['setting', 'events', 'dropped', 'sampled out', 'ingested kB', 'saved', 'with a signal', 'ERROR'],
    rows,
  ),
);
console.log(
  'Ingested: size of the messages, which Dynatrace bills. Every row has the same events with a signal or an error.',
);

function drop(...categories: QuestionCategory[]): Partial<Settings> {
  return { drop: new Set(categories) };
}

function sample(rate: number, ...categories: QuestionCategory[]): Partial<Settings> {
  return { sample: new Map(categories.map((category) => [category, rate])) };
}

function firehoseInput(): unknown {
  const envelope = { owner: '111122223333', logGroup: '/aws/containerinsights/shop/application' };
  const records: Buffer[] = [];
  for (let i = 0; i < events.length; i += EVENTS_PER_RECORD) {
    const part = events.slice(i, i + EVENTS_PER_RECORD);
    records.push(
      gzipText(
        envelopeJson({ ...envelope, logStream: 'coredns', messageType: 'DATA_MESSAGE', events: part }),
      ),
    );
  }
  return firehoseEvent(records, { arrivalMs: FROM_MS + 60_000, region: 'eu-central-1', kinesis: false });
}

async function rowOf(name: string, changes: Partial<Settings>): Promise<readonly string[]> {
  const settings = { ...DEFAULT_SETTINGS, directoryFile: DIRECTORY_FILE, ...changes };
  const transform = createTransform(settings, {
    directory: createDirectorySource(settings),
    now: () => FROM_MS + 60_000,
    recordFailed: (_id, code) => console.error(`failed: ${code}`),
  });
  const { response, summary } = await transform(input);
  const messages = response.records.flatMap(({ result, data }) =>
    result === 'Ok' ? messagesOf(data ?? '') : [],
  );
  const bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(message), 0);
  everything ||= bytes;
  if (messages.length + removedFrom(summary) !== summary.eventsIn)
    throw new Error(`${name}: the counts do not add up`);
  return [
    name,
    messages.length,
    total(summary.droppedByCategory),
    total(summary.sampledOutByCategory),
    Math.round(bytes / 1000),
    `${(100 - (100 * bytes) / everything).toFixed(1)} %`,
    messages.filter((message) => message.includes('"dns.signals"')).length,
    messages.filter((message) => message.includes('"loglevel":"ERROR"')).length,
  ].map(String);
}

function removedFrom(summary: BatchSummary): number {
  return total(summary.droppedByCategory) + total(summary.sampledOutByCategory);
}

function messagesOf(data: string): string[] {
  const envelope = JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString('utf8')) as {
    logEvents: { message: string }[];
  };
  return envelope.logEvents.map(({ message }) => message);
}
