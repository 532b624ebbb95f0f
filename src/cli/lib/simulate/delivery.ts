// Firehose's delivery to an HTTP endpoint: groups records into requests of 1 MiB, retries, then backs up.
// https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Clock } from '../../../inventory/clock.ts';

/** Endpoint, retries, and callbacks for records that are not delivered. */
export type DeliveryOptions = {
  readonly url: string;
  readonly streamArn: string;
  /** Pause before the first retry, ms; doubles up to 120 times that (Firehose: 1 s to 120 s). */
  readonly backoffMs: number;
  /** Duration of retries, ms. */
  readonly retryForMs: number;
  /** Clock for both. */
  readonly clock: Clock;
  /** Receives records that could not be delivered in that time. */
  readonly backUp: (data: Buffer) => void;
  /** Receives records that Firehose discarded because of a 413. */
  readonly refused: (data: Buffer) => void;
};

/** Buffers records and delivers them in requests. */
export type Delivery = {
  /** Buffers a record; first sends the buffer if the record does not fit. */
  add(data: Buffer): Promise<void>;
  /** Sends the buffer. */
  flush(): Promise<void>;
};

const BUFFER_BYTES = 1_048_576;
const BUFFER_RECORDS = 10_000;

/** Creates a delivery with an empty buffer. */
export function createDelivery(options: DeliveryOptions): Delivery {
  let buffered: Buffer[] = [];
  let bytes = 0;
  const flush = async () => {
    const records = buffered;
    buffered = [];
    bytes = 0;
    if (records.length > 0) await deliver(records, options);
  };
  return {
    async add(data) {
      if (bytes + data.length > BUFFER_BYTES || buffered.length === BUFFER_RECORDS) await flush();
      buffered.push(data);
      bytes += data.length;
    },
    flush,
  };
}

async function deliver(records: readonly Buffer[], options: DeliveryOptions): Promise<void> {
  const requestId = randomUUID();
  const giveUpAtMs = options.clock.nowMs() + options.retryForMs;
  const body = gzipSync(
    JSON.stringify({
      requestId,
      timestamp: Date.now(),
      records: records.map((data) => ({ data: data.toString('base64') })),
    }),
    { level: 1 },
  );
  for (let pauseMs = options.backoffMs; ; pauseMs = Math.min(pauseMs * 2, options.backoffMs * 120)) {
    const outcome = await post(requestId, body, options);
    if (outcome === 'delivered') return;
    if (outcome === 'refused') return records.forEach(options.refused);
    if (options.clock.nowMs() + pauseMs > giveUpAtMs) return records.forEach(options.backUp);
    await new Promise<void>((resolve) => options.clock.after(pauseMs, resolve));
  }
}

/** Only 200 with our request id is success; 413 is final; everything else is retried. */
async function post(
  requestId: string,
  body: Buffer,
  { url, streamArn }: DeliveryOptions,
): Promise<'delivered' | 'refused' | 'failed'> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'x-amz-firehose-protocol-version': '1.0',
        'x-amz-firehose-request-id': requestId,
        'x-amz-firehose-source-arn': streamArn,
        'x-amz-firehose-access-key': 'simulated-token',
        'x-amz-firehose-common-attributes': '{"commonAttributes":{}}',
      },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(180_000),
    });
    const text = await response.text();
    if (response.status === 413) return 'refused';
    const isOurs =
      response.status === 200 && (JSON.parse(text) as { requestId?: unknown }).requestId === requestId;
    return isOurs ? 'delivered' : 'failed';
  } catch {
    return 'failed';
  }
}
