// The delivery stream: buffers, invokes the function, retries it, and routes each record to delivery or backup.
import { createHash } from 'node:crypto';
import type { FirehoseTransformationEvent } from 'aws-lambda';
import { type Clock, SYSTEM_CLOCK } from '../../model/clock.ts';
import { compare, type Settled } from './compare.ts';
import { judge, type Verdict } from './contract.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { type EndpointOptions, startEndpoint } from './endpoint.ts';
import type { Invocation, LambdaFunction, Probe } from './function.ts';
import type { InputRecord, Ledger } from './ledger.ts';

export type StreamOptions = {
  readonly lambda: LambdaFunction;
  readonly ledger: Ledger;
  readonly endpoint?: Pick<EndpointOptions, 'answer' | 'maxInflatedBytes'> | undefined;
  /** The processor's `BufferSizeInMBs`, in bytes of record data. */
  readonly bufferBytes: number;
  /** Our own limit of a response, bytes. */
  readonly budgetBytes: number;
  /** How long delivery is tried, ms; pauses start at `backoffMs`. */
  readonly retryForMs?: number;
  readonly backoffMs?: number;
  /** Clock for these two; the system clock unless a test passes its own. */
  readonly deliveryClock?: Clock;
  /** Kills the function so long after the start of the n-th invocation (from 0), ms. */
  readonly killAfterMs?: ((invocation: number) => number | undefined) | undefined;
  /** Pause between two invocations, while the function is frozen, ms. */
  readonly pauseMs?: number | undefined;
  /** How often each batch is invoked, as if Firehose had not got the answer; the last one counts. */
  readonly repeats?: number | undefined;
  /** Measures the function after the n-th invocation (from 0). */
  readonly probeAt?: ((invocation: number) => boolean) | undefined;
  readonly onProbe?: ((probe: Probe) => void) | undefined;
};

/** What a run took beside its ledger. */
export type StreamStats = {
  readonly invocations: number;
  readonly coldStarts: number;
  /** Invocations that ended in a function error. */
  readonly functionErrors: number;
  readonly largestResponseBytes: number;
  readonly largestInflatedRequestBytes: number;
};

export type Stream = {
  /** Puts a record on the stream; invokes the function when the buffer is full. */
  put(record: InputRecord): Promise<void>;
  /** Invokes the function with what is buffered, as the buffer interval would. */
  flush(): Promise<void>;
  /** Flushes, delivers the rest and closes the endpoint. The function is left to its owner. */
  close(): Promise<StreamStats>;
};

/** `NumberOfRetries` of the Lambda processor when nobody sets it. */
const RETRIES = 3;
const STREAM_ARN = 'arn:aws:firehose:eu-central-1:111122223333:deliverystream/simulated';

/** Opens a stream with an endpoint of its own. */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const { ledger } = options;
  const inFlight = createInFlight();
  const counted = { invocations: 0, coldStarts: 0, functionErrors: 0, largestResponseBytes: 0 };
  const endpoint = await startEndpoint({
    ...options.endpoint,
    violate: ledger.violate,
    onRecord: (data) => {
      const settled = inFlight.take(data);
      if (settled === undefined) return ledger.violate('endpoint received a record nobody sent');
      for (const { marker, fate } of settled) ledger.settle(marker, fate);
    },
  });
  const delivery = createDelivery({
    url: endpoint.url,
    streamArn: STREAM_ARN,
    backoffMs: options.backoffMs ?? 1000,
    retryForMs: options.retryForMs ?? 900_000,
    clock: options.deliveryClock ?? SYSTEM_CLOCK,
    backUp: (data) => {
      for (const { marker } of inFlight.take(data) ?? []) ledger.settle(marker, 'backedUp');
    },
    refused: (data) => {
      for (const { marker } of inFlight.take(data) ?? []) ledger.violate(`event ${marker} was refused (413)`);
    },
  });
  let buffer: InputRecord[] = [];
  let bytes = 0;
  let running = Promise.resolve();

  const flush = async () => {
    const batch = buffer;
    buffer = [];
    bytes = 0;
    // One invocation at a time; the next batch fills up meanwhile.
    await running;
    if (batch.length > 0) running = transform(batch, options, counted, delivery, inFlight);
  };
  return {
    async put(record) {
      if (bytes + record.data.length > options.bufferBytes) await flush();
      buffer.push(record);
      bytes += record.data.length;
    },
    flush,
    async close() {
      await flush();
      await running;
      await delivery.flush();
      await endpoint.close();
      return { ...counted, largestInflatedRequestBytes: endpoint.largestInflatedBytes() };
    },
  };
}

