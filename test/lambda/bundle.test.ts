// The built function (dist/index.mjs) in its own process: the deployed bundle must behave like the sources.
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FirehoseTransformationEvent } from 'aws-lambda';
import fc from 'fast-check';
import { startStubServices } from '../../scripts/tools/faults/stub-services.ts';
import { bundleUrl } from '../../src/cli/lib/io/bundle.ts';
import { CONTROL_MESSAGE, envelopeJson } from '../../src/cli/lib/io/firehose-event.ts';
import { readResponse, recordsIn } from '../../src/cli/lib/io/firehose-response.ts';
import { compare } from '../../src/cli/lib/simulate/compare.ts';
import { judge } from '../../src/cli/lib/simulate/contract.ts';
import { createFunction, type LambdaFunction } from '../../src/cli/lib/simulate/function.ts';
import { createLedger } from '../../src/cli/lib/simulate/ledger.ts';
import { bytes, type Draft, eventOf, log, recordOf } from '../support/batches.ts';

const BUDGET_BYTES = 6_291_456;
const DIRECTORY = { DIRECTORY_FILE: 'events/directory.json', EC2_LOOKUP: 'off' };

/** A cold function that appends its output lines to `output`. */
function start(env: Readonly<Record<string, string>>, output: string[]): LambdaFunction {
  const onLine = (line: string): number => output.push(line);
  return createFunction({ bundle: bundleUrl('dist/index.mjs'), env, timeoutMs: 600_000, onLine });
}

async function answer(lambda: LambdaFunction, event: FirehoseTransformationEvent): Promise<string> {
  const { text, error } = await lambda.invoke(event);
  expect(error).toBeUndefined();
  return text ?? '';
}

const control: fc.Arbitrary<Draft> = fc.constant({
  kind: 'bytes',
  data: gzipSync(envelopeJson(CONTROL_MESSAGE)),
});

const drafts = fc.array(fc.oneof({ weight: 5, arbitrary: log }, { weight: 2, arbitrary: bytes }, control), {
  minLength: 1,
  maxLength: 5,
});

