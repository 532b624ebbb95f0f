// `npm run bench:bill`: what the DNS log of a cluster with ndots:5 costs, by setting, through the real pipeline.
import { mkdirSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  envelopeJson,
  firehoseEvent,
  gzipText,
  type SampleEvent,
} from '../../src/cli/lib/io/firehose-event.ts';
import { print, table } from '../../src/cli/terminal.ts';
import { createTransform } from '../../src/core/index.ts';
import { leanFields } from '../../src/core/model/record-fields/omission.ts';
import {
  AGGREGATE_ITEMS,
  DEFAULT_SETTINGS,
  type QuestionCategory,
  type Settings,
} from '../../src/core/model/settings.ts';
import { total } from '../../src/core/model/summary.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { CLOUDWATCH_EVENT_BYTES, firehoseBytes, gbSeconds, type Usage, usdOf } from './bill-prices.ts';
import { workloadDirectory, workloadEvents } from './ndots-workload.ts';
import { cpuMs, fixed } from './setup.ts';

const FROM_MS = Date.UTC(2026, 0, 15, 9, 30);
const DIRECTORY_FILE = '.cache/bench-bill-directory.json';
const LOOKUPS = 4000;
const BATCH_EVENTS = 2000;
const ENVELOPE_EVENTS = 500;
const LOG_GROUP = '/aws/containerinsights/shop/application';

/** A row of the table: settings, the way of the lines, and what is lost for the hunt. */
type Case = {
  readonly name: string;
  readonly settings: Partial<Settings>;
  /** Fluent Bit writes to the stream itself: one line per record, no CloudWatch. */
  readonly isDirect?: true;
  readonly lost: string;
};

const LEAN: Partial<Settings> = { omit: leanFields() };
const LOOKUP: Partial<Settings> = { aggregate: new Set(['lookup'] as const) };
const COUNTED: Partial<Settings> = { aggregate: new Set(AGGREGATE_ITEMS) };
const drop = (...categories: QuestionCategory[]): Partial<Settings> => ({ drop: new Set(categories) });
const NOISE = drop('search-expansion');
const SAMPLED: Partial<Settings> = {
  sample: new Map([
    ['cluster', 0.1],
    ['aws', 0.1],
  ] as const),
};

const CASES: readonly Case[] = [
  { name: 'everything (default)', settings: {}, lost: 'nothing' },
  { name: 'OMIT=content', settings: { omit: ['content'] }, lost: 'the line' },
  { name: 'OMIT=lean', settings: LEAN, lost: 'the line, details of packets' },
  { name: 'DROP=search-expansion', settings: NOISE, lost: 'which suffixes were tried' },
  {
    name: 'DROP=search-expansion,cluster',
    settings: drop('search-expansion', 'cluster'),
    lost: 'which services talk to each other',
  },
  {
    name: 'DROP=search-expansion SAMPLE=cluster=0.1,aws=0.1',
    settings: { ...NOISE, ...SAMPLED },
    lost: '90 % of the services and of AWS',
  },
  { name: 'AGGREGATE=lookup', settings: LOOKUP, lost: 'lines and packets of merged queries' },
  { name: 'AGGREGATE=lookup OMIT=lean', settings: { ...LOOKUP, ...LEAN }, lost: 'both of these' },
  {
    name: 'AGGREGATE=lookup,<every category> OMIT=lean',
    settings: { ...COUNTED, ...LEAN },
    lost: 'and when each query was made',
  },
  {
    name: 'without CloudWatch (WRAP)',
    settings: { wrap: '/dns/direct' },
    isDirect: true,
    lost: 'the log group in AWS; nothing is exact',
  },
  {
    name: 'WRAP AGGREGATE=lookup OMIT=lean',
    settings: { wrap: '/dns/direct', ...LOOKUP, ...LEAN },
    isDirect: true,
    lost: 'all of these',
  },
];

