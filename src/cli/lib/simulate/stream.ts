// Simulates the delivery stream: buffers records, invokes the function with retries, and delivers or backs up each
// record.
import { createHash } from 'node:crypto';
import type { FirehoseTransformationEvent } from 'aws-lambda';
import { type Clock, SYSTEM_CLOCK } from '../../../inventory/clock.ts';
import { compare, type EventOutcome, mergedIn } from './compare.ts';
import { judge, type Verdict } from './contract.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { type EndpointOptions, startEndpoint } from './endpoint.ts';
import type { Invocation, LambdaFunction, Probe } from './function.ts';
import type { InputRecord, Ledger } from './ledger.ts';

/** Function, ledger and behaviour of a stream. */
export type StreamOptions = {
  readonly lambda: LambdaFunction;
  readonly ledger: Ledger;
  readonly endpoint?: Pick<EndpointOptions, 'replyTo' | 'maxInflatedBytes'> | undefined;
  /** The processor's `BufferSizeInMBs`, in bytes of record data. */
  readonly bufferBytes: number;
  /** Our own limit of a response, bytes. */
  readonly budgetBytes: number;
  /** Duration of delivery retries, ms; pauses start at `backoffMs`. */
  readonly retryForMs?: number;
  readonly backoffMs?: number;
  /** Clock for these two; default: the system clock. */
  readonly deliveryClock?: Clock;
  /** When to kill the function after the start of the n-th invocation (from 0), ms. */
  readonly killAfterMs?: ((invocation: number) => number | undefined) | undefined;
  /** Pause between two invocations, while the function is frozen, ms. */
  readonly pauseMs?: number | undefined;
  /** Invocations per batch, as if Firehose had not received the response; the last one counts. */
  readonly repeats?: number | undefined;
  /** Whether to measure the function after the n-th invocation (from 0). */
  readonly probeAt?: ((invocation: number) => boolean) | undefined;
  readonly onProbe?: ((probe: Probe) => void) | undefined;
};

/** Statistics of a run. */
export type StreamStats = {
  readonly invocations: number;
  readonly coldStarts: number;
  /** Invocations that ended in a function error. */
  readonly functionErrors: number;
  readonly largestResponseBytes: number;
  readonly largestInflatedRequestBytes: number;
};

/** A simulated delivery stream. */
export type Stream = {
  /** Sends a record to the stream; first invokes the function if the buffer is full. */
  put(record: InputRecord): Promise<void>;
  /** Invokes the function with the buffered records, as the buffer interval does. */
  flush(): Promise<void>;
  /** Flushes, delivers the rest and closes the endpoint. The caller stops the function. */
  close(): Promise<StreamStats>;
};

/** Default of the Lambda processor's `NumberOfRetries`. */
const RETRIES = 3;
const STREAM_ARN = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/simulated';

/** Opens a stream with a separate endpoint. */
export async function openStream(options: StreamOptions): Promise<Stream> {
  const { ledger } = options;
  const inFlight = createInFlight();
  const counted = { invocations: 0, coldStarts: 0, functionErrors: 0, largestResponseBytes: 0 };
  const endpoint = await startEndpoint({
    ...options.endpoint,
    violate: ledger.violate,
    onRecord: (data) => {
      const outcomes = inFlight.take(data);
      if (outcomes === undefined) return ledger.violate('the endpoint received a record that was not sent');
      for (const { marker, outcome } of outcomes) ledger.setOutcome(marker, outcome);
    },
  });
  const delivery = createDelivery({
    url: endpoint.url,
    streamArn: STREAM_ARN,
    backoffMs: options.backoffMs ?? 1000,
    retryForMs: options.retryForMs ?? 900_000,
    clock: options.deliveryClock ?? SYSTEM_CLOCK,
    backUp: (data) => {
      for (const { marker } of inFlight.take(data) ?? []) ledger.setOutcome(marker, 'backedUp');
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
    // One invocation at a time; meanwhile the next batch is filled.
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
  // If all attempts fail, the whole batch is backed up.
  let verdicts: readonly Verdict[] = batch.map(() => ({ kind: 'failed', errorCode: 'Lambda.FunctionError' }));
  if (text !== undefined) {
    const judgement = judge(event, text, budgetBytes);
    judgement.violations.forEach(ledger.violate);
    verdicts = judgement.verdicts;
    counted.largestResponseBytes = Math.max(counted.largestResponseBytes, Buffer.byteLength(text));
  }
  const merged = batch.map((record, i) => {
    const verdict = verdicts[i];
    // Untouched bytes stand for nothing else, and need not be gzip that can be read.
    return verdict?.kind === 'ok' && !verdict.data.equals(record.data) ? mergedIn(verdict.data) : [];
  });
  const elsewhere = new Set(merged.flat());
  for (const [i, record] of batch.entries()) {
    const verdict = verdicts[i];
    if (verdict?.kind === 'ok') {
      const outcomes = compare(record, verdict.data, ledger.violate, elsewhere);
      settleDropped(record, outcomes, elsewhere, ledger);
      // What a record stands for is delivered with it.
      const carried = (merged[i] ?? []).map((marker) => ({ marker, outcome: 'normalised' as const }));
      inFlight.add(verdict.data, [...outcomes, ...carried]);
      await delivery.add(verdict.data);
    } else if (verdict?.kind === 'failed')
      for (const unit of record.units) ledger.setOutcome(unit.marker, 'backedUp');
    else dropAll(record, elsewhere, ledger);
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
    region: 'eu-west-1',
    records: batch.map(({ data }, i) => ({
      // As long as real ids, because ids count in the response's size.
      recordId: `4954${String(invocation).padStart(26, '0')}${String(i).padStart(20, '0')}000000`,
      approximateArrivalTimestamp,
      data: data.toString('base64'),
    })),
  };
}

/** Settles the events that a rule removed from a record. */
function settleDropped(
  { units }: InputRecord,
  outcomes: readonly EventOutcome[],
  elsewhere: ReadonlySet<number>,
  ledger: Ledger,
): void {
  const sent = new Set(outcomes.map(({ marker }) => marker));
  for (const { marker, isDroppable } of units) {
    if (isDroppable && !sent.has(marker) && !elsewhere.has(marker)) ledger.setOutcome(marker, 'dropped');
  }
}

function dropAll({ units }: InputRecord, elsewhere: ReadonlySet<number>, ledger: Ledger): void {
  for (const { marker, isDroppable } of units) {
    if (elsewhere.has(marker)) continue;
    if (isDroppable) ledger.setOutcome(marker, 'dropped');
    else ledger.violate(`event ${marker} was dropped without a rule`);
  }
}

type InFlight = {
  add(data: Buffer, outcomes: readonly EventOutcome[]): void;
  take(data: Buffer): readonly EventOutcome[] | undefined;
};

/** Records between function and endpoint, identified by their bytes. */
function createInFlight(): InFlight {
  const byDigest = new Map<string, (readonly EventOutcome[])[]>();
  const digest = (data: Buffer): string => createHash('sha1').update(data).digest('base64');
  return {
    add(data, outcomes) {
      const key = digest(data);
      byDigest.set(key, [...(byDigest.get(key) ?? []), outcomes]);
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
