// Faults in the data of a record.
import { createGzip, gzipSync } from 'node:zlib';
import type { InputRecord } from '../../../src/cli/lib/simulate/ledger.ts';
import { MIXED } from '../../../src/cli/lib/simulate/lines.ts';
import type { Traffic } from '../../../src/cli/lib/simulate/traffic.ts';
import { type Fault, HEALTHY } from './fault.ts';

const MEGABYTE = 1_000_000;
const LARGEST_RECORD_BYTES = 1_024_000;
const WITH_BACKUP = [...HEALTHY, 'backedUp'] as const;

/** A gzipped envelope that is damaged by `damage`. */
const damaged = (traffic: Traffic, damage: (gzip: Buffer) => Buffer): InputRecord =>
  traffic.opaque((marker) => {
    const event = { id: '1', timestamp: 1, message: `${marker} ${'A IN example.com. '.repeat(200)}` };
    const head = { messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: '/g', logStream: 's' };
    return damage(gzipSync(JSON.stringify({ ...head, logEvents: [event] })));
  });

const overwrite = (gzip: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(gzip);
  copy[at] = value;
  return copy;
};

/** Gzip that inflates to `bytes` of one character; written in blocks, because the text can exceed the buffer limit. */
async function bomb(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 9 });
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const block = Buffer.alloc(MEGABYTE, 'a');
  for (let written = 0; written < bytes; written += MEGABYTE) gzip.write(block);
  gzip.end();
  await new Promise((resolve) => gzip.on('end', resolve));
  return Buffer.concat(chunks);
}

const BOMB = await bomb(1000 * MEGABYTE);
const UNDER_THE_CAP = await bomb(60 * MEGABYTE);

/** All faults of this file. */
export const RECORD_FAULTS: readonly Fault[] = [
  { name: 'none', outcomes: HEALTHY },
  {
    name: 'gzip with broken bytes',
    outcomes: WITH_BACKUP,
    metric: 'RecordsFailed',
    records: function* (traffic) {
      for (let at = 3; at < 60; at += 3) {
        // Changes of the header's time or system do not affect the content.
        if (at < 10 && at !== 3) continue;
        yield damaged(traffic, (gzip) => overwrite(gzip, at, (gzip[at] ?? 0) ^ 0xff));
      }
      yield damaged(traffic, (gzip) => overwrite(gzip, gzip.length - 8, (gzip.at(-8) ?? 0) ^ 1));
      yield damaged(traffic, () => Buffer.from([0x1f, 0x8b, 0xff, 0xff]));
    },
  },
  {
    name: 'gzip cut short',
    outcomes: WITH_BACKUP,
    metric: 'RecordsFailed',
    records: function* (traffic) {
      for (const bytes of [2, 3, 10, 11, 50, -9, -8, -4, -1]) {
        yield damaged(traffic, (gzip) => gzip.subarray(0, bytes));
      }
    },
  },
  {
    name: 'gzip bomb (1 GB)',
    outcomes: WITH_BACKUP,
    metric: 'RecordsFailed',
    records: (traffic) => Array.from({ length: 3 }, () => traffic.opaque(() => BOMB)),
  },
  {
    name: 'gzip just under the cap, no envelope',
    outcomes: HEALTHY,
    records: (traffic) => Array.from({ length: 6 }, () => traffic.opaque(() => UNDER_THE_CAP)),
  },
  {
    name: 'gzip within gzip',
    outcomes: HEALTHY,
    records: (traffic) => [traffic.opaque((marker) => gzipSync(gzipSync(marker)))],
  },
  {
    name: 'two gzip members in a record',
    outcomes: HEALTHY,
    records: (traffic) => [
      traffic.opaque((marker) => Buffer.concat([gzipSync(`{"${marker}":1}`), gzipSync('{"logEvents":[]}')])),
    ],
  },
  {
    name: 'record of 1,000 KiB, plain',
    outcomes: HEALTHY,
    metric: 'RecordsDegraded',
    records: function* (traffic) {
      yield traffic.opaque((marker) => Buffer.alloc(LARGEST_RECORD_BYTES, `${marker} any other log line\n`));
      yield* nearlyFull(traffic);
    },
  },
  {
    name: 'no envelope: text, CRLF, JSON, bytes, empty',
    outcomes: HEALTHY,
    records: function* (traffic) {
      yield traffic.lines(traffic.drafts(MIXED, 50));
      yield traffic.lines(traffic.drafts(['resolver'], 1));
      yield traffic.opaque((marker) => Buffer.from(`${marker}\r\n\r\nsecond line\r\n`));
      yield traffic.opaque((marker) => Buffer.from(`{"messageType":"DATA_MESSAGE","${marker}":[]}`));
      yield traffic.opaque((marker) => Buffer.from(`{"messageType":"DATA_MESSAGE","logEvents":"${marker}"}`));
      yield traffic.opaque((marker) => Buffer.from(`{"logEvents":[{"id":"${marker}","message":"cut`));
      yield traffic.opaque(() => Buffer.from([0, 1, 2, 0xff, 0xfe, 0x1f, 0x8b, 0]));
      yield traffic.opaque(() => Buffer.alloc(0));
      yield traffic.opaque(() => Buffer.alloc(0));
      yield traffic.opaque(() => Buffer.from('\ufeff{"logEvents":[]}'));
    },
  },
  {
    name: 'envelope not gzipped',
    outcomes: HEALTHY,
    records: (traffic) => [traffic.envelope(traffic.drafts(MIXED, 100), { plain: true })],
  },
  {
    name: '5,000 small records in a batch',
    outcomes: HEALTHY,
    stream: { bufferBytes: 3_000_000 },
    records: function* (traffic) {
      for (let i = 0; i < 5000; i++) {
        yield i % 2 === 0
          ? traffic.envelope(traffic.drafts(MIXED, 1))
          : traffic.lines(traffic.drafts(MIXED, 1));
      }
    },
  },
];

/** Plain envelopes whose normalised form exceeds Firehose's limit of a record. */
function* nearlyFull(traffic: Traffic): Generator<InputRecord> {
  for (let i = 0; i < 3; i++) yield traffic.envelope(traffic.drafts(['coredns'], 3800), { plain: true });
}