type JsonRecord = Readonly<Record<string, unknown>>;
/** What the endpoint adds to every record, with the settings and without. */
const OF_ENDPOINT: JsonRecord = {
  'aws.log_group': LOG_GROUP,
  'aws.log_stream': 'coredns-7f9c69c78c-8wl50_kube-system_coredns',
  'aws.account.id': '111122223333',
  'aws.region': 'eu-central-1',
  'cloud.provider': 'aws',
  'aws.data_firehose.arn': 'arn:aws:firehose:eu-central-1:111122223333:deliverystream/dynatrace-logs',
};

type Written = { readonly message: string; readonly record: JsonRecord };
type Measured = Usage & {
  readonly records: number;
  readonly withSignal: number;
  readonly errors: number;
};

const events = workloadEvents(LOOKUPS, FROM_MS);

async function billTable(): Promise<string> {
  const rows: string[][] = [];
  let first: Measured | undefined;
  for (const row of CASES) {
    const found = await measure(row, BATCH_EVENTS);
    first ??= found;
    const share = (part: number, whole: number): string => `${fixed((100 * part) / whole, 1)} %`;
    const megabytes = (bytes: number): string => fixed(bytes / 1e6, 1);
    rows.push([
      row.name,
      String(found.records),
      `${megabytes(found.ingestedBytes)} (${share(found.ingestedBytes, first.ingestedBytes)})`,
      `${megabytes(found.retainedBytes)} (${share(found.retainedBytes, first.retainedBytes)})`,
      megabytes(found.cloudWatchBytes),
      megabytes(found.firehoseBytes),
      fixed(found.gbSeconds, 1),
      `${fixed((usdOf(found) * 1e6) / events.length, 3)} (${share(usdOf(found), usdOf(first))})`,
      `${found.withSignal} / ${found.errors}`,
      row.lost,
    ]);
  }
  const head = ['setting', 'records', 'ingested MB', 'retained MB', 'CloudWatch MB', 'Firehose MB'];
  return table(
    [...head, 'Lambda GB-s', 'USD per million queries', 'signals / errors', 'lost for the hunt'],
    rows,
  );
}

/** What the size of batches changes: of look-ups, and of equal queries that are counted on top. */
async function batchTable(): Promise<string> {
  const rows: string[][] = [];
  const everything = await measure({ name: '', settings: {}, lost: '' }, BATCH_EVENTS);
  for (const size of [500, 2000, 10_000]) {
    const found = await measure({ name: '', settings: { ...LOOKUP, ...LEAN }, lost: '' }, size);
    const counted = await measure({ name: '', settings: { ...COUNTED, ...LEAN }, lost: '' }, size);
    rows.push([
      String(size),
      `${fixed((100 * found.ingestedBytes) / everything.ingestedBytes, 1)} %`,
      `${fixed((100 * counted.ingestedBytes) / everything.ingestedBytes, 1)} %`,
      `${fixed(100 - (100 * counted.ingestedBytes) / found.ingestedBytes, 1)} %`,
    ]);
  }
  return table(
    ['events a batch', 'AGGREGATE=lookup OMIT=lean: ingested', 'and every category', 'which saves'],
    rows,
  );
}