describe('the function with a directory', () => {
  const output: string[] = [];
  let lambda: LambdaFunction;
  beforeAll(() => {
    lambda = start(DIRECTORY, output);
  });
  afterAll(() => lambda.stop());

  it('returns every event once and in order, and changes only DNS logs', async () => {
    let normalised = 0;
    await fc.assert(
      fc.asyncProperty(drafts, async (batch) => {
        const { enter } = createLedger();
        const records = batch.map((draft) => recordOf(draft, enter, false));
        const event = eventOf(records);
        const { verdicts, violations } = judge(event, await answer(lambda, event), BUDGET_BYTES);
        const found = [...violations];
        for (const [i, record] of records.entries()) {
          const verdict = verdicts[i];
          if (verdict?.kind === 'ok' && record.shape !== 'opaque') {
            const settled = compare(record, verdict.data, (violation) => found.push(violation));
            normalised += settled.filter(({ outcome }) => outcome === 'normalised').length;
            if (settled.length !== record.units.length) found.push(`record ${i} lost an event`);
          } else if (record.shape !== 'opaque') found.push(`record ${i} is ${verdict?.kind}`);
        }
        expect(found).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(normalised).toBeGreaterThan(100);
    expect(output.filter((line) => line.includes('INTERNAL'))).toEqual([]);
  });

  it('returns any bytes unchanged, unless they start like gzip', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (data) => {
        const event = eventOf([{ data: Buffer.from(data), shape: 'opaque', units: [] }]);
        const [record] = JSON.parse(await answer(lambda, event)).records;
        const isGzip = data[0] === 0x1f && data[1] === 0x8b;
        expect(record).toEqual({ ...pick(event), result: isGzip ? 'ProcessingFailed' : 'Ok' });
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['null', null],
    ['an event without records', {}],
    ['records that are not a list', { records: 7 }],
  ])('returns no records for %s', async (_, event) => {
    expect(await answer(lambda, event as unknown as FirehoseTransformationEvent)).toBe('{"records":[]}');
  });

  const samples = readdirSync('events').filter((name) => /^\d.*\.json$/.test(name));
  it.each(samples)('gives events/%s a valid response', async (name) => {
    const event = JSON.parse(readFileSync(`events/${name}`, 'utf8')) as FirehoseTransformationEvent;
    const text = await answer(lambda, event);
    expect(judge(event, text, BUDGET_BYTES).violations).toEqual([]);
    for (const record of recordsIn(readResponse(event, JSON.parse(text)))) {
      expect(record).toMatchObject({ timestamp: expect.any(String), 'log.source': expect.any(String) });
    }
  });

  it('truncates values to the limit of Dynatrace, but never the line', async () => {
    const label = 'x'.repeat(60);
    const name = `${Array.from({ length: 700 }, () => label).join('.')}.example.org.`;
    const content = `172.31.47.132:40001 - 1 "A IN ${name} udp 40 false 512" NOERROR qr,rd,ra 80 0.1s`;
    const events = [{ timeMs: 1_795_168_860_000, message: `[INFO] ${content}` }];
    const head = { owner: '1', logGroup: '/g', logStream: 's', messageType: 'DATA_MESSAGE' };
    const data = gzipSync(envelopeJson({ ...head, events }));
    const event = eventOf([{ data, shape: 'events', units: [] }]);
    const [record] = recordsIn(readResponse(event, JSON.parse(await answer(lambda, event))));
    expect(record).toMatchObject({ content, 'dns.truncated': true, 'dns.response_code': 'NOERROR' });
    expect(record?.['dns.question.name']).toBe(name.slice(0, 32_000));
  });

  it('copies bytes that are not UTF-8', async () => {
    const open = '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":5,"message":"';
    const dns = '\\"A IN a.example. udp 40 false 512\\" NOERROR qr 80 0.1s"}';
    const before = `${open}\xff\xfe \x00\xc3("},{"id":"2","timestamp":6,"message":"[INFO] 10.0.0.1:1 - 1 ${dns}]}`;
    const event = eventOf([{ data: gzipSync(Buffer.from(before, 'latin1')), shape: 'events', units: [] }]);
    const [record] = JSON.parse(await answer(lambda, event)).records;
    const after = gunzipSync(Buffer.from(record.data, 'base64')).toString('latin1');
    const until = before.indexOf('[INFO]');
    expect(after.slice(0, until)).toBe(before.slice(0, until));
    expect(after.slice(until)).toMatch(/^\{\\"timestamp/);
  });
});

const pick = ({ records: [record] }: FirehoseTransformationEvent) => ({
  recordId: record?.recordId,
  data: record?.data,
});

describe('the function in trouble', () => {
  const events = Array.from({ length: 2000 }, (_, i) => ({
    timeMs: 1_795_168_860_000,
    message: `[INFO] 10.0.0.7:4000 - 1 "A IN n${i}.example.org. udp 40 false 512" NOERROR qr,rd,ra 80 0.1s`,
  }));
  const head = { owner: '1', logGroup: '/aws/eks/shop/dns', logStream: 's', messageType: 'DATA_MESSAGE' };
  const envelope = envelopeJson({ ...head, events });
  const metricsIn = (output: readonly string[]) =>
    output.filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line));

  it('normalises without attribution while the Kubernetes API is down', async () => {
    const services = await startStubServices();
    const output: string[] = [];
    const lambda = start({ ...services.env, EC2_LOOKUP: 'off' }, output);
    try {
      await services.kubernetes.close();
      const event = eventOf([{ data: gzipSync(envelope), shape: 'events', units: [] }]);
      const text = await answer(lambda, event);
      const records = recordsIn(readResponse(event, JSON.parse(text)));
      expect(records).toHaveLength(events.length);
      for (const record of records) expect(record).toMatchObject({ 'dns.client.attribution': 'none' });
      expect(metricsIn(output)).toEqual([
        expect.objectContaining({ RecordsFailed: 0, EventsCoreDns: events.length }),
      ]);
      expect(metricsIn(output)[0].DirectoryErrors).toBeGreaterThan(0);
    } finally {
      await lambda.stop();
      await services.close();
    }
  });

  it('writes a record lean that would inflate to more than 8 MB, and names each query', async () => {
    const output: string[] = [];
    const lambda = start({ EC2_LOOKUP: 'off' }, output);
    const lines = Array.from({ length: 5 }, () => events).flat();
    const data = gzipSync(envelopeJson({ ...head, events: lines }));
    const event = eventOf([{ data, shape: 'events', units: [] }]);
    const text = await answer(lambda, event);
    await lambda.stop();
    expect(judge(event, text, BUDGET_BYTES).violations).toEqual([]);
    const records = recordsIn(readResponse(event, JSON.parse(text)));
    const names = records.map((record) => record['dns.question.name']);
    expect(records[0]).not.toHaveProperty(['dns.header_flags']);
    expect(names).toEqual(lines.map((_, i) => `n${i % events.length}.example.org`));
    expect(metricsIn(output)).toMatchObject([{ RecordsDegraded: 1 }]);
  });

  it('keeps every record of a response that would be over 6 MB', async () => {
    const output: string[] = [];
    const lambda = start({ EC2_LOOKUP: 'off' }, output);
    // Each record fits alone.
    const few = events.slice(0, 500);
    const data = Buffer.from(envelopeJson({ ...head, events: few }));
    const event = eventOf(Array.from({ length: 16 }, () => ({ data, shape: 'events', units: [] })));
    const text = await answer(lambda, event);
    await lambda.stop();
    expect(judge(event, text, BUDGET_BYTES).violations).toEqual([]);
    const { records } = JSON.parse(text) as { records: { result: string; data: string }[] };
    expect(records.map(({ result }) => result)).toEqual(event.records.map(() => 'Ok'));
    for (const record of records) {
      const { logEvents } = JSON.parse(Buffer.from(record.data, 'base64').toString('utf8'));
      expect(logEvents).toHaveLength(few.length);
    }
    const unchanged = records.filter((record) => record.data === data.toString('base64')).length;
    expect(unchanged).toBeLessThan(records.length);
    const [{ RecordsDegraded: degraded, RecordsUnread: unread }] = metricsIn(output);
    // Most of what has no room is not written at all.
    expect(degraded + unread).toBeGreaterThanOrEqual(unchanged);
    expect(unread).toBeGreaterThan(unchanged / 2);
    expect(unchanged).toBeGreaterThan(0);
  });
});

describe('a batch of which the function died', () => {
  it('passes through untouched when it comes again, and is counted', async () => {
    const services = await startStubServices();
    services.kubernetes.answerWith(() => 'hang');
    const output: string[] = [];
    const lambda = start({ ...services.env, EC2_LOOKUP: 'off', LOOKUP_BUDGET_MS: '60000' }, output);
    try {
      const event = (text: string) => eventOf([{ data: gzipSync(text), shape: 'events', units: [] }]);
      const head = { owner: '1', logGroup: '/aws/eks/shop/dns', logStream: 's', messageType: 'DATA_MESSAGE' };
      const message = '[INFO] 10.0.0.7:4000 - 1 "A IN a.example. udp 40 false 512" NOERROR qr,rd,ra 80 0.1s';
      const poison = event(envelopeJson({ ...head, events: [{ timeMs: 1_795_168_860_000, message }] }));
      // It waits for the cluster until it is killed.
      expect((await lambda.invoke(poison, { killAfterMs: 4000 })).error).toContain('SIGKILL');
      services.kubernetes.answerWith(() => undefined);
      const records = JSON.parse(await answer(lambda, poison)).records;
      expect(records).toEqual([{ ...pick(poison), result: 'Ok' }]);
      // Any other batch is read.
      const [other] = JSON.parse(
        await answer(lambda, event(envelopeJson({ ...head, events: [{ timeMs: 0, message }] }))),
      ).records;
      expect(gunzipSync(Buffer.from(other.data, 'base64')).toString()).toContain('dns.question.name');
      const metrics = output.filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line));
      expect(metrics.map(({ PoisonBatches }) => PoisonBatches)).toEqual([1, 0]);
    } finally {
      await lambda.stop();
      await services.close();
    }
  });
});

describe('the function with a wrong configuration', () => {
  const env = {
    OUTPUT_FORMAT: 'xml',
    SAMPLE: 'external=7',
    HISTORY_MINUTES: 'long',
    COREDNS_LOG_FORMAT: '{name} {rsize}{duration}',
  };

  it('passes everything through, logs all faults in one line, and counts them', async () => {
    const output: string[] = [];
    const lambda = start(env, output);
    const event = JSON.parse(readFileSync('events/04-mixed-applications.json', 'utf8'));
    const broken = JSON.parse(readFileSync('events/06-broken-gzip.json', 'utf8'));
    for (const each of [event, broken, event]) {
      expect(JSON.parse(await answer(lambda, each)).records).toEqual(
        each.records.map(({ recordId, data }: { recordId: string; data: string }) => ({
          recordId,
          result: 'Ok',
          data,
        })),
      );
    }
    await lambda.stop();
    const lines = output.map((line) => JSON.parse(line) as Record<string, unknown>);
    const errors = lines.filter(({ level }) => level === 'ERROR');
    expect(errors).toHaveLength(1);
    const faults = String(JSON.stringify(errors[0]?.faults));
    for (const name of Object.keys(env)) expect(faults).toContain(`${name}: `);
    const counted = lines.filter((line) => '_aws' in line).map((line) => line.ConfigurationInvalid);
    expect(counted).toEqual([4, 4, 4]);
  });
});
