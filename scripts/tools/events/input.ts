// Converts readable inputs of golden cases and sample events (test/golden/<case>/input.json) to Firehose events.
import * as z from 'zod';
import {
  CONTROL_MESSAGE,
  envelopeJson,
  firehoseEvent,
  gzipText,
} from '../../../src/cli/lib/io/firehose-event.ts';

const Envelope = z.strictObject({
  owner: z.string().default('111122223333'),
  logGroup: z.string(),
  logStream: z.string(),
  messageType: z.string().default('DATA_MESSAGE'),
  events: z.array(
    z.strictObject({
      time: z.iso.datetime(),
      message: z.union([z.string(), z.record(z.string(), z.unknown())]),
    }),
  ),
});

const Repeat = z.strictObject({
  logGroup: z.string(),
  logStream: z.string(),
  count: z.int(),
  from: z.iso.datetime(),
  stepMs: z.int(),
});

const InputRecord = z.union([
  z.strictObject({ envelope: Envelope, gzip: z.boolean().default(true) }),
  z.strictObject({ repeat: Repeat }),
  z.strictObject({ text: z.string() }),
  z.strictObject({ base64: z.string() }),
  z.strictObject({ gzipTruncated: z.string() }),
  z.strictObject({ control: z.literal(true) }),
]);

/** A case: description, records, and the source of the stream. */
export const CaseInput = z.strictObject({
  description: z.string(),
  source: z.enum(['direct', 'kinesis']).default('direct'),
  arrival: z.iso.datetime().default('2026-11-20T10:06:00.000Z'),
  /** Environment variables, beside `DIRECTORY_FILE`. */
  environment: z.record(z.string(), z.string()).default({}),
  /** Fields outside the record's table, which settings and annotations add. */
  extraKeys: z.array(z.string()).default([]),
  records: z.array(InputRecord),
});

/** The Firehose event of a case; the same input gives the same bytes. */
export function caseEvent(input: z.infer<typeof CaseInput>) {
  return firehoseEvent(input.records.map(recordData), {
    arrivalMs: Date.parse(input.arrival),
    region: 'eu-west-1',
    kinesis: input.source === 'kinesis',
  });
}

function recordData(record: z.infer<typeof InputRecord>): Buffer {
  if ('text' in record) return Buffer.from(record.text, 'utf8');
  if ('base64' in record) return Buffer.from(record.base64, 'base64');
  if ('control' in record) return gzipText(envelopeJson(CONTROL_MESSAGE));
  if ('gzipTruncated' in record) return gzipText(record.gzipTruncated).subarray(0, -12);
  if ('repeat' in record) return gzipText(repeatedLines(record.repeat));
  const json = envelopeJson({ ...record.envelope, events: record.envelope.events.map(toEvent) });
  return record.gzip ? gzipText(json) : Buffer.from(json, 'utf8');
}

const toEvent = ({ time, message }: z.infer<typeof Envelope>['events'][number]) => ({
  timeMs: Date.parse(time),
  message: typeof message === 'string' ? message : JSON.stringify(message),
});

const NAMES = [
  'checkout.payments.svc.cluster.local',
  'api.stripe.com',
  'sqs.eu-west-1.amazonaws.com',
  'cdn.shop.example.com',
];
const CLIENTS = ['172.31.47.132', '172.31.38.201', '172.31.39.17', '172.31.46.20', '172.31.44.10'];

function repeatedLines({ logGroup, logStream, count, from, stepMs }: z.infer<typeof Repeat>): string {
  const events = Array.from({ length: count }, (_, i) => {
    const name = NAMES[i % NAMES.length] ?? '';
    const client = CLIENTS[i % CLIENTS.length] ?? '';
    const port = 32_768 + ((i * 7919) % 28_000);
    const micros = String(800 + ((i * 104_729) % 9000)).padStart(6, '0');
    const flags = name.endsWith('cluster.local') ? 'qr,aa,rd' : 'qr,rd,ra';
    const message = `[INFO] ${client}:${port} - ${(i * 31) % 65_536} "A IN ${name}. udp ${name.length + 18} false 512" NOERROR ${flags} ${name.length * 2 + 40} 0.${micros}217s`;
    return { timeMs: Date.parse(from) + i * stepMs, message };
  });
  return envelopeJson({ owner: '111122223333', logGroup, logStream, messageType: 'DATA_MESSAGE', events });
}