async function measure({ name, settings, isDirect }: Case, batchEvents: number): Promise<Measured> {
  const configured = { ...DEFAULT_SETTINGS, directoryFile: DIRECTORY_FILE, ...settings };
  const transform = createTransform(configured, {
    directory: createDirectorySource(configured),
    now: () => FROM_MS + 60_000,
    recordFailed: (_id, code) => console.error(`failed: ${code}`),
  });
  const sum = { cloudWatchBytes: 0, firehoseBytes: 0, invocations: 0, ingestedBytes: 0, retainedBytes: 0 };
  const counts = { records: 0, withSignal: 0, errors: 0 };
  let spentMs = 0;
  for (let at = 0; at < events.length; at += batchEvents) {
    const part = events.slice(at, at + batchEvents);
    const data = isDirect ? part.map(({ message }) => Buffer.from(message)) : envelopesOf(part);
    const event = firehoseEvent(data, {
      arrivalMs: FROM_MS + 60_000,
      region: 'eu-central-1',
      kinesis: false,
    });
    const startMs = cpuMs();
    const { response, summary } = await transform(event);
    spentMs += cpuMs() - startMs;
    sum.invocations++;
    for (const record of data) sum.firehoseBytes += firehoseBytes(record.length);
    if (!isDirect)
      for (const { message } of part) sum.cloudWatchBytes += message.length + CLOUDWATCH_EVENT_BYTES;
    const written = response.records.flatMap((record) =>
      record.result === 'Ok' ? writtenIn(record.data ?? '') : [],
    );
    checkCounts(
      name,
      written,
      summary.eventsIn,
      total(summary.droppedByCategory) + total(summary.sampledOutByCategory),
    );
    for (const { message, record } of written) {
      counts.records++;
      sum.ingestedBytes += Buffer.byteLength(message);
      sum.retainedBytes += retainedBytes(record);
      if ('dns.signals' in record) counts.withSignal++;
      if (record.loglevel === 'ERROR') counts.errors++;
    }
  }
  return { ...sum, ...counts, gbSeconds: gbSeconds(spentMs) };
}

/** Envelopes as CloudWatch delivers them: of one log stream each, here of one CoreDNS pod. */
function envelopesOf(part: readonly SampleEvent[]): Buffer[] {
  const streams = new Map<string, SampleEvent[]>();
  for (const event of part) {
    const pod = /"pod_name":"([^"]+)"/.exec(event.message)?.[1] ?? '';
    streams.set(pod, [...(streams.get(pod) ?? []), event]);
  }
  return [...streams].flatMap(([pod, list]) =>
    Array.from({ length: Math.ceil(list.length / ENVELOPE_EVENTS) }, (_, i) =>
      gzipText(
        envelopeJson({
          owner: '111122223333',
          logGroup: LOG_GROUP,
          logStream: `${pod}_kube-system_coredns`,
          messageType: 'DATA_MESSAGE',
          events: list.slice(i * ENVELOPE_EVENTS, (i + 1) * ENVELOPE_EVENTS),
        }),
      ),
    ),
  );
}

function writtenIn(data: string): Written[] {
  const envelope = JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString('utf8')) as {
    logEvents: { message: string }[];
  };
  return envelope.logEvents.map(({ message }) => ({ message, record: JSON.parse(message) as JsonRecord }));
}

/** Every query is in a record, or was dropped by a rule. */
function checkCounts(name: string, written: readonly Written[], eventsIn: number, removed: number): void {
  let queries = 0;
  for (const { record } of written) queries += Number(record['dns.query.count'] ?? 1);
  if (queries + removed !== eventsIn) throw new Error(`${name}: the counts do not add up`);
}

/** Content and attributes behind the OpenPipeline processor: names and values. */
function retainedBytes(record: JsonRecord): number {
  const short = ['type', 'name'].map((part) => record[`dns.question.${part}`] ?? '').join(' ');
  const content = record.content ?? `${short} ${record['dns.response_code'] ?? ''}`;
  let bytes = 0;
  for (const [name, value] of Object.entries({ ...OF_ENDPOINT, ...record, content })) {
    bytes += name.length;
    for (const text of [value].flat()) bytes += Buffer.byteLength(String(text));
  }
  return bytes;
}

mkdirSync('.cache', { recursive: true });
writeFileSync(DIRECTORY_FILE, JSON.stringify(workloadDirectory()));

await measure({ name: 'warm-up', settings: {}, lost: '' }, BATCH_EVENTS);
print(
  `${LOOKUPS} look-ups of 40 pods with ndots:5 cause ${events.length} queries; ${BATCH_EVENTS} a batch.\n`,
);
print(await billTable());
print(
  '\nIngested: messages as sent. Retained: content and attributes after the processor. Firehose: as billed, in steps of 5 kB.\n',
);
print(await batchTable());
