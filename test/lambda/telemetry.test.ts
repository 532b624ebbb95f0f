import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Ajv } from 'ajv';
import type { SourceHealth } from '../../src/core/model/ports.ts';
import { createSummary } from '../../src/core/model/summary.ts';
import { createTelemetry } from '../../src/lambda/telemetry.ts';

// Written from the EMF specification (structure and limits), independent of other schemas.
const EMF = {
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      properties: {
        Timestamp: { type: 'integer', minimum: 1_600_000_000_000 },
        CloudWatchMetrics: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            required: ['Namespace', 'Dimensions', 'Metrics'],
            properties: {
              Namespace: { type: 'string', minLength: 1, maxLength: 1024 },
              Dimensions: {
                type: 'array',
                minItems: 1,
                items: {
                  type: 'array',
                  maxItems: 30,
                  items: { type: 'string', minLength: 1, maxLength: 250 },
                },
              },
              Metrics: {
                type: 'array',
                maxItems: 100,
                items: {
                  type: 'object',
                  required: ['Name', 'Unit'],
                  properties: {
                    Name: { type: 'string', minLength: 1, maxLength: 1024 },
                    Unit: { enum: ['Count', 'Bytes', 'Milliseconds', 'Seconds'] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

type EmfLine = Record<string, unknown> & {
  _aws: { CloudWatchMetrics: [{ Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }] };
};

let lines: string[] = [];
let nowMs = 1_700_000_000_000;
let spies: { mockRestore(): void }[] = [];

const capture = (chunk: unknown): boolean => {
  lines.push(...String(chunk).trim().split('\n'));
  return true;
};

beforeEach(() => {
  lines = [];
  spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation(capture),
    jest.spyOn(process.stderr, 'write').mockImplementation(capture),
  ];
});
afterEach(() => {
  for (const spy of spies) spy.mockRestore();
});

const create = (logLevel: 'INFO' | 'ERROR' = 'INFO') => createTelemetry({ logLevel }, { now: () => nowMs });
const parsed = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line));
const logged = (message: string) => parsed().filter((line) => line.message === message);

const source = (changes: Partial<SourceHealth> = {}): SourceHealth => ({
  source: 'kubernetes/shop',
  ageMs: 0,
  size: 10,
  errors: 0,
  late: false,
  lastError: undefined,
  ...changes,
});
const FORBIDDEN = source({ ageMs: 900_000, errors: 1, lastError: '403' });

describe('batchFinished', () => {
  it('emits one valid EMF line whose metrics all have a number', () => {
    const summary = createSummary();
    summary.recordsByResult.ProcessingFailed = 2;
    summary.failuresByCode.GZIP_BROKEN = 2;
    summary.eventsIn = 7;
    summary.normalisedBySource.coredns = 4;
    summary.droppedByCategory['search-expansion'] = 1;
    summary.sampledOutByCategory.cluster = 2;
    summary.attributions.exact = 3;
    summary.responseBytes = 1234;
    create().batchFinished(summary, 'inv-1');

    expect(lines).toHaveLength(1);
    const [line] = parsed() as [EmfLine];
    const validate = new Ajv().compile(EMF);
    expect(validate(line) || validate.errors).toBe(true);
    const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    expect(Namespace).toBe('EksDnsFirehose');
    expect(Dimensions).toEqual([['service']]);
    expect(typeof line.service).toBe('string');
    for (const { Name } of Metrics) expect([Name, typeof line[Name]]).toEqual([Name, 'number']);
    expect(line).toMatchObject({
      RecordsIn: 2,
      RecordsFailed: 2,
      EventsIn: 7,
      EventsCoreDns: 4,
      EventsDropped: 3,
      AttributionExact: 3,
      ResponseBytes: 1234,
      DirectoryStale: 0,
      ConfigurationInvalid: 0,
      invocationId: 'inv-1',
      failuresByCode: '{"GZIP_BROKEN":2}',
    });
    expect(line).not.toHaveProperty('degraded');
  });

  it('says once a minute what passed through unread, by its reason', () => {
    const telemetry = create();
    const summary = createSummary();
    summary.unreadByReason['record-bytes'] = 2;
    summary.unreadByReason.cpu = 3;
    summary.unreadEventsByReason['message-bytes'] = 4;
    summary.truncated = 5;
    telemetry.batchFinished(summary, 'inv-1');
    const [line] = parsed();
    expect(line).toMatchObject({ RecordsUnread: 5, EventsUnread: 4, EventsTruncated: 5, PoisonBatches: 0 });
    expect(line).toMatchObject({ unreadByReason: '{"record-bytes":2,"cpu":3}' });
    const found = {
      invocationId: 'inv-1',
      records: { 'record-bytes': 2, cpu: 3 },
      events: { 'message-bytes': 4 },
    };
    expect(logged('passed_through_unread')).toEqual([expect.objectContaining({ level: 'WARN', ...found })]);
    telemetry.batchFinished(summary, 'inv-2');
    expect(logged('passed_through_unread')).toHaveLength(1);
  });

  it('says that a batch passed through untouched', () => {
    const summary = { ...createSummary(), poisonBatches: 1 };
    create().batchFinished(summary, 'inv-1');
    expect(parsed()[0]).toMatchObject({ PoisonBatches: 1 });
    expect(logged('passed_through_unread')).toEqual([expect.objectContaining({ poisonBatches: 1 })]);
  });

  it('starts each batch with zero counts', () => {
    const telemetry = create();
    const summary = createSummary();
    summary.eventsIn = 5;
    telemetry.batchFinished(summary, 'a');
    telemetry.batchFinished(createSummary(), 'b');
    expect(parsed().map((line) => line.EventsIn)).toEqual([5, 0]);
  });

  it.each<[string, Partial<SourceHealth>, number]>([
    ['old and failing', { ageMs: 300_001, errors: 1, lastError: '403' }, 1],
    ['old and late', { ageMs: 300_001, late: true }, 1],
    ['old and backing off', { ageMs: 300_001, lastError: '429' }, 1],
    ['never complete and failing', { ageMs: undefined, errors: 1, lastError: 'timeout' }, 1],
    ['failing but fresh', { ageMs: 300_000, errors: 1, lastError: '500' }, 0],
    ['never requested', { ageMs: undefined }, 0],
    ['old and not requested since', { ageMs: 9_000_000 }, 0],
  ])('counts a source that is %s', (_name, changes, stale) => {
    create().batchFinished({ ...createSummary(), health: [source(changes), source()] }, 'a');
    expect(parsed()[0]).toMatchObject({ DirectoryStale: stale });
  });

  it('reports the age of the oldest source, all errors and all late look-ups', () => {
    const health = [source({ ageMs: 5, errors: 2 }), source({ ageMs: 70, errors: 1, late: true })];
    create().batchFinished({ ...createSummary(), health }, 'a');
    expect(parsed()[0]).toMatchObject({ DirectoryAge: 70, DirectoryErrors: 3, LookupsLate: 1 });
  });

  it('repeats the same warning of a source once a minute, with the number of suppressed ones', () => {
    const telemetry = create();
    const other = source({ source: 'ec2', errors: 1, lastError: 'throttled' });
    for (let second = 0; second < 61; second++) {
      telemetry.batchFinished(
        { ...createSummary(), health: second === 30 ? [FORBIDDEN, other] : [FORBIDDEN] },
        'a',
      );
      nowMs += 1000;
    }
    expect(logged('directory_degraded').map((line) => [line.source, line.suppressed])).toEqual([
      ['kubernetes/shop', 0],
      ['ec2', 0],
      ['kubernetes/shop', 59],
    ]);
  });

  it('warns of a new reason immediately', () => {
    const telemetry = create();
    for (const lastError of ['403', '403', '500']) {
      telemetry.batchFinished({ ...createSummary(), health: [source({ errors: 1, lastError })] }, 'a');
    }
    expect(logged('directory_degraded').map((line) => line.reason)).toEqual(['403', '500']);
  });

  it('never throws, even for invalid input', () => {
    const broken = { ...createSummary(), health: [undefined] } as never;
    expect(() => create().batchFinished(broken, 'a')).not.toThrow();
  });
});

describe('configurationInvalid', () => {
  it('is logged once, and not without a fault', () => {
    const telemetry = create();
    telemetry.configurationInvalid([]);
    telemetry.configurationInvalid(['DROP: unknown category']);
    telemetry.configurationInvalid(['DROP: unknown category']);
    expect(logged('configuration_rejected')).toEqual([
      expect.objectContaining({ level: 'ERROR', faults: ['DROP: unknown category'] }),
    ]);
  });
});

it('logs settings that are not used as they are set', () => {
  create().configurationAdjusted([]);
  expect(lines).toEqual([]);
  create().configurationAdjusted(['MAX_INFLATED_BYTES: less']);
  expect(logged('configuration_adjusted')).toMatchObject([
    { level: 'WARN', adjustments: ['MAX_INFLATED_BYTES: less'] },
  ]);
});

describe('recordFailed', () => {
  it('logs class and stack of an error, never its message', () => {
    const secret = 'payroll.example.com';
    const error = new SyntaxError(`Unexpected token in "${secret}"\n    at ${secret}:1`);
    create().recordFailed('id-1', 'INTERNAL', error);
    const [line] = logged('record_failed');
    expect(line).toMatchObject({
      level: 'ERROR',
      recordId: 'id-1',
      code: 'INTERNAL',
      cause: { name: 'SyntaxError' },
    });
    expect((line as { cause?: { stack: string[] } } | undefined)?.cause?.stack[0]).toMatch(
      /^ {4}at .*telemetry\.test\.ts/,
    );
    expect(lines.join()).not.toContain(secret);
  });

  it.each([
    ['a text', 'string'],
    [undefined, 'absent'],
    [null, 'object'],
  ])('accepts %p as an error', (thrown, name) => {
    create().recordFailed('id-1', 'GZIP_BROKEN', thrown);
    const [line] = logged('record_failed');
    expect(line).toMatchObject({
      level: 'WARN',
      ...(name === 'absent' ? {} : { cause: { name, stack: [] } }),
    });
  });

  it('logs each code once a minute', () => {
    const telemetry = create();
    for (let record = 0; record < 500; record++) telemetry.recordFailed(`id-${record}`, 'GZIP_BROKEN');
    telemetry.recordFailed('id-500', 'GZIP_TRUNCATED');
    expect(logged('record_failed').map((line) => line.recordId)).toEqual(['id-0', 'id-500']);
  });

  it('respects the log level', () => {
    create('ERROR').recordFailed('id-1', 'GZIP_BROKEN');
    expect(lines).toEqual([]);
  });

  it('logs all reasons that never repeat, without unlimited memory', () => {
    const telemetry = create('ERROR');
    for (let i = 0; i < 1000; i++) {
      telemetry.batchFinished(
        { ...createSummary(), health: [source({ errors: 1, lastError: `try ${i}` })] },
        'a',
      );
    }
    expect(lines).toHaveLength(1000);
  });
});
