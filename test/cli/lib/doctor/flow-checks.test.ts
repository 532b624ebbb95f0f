import { afterEach, expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkFlow } from '../../../../src/cli/lib/doctor/flow-checks.ts';
import { startCallsStub } from '../../support/calls-stub.ts';
import { dnsFunctionWith } from '../../support/dns-function.ts';
import { metricsOf } from '../../support/metrics.ts';

const environment = { ...process.env };
let stub: Awaited<ReturnType<typeof startCallsStub>>;

afterEach(async () => {
  process.env = { ...environment };
  await stub.close();
});

async function recordsWith(RecordsFailed: number) {
  stub = await startCallsStub(metricsOf({ EventsIn: 9, EventsCoreDns: 9, RecordsFailed }));
  Object.assign(process.env, stub.environment);
  const checks = await checkFlow(openAws('eu-west-1'), undefined, dnsFunctionWith({}));
  return checks.find(({ link }) => link === 'records');
}

// RecordsFailed counts records of every code, those too that a fault of our own let through (INTERNAL).
it('says of records that failed what the metric knows, and where the code is', async () => {
  const records = await recordsWith(2);
  expect(records).toMatchObject({ state: 'warning', saw: '2 failed or went on as they came' });
  expect(records?.fix).toContain('record_failed');
  expect(records?.means).toMatch(/those that failed are in the backup bucket/);
});

it('says nothing where none failed', async () => {
  expect(await recordsWith(0)).toBeUndefined();
});