type Counted = { -readonly [K in Exclude<keyof StreamStats, 'largestInflatedRequestBytes'>]: number };

async function transform(
  batch: readonly InputRecord[],
  options: StreamOptions,
  counted: Counted,
  delivery: Delivery,
  inFlight: InFlight,
): Promise<void> {
  const { ledger, budgetBytes } = options;
  const event = eventOf(batch, counted.invocations);
  for (let repeat = 1; repeat < (options.repeats ?? 1); repeat++)
    await invokeWithRetries(event, options, counted);
  const { text } = await invokeWithRetries(event, options, counted);
  // A function that failed for good costs the whole batch its way, not its life: all of it is backed up.
  let verdicts: readonly Verdict[] = batch.map(() => ({ kind: 'failed', errorCode: 'Lambda.FunctionError' }));
  if (text !== undefined) {
    const judgement = judge(event, text, budgetBytes);
    judgement.violations.forEach(ledger.violate);
    verdicts = judgement.verdicts;
    counted.largestResponseBytes = Math.max(counted.largestResponseBytes, Buffer.byteLength(text));
  }
  for (const [i, record] of batch.entries()) {
    const verdict = verdicts[i];
    if (verdict?.kind === 'ok') await sendOn(record, verdict.data, ledger, delivery, inFlight);
    else if (verdict?.kind === 'failed')
      for (const unit of record.units) ledger.settle(unit.marker, 'backedUp');
    else dropAll(record, ledger);
  }
}

async function invokeWithRetries(
  event: FirehoseTransformationEvent,
  { lambda, killAfterMs, pauseMs = 0, probeAt, onProbe }: StreamOptions,
  counted: Counted,
): Promise<Invocation> {
  for (let attempt = 0; ; attempt++) {
    const number = counted.invocations++;
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const probe = probeAt?.(number) ?? false;
    const invocation = await lambda.invoke(event, { killAfterMs: killAfterMs?.(number), probe });
    if (invocation.isCold) counted.coldStarts += 1;
    if (invocation.probe !== undefined) onProbe?.(invocation.probe);
    if (invocation.text !== undefined) return invocation;
    counted.functionErrors += 1;
    if (attempt === RETRIES) return invocation;
  }
}

function eventOf(batch: readonly InputRecord[], invocation: number): FirehoseTransformationEvent {
  const approximateArrivalTimestamp = Date.now();
  return {
    invocationId: `00000000-0000-4000-8000-${String(invocation).padStart(12, '0')}`,
    deliveryStreamArn: STREAM_ARN,
    region: 'eu-central-1',
    records: batch.map(({ data }, i) => ({
      // As long as real ones: they count in the response's size.
      recordId: `4954${String(invocation).padStart(26, '0')}${String(i).padStart(20, '0')}000000`,
      approximateArrivalTimestamp,
      data: data.toString('base64'),
    })),
  };
}

async function sendOn(
  record: InputRecord,
  data: Buffer,
  ledger: Ledger,
  delivery: Delivery,
  inFlight: InFlight,
): Promise<void> {
  const settled = compare(record, data, ledger.violate);
  const sent = new Set(settled.map(({ marker }) => marker));
  for (const { marker, isDroppable } of record.units) {
    if (isDroppable && !sent.has(marker)) ledger.settle(marker, 'dropped');
  }
  inFlight.add(data, settled);
  await delivery.add(data);
}

function dropAll({ units }: InputRecord, ledger: Ledger): void {
  for (const { marker, isDroppable } of units) {
    if (isDroppable) ledger.settle(marker, 'dropped');
    else ledger.violate(`event ${marker} was dropped without a rule`);
  }
}

type InFlight = {
  add(data: Buffer, settled: readonly Settled[]): void;
  take(data: Buffer): readonly Settled[] | undefined;
};

/** Records between function and endpoint, known by their bytes alone: what arrives is what counts. */
function createInFlight(): InFlight {
  const byDigest = new Map<string, (readonly Settled[])[]>();
  const digest = (data: Buffer): string => createHash('sha1').update(data).digest('base64');
  return {
    add(data, settled) {
      const key = digest(data);
      byDigest.set(key, [...(byDigest.get(key) ?? []), settled]);
    },
    take(data) {
      const key = digest(data);
      const [first, ...rest] = byDigest.get(key) ?? [];
      if (rest.length === 0) byDigest.delete(key);
      else byDigest.set(key, rest);
      return first;
    },
  };
}
