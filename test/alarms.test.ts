// The template's alarms against what the function really emits.
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { bundleUrl } from '../src/cli/invoke.ts';
import { createFunction } from '../src/cli/simulate/function.ts';

const template = readFileSync('template.yaml', 'utf8');

type Alarm = {
  readonly metric: string;
  readonly statistic: string;
  readonly threshold: number;
  readonly operator: string;
};

/** Alarms on our own namespace, read from the block in which each stands. */
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

/** Metrics that the dashboard draws. */
const drawn = [...template.matchAll(/\["(?:EksDnsFirehose|\.)", "(\w+)", ?"(?:service|\.)"/g)].flatMap(
  ([, name]) => name ?? [],
);

/** What the built function emits for a batch of one record. */
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
  // Output is read by now or with the process's end at the latest.
  await lambda.stop();
  const line = lines.find((text) => text.startsWith('{"_aws"'));
  return JSON.parse(line ?? '{}') as Record<string, unknown>;
}

const BROKEN = Buffer.from([0x1f, 0x8b, 1, 2, 3]).toString('base64');
const GOOD = Buffer.from('a line').toString('base64');

it('the template has alarms of ours', () => {
  expect(alarms.map(({ metric }) => metric).sort()).toEqual([
    'ConfigurationInvalid',
    'DirectoryStale',
    'RecordsFailed',
  ]);
});

it.each<[string, Record<string, string>, string, string[]]>([
  ['all is well', {}, GOOD, []],
  ['a record is broken', {}, BROKEN, ['RecordsFailed']],
  ['a setting is wrong', { DROP: 'everything' }, GOOD, ['ConfigurationInvalid']],
  ['the directory cannot be read', { DIRECTORY_FILE: '/nowhere.json' }, GOOD, ['DirectoryStale']],
])('when %s, these and no other alarms go off', async (_name, env, data, expected) => {
  const line = await emitted(env, data);
  expect(line.service).toBe('dns-test');
  const breaching = alarms.filter(({ metric, threshold, operator }) => {
    expect(operator).toBe('GreaterThanThreshold');
    expect(typeof line[metric]).toBe('number');
    return Number(line[metric]) > threshold;
  });
  expect(breaching.map(({ metric }) => metric)).toEqual(expected);
});

it('the dashboard draws only metrics that are emitted', async () => {
  const line = await emitted({}, GOOD);
  const ours = drawn.filter((name) => !['Errors', 'Throttles', 'Duration'].includes(name));
  expect(ours.length).toBeGreaterThan(8);
  for (const name of ours) expect([name, typeof line[name]]).toEqual([name, 'number']);
});
