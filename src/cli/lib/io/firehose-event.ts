// Builds Firehose transformation events and CloudWatch envelopes.
import { gzipSync } from 'node:zlib';

/** One CloudWatch log event; without a time where none is known. */
export type SampleEvent = { readonly timeMs: number | undefined; readonly message: string };

/** CloudWatch Logs' envelope of a batch of log events. */
export type SampleEnvelope = {
  readonly owner: string;
  readonly logGroup: string;
  readonly logStream: string;
  readonly messageType: string;
  readonly events: readonly SampleEvent[];
};

/** A subscription envelope as JSON text in CloudWatch's layout; ids ascend with time and position. */
export function envelopeJson(envelope: SampleEnvelope): string {
  const { owner, logGroup, logStream, messageType, events } = envelope;
  return JSON.stringify({
    messageType,
    owner,
    logGroup,
    logStream,
    subscriptionFilters: ['eks-dns-firehose'],
    logEvents: events.map(({ timeMs, message }, i) => ({
      id: eventId(timeMs ?? 0, i),
      ...(timeMs === undefined ? {} : { timestamp: timeMs }),
      message,
    })),
  });
}

/** An event id of 56 digits that sorts by time, as in CloudWatch. */
const eventId = (timeMs: number, index: number): string =>
  `39${String(timeMs).padStart(14, '0')}${String(index).padStart(40, '0')}`;

/** CloudWatch's health check of a destination. */
export const CONTROL_MESSAGE: SampleEnvelope = {
  owner: 'CloudwatchLogs',
  logGroup: '',
  logStream: '',
  messageType: 'CONTROL_MESSAGE',
  events: [
    { timeMs: 1_763_632_800_000, message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.' },
  ],
};

/** Gzip without a time in its header, so that the same text gives the same bytes. */
export const gzipText = (text: string): Buffer => gzipSync(Buffer.from(text, 'utf8'), { level: 6 });

/**
 * A Firehose transformation event with these record data, from Direct PUT or from a Kinesis stream; without a region, of no
 * stream that is known.
 */
export function firehoseEvent(
  records: readonly Buffer[],
  options: { readonly arrivalMs: number; readonly region: string | undefined; readonly kinesis: boolean },
) {
  const { arrivalMs, region = '', kinesis } = options;
  const arn = (service: string, name: string): string =>
    region === '' ? '' : `arn:aws:${service}:${region}:111122223333:${name}`;
  return {
    invocationId: 'a7b0c3d2-5e4f-4a1b-9c8d-7e6f5a4b3c2d',
    deliveryStreamArn: arn('firehose', 'deliverystream/dynatrace-logs'),
    ...(kinesis ? { sourceKinesisStreamArn: arn('kinesis', 'stream/logs') } : {}),
    region,
    records: records.map((data, i) => ({
      recordId: `4966${String(arrivalMs)}${String(i).padStart(39, '0')}`,
      approximateArrivalTimestamp: arrivalMs,
      data: data.toString('base64'),
      ...(kinesis ? { kinesisRecordMetadata: kinesisMetadata(arrivalMs, i) } : {}),
    })),
  };
}

const kinesisMetadata = (arrivalMs: number, index: number) => ({
  shardId: 'shardId-000000000000',
  partitionKey: `p${index}`,
  approximateArrivalTimestamp: arrivalMs,
  sequenceNumber: `4966${String(arrivalMs)}${String(index).padStart(39, '0')}`,
  subsequenceNumber: 0,
});
