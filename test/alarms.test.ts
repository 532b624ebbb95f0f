// Compares the template's alarms and dashboard with the metrics that the built function emits.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { bundleUrl } from '../src/cli/lib/io/bundle.ts';
import { createFunction } from '../src/cli/lib/simulate/function.ts';
import { createPoisonGuard } from '../src/lambda/poison-guard.ts';

const template = readFileSync('template.yaml', 'utf8');

type Alarm = {
  readonly metric: string;
  readonly statistic: string;
  readonly threshold: number;
  readonly operator: string;
};

/** Alarms on our own namespace, each read from its block of the template. */
const alarms = template.split(/^ {2}(?=\w+:$)/m).flatMap((block): Alarm[] => {
  const value = (name: string): string => new RegExp(`^ +${name}: (.+)$`, 'm').exec(block)?.[1] ?? '';
  if (value('Namespace') !== 'EksDnsFirehose') return [];
  expect(value('Dimensions')).toBe('[{ Name: service, Value: !Ref AWS::StackName }]');
  expect(value('TreatMissingData')).toBe('notBreaching');
  const [metric, statistic, operator] = [
    value('MetricName'),
    value('Statistic'),
    value('ComparisonOperator'),
  ];
  return [{ metric, statistic, operator, threshold: Number(value('Threshold')) }];
});

/** Metrics that the dashboard shows. */
const shown = [...template.matchAll(/\["(?:EksDnsFirehose|\.)", "(\w+)", ?"(?:service|\.)"/g)].flatMap(
  ([, name]) => name ?? [],
);

/** The metrics line (EMF) that the built function writes for a batch of one record. */
async function emitted(
  env: Readonly<Record<string, string>>,
  data: string,
): Promise<Record<string, unknown>> {
  const lines: string[] = [];
  const lambda = createFunction({
    bundle: bundleUrl('dist/index.mjs'),
    env: { EC2_LOOKUP: 'off', POWERTOOLS_SERVICE_NAME: 'dns-test', ...env },
    timeoutMs: 600_000,
    onLine: (line) => lines.push(line),
  });
  const records = [{ recordId: '1', approximateArrivalTimestamp: Date.now(), data }];
  await lambda.invoke({ invocationId: 'i', deliveryStreamArn: 'arn:aws:x', region: 'eu-west-1', records });
  // All output has been read once the process has ended.
  await lambda.stop();
  const line = lines.find((text) => text.startsWith('{"_aws"'));
  return JSON.parse(line ?? '{}') as Record<string, unknown>;
}

const BROKEN = Buffer.from([0x1f, 0x8b, 1, 2, 3]).toString('base64');
const GOOD = Buffer.from('a line').toString('base64');

it('the template has an alarm for each of these metrics', () => {
  expect(alarms.map(({ metric }) => metric).sort()).toEqual([
    'ConfigurationInvalid',
    'DirectoryStale',
    'PoisonBatches',
    'RecordsFailed',
    'StateAgeSeconds',
    'StateErrors',
  ]);
});

it.each<[string, Record<string, string>, string, string[]]>([
  ['nothing is wrong', {}, GOOD, []],
  ['a record is broken', {}, BROKEN, ['RecordsFailed']],
  ['a setting is invalid', { DROP: 'everything' }, GOOD, ['ConfigurationInvalid']],
  ['the inventory cannot be read', { DIRECTORY_FILE: '/nowhere.json' }, GOOD, ['DirectoryStale']],
])('when %s, exactly these alarms are raised', async (_name, env, data, expected) => {
  const line = await emitted(env, data);
  expect(line.service).toBe('dns-test');
  const breaching = alarms.filter(({ metric, threshold, operator }) => {
    expect(operator).toBe('GreaterThanThreshold');
    expect(typeof line[metric]).toBe('number');
    return Number(line[metric]) > threshold;
  });
  expect(breaching.map(({ metric }) => metric)).toEqual(expected);
});

it('when the function died of the batch before, exactly this alarm is raised', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alarms-'));
  try {
    // A process that does not run any more.
    createPoisonGuard({ folder, pid: 2 ** 30 })([{ recordId: '1', data: GOOD }]);
    const line = await emitted({ TMPDIR: folder }, GOOD);
    const breaching = alarms.filter(({ metric, threshold }) => Number(line[metric]) > threshold);
    expect(breaching.map(({ metric }) => metric)).toEqual(['PoisonBatches']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('the dashboard shows only metrics that are emitted', async () => {
  const line = await emitted({}, GOOD);
  const ours = shown.filter((name) => !['Errors', 'Throttles', 'Duration'].includes(name));
  expect(ours.length).toBeGreaterThan(8);
  for (const name of ours) expect([name, typeof line[name]]).toEqual([name, 'number']);
});
