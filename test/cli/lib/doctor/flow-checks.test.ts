import { expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkFlow } from '../../../../src/cli/lib/doctor/flow-checks.ts';
import { callsStubPerTest } from '../../support/calls-stub.ts';
import { dnsFunctionWith } from '../../support/dns-function.ts';
import { metricsOf } from '../../support/metrics.ts';

const startStub = callsStubPerTest();

async function recordsWith(RecordsFailed: number) {
  await startStub(metricsOf({ EventsIn: 9, EventsCoreDns: 9, RecordsFailed }));
  const checks = await checkFlow(openAws('eu-west-1'), undefined, dnsFunctionWith({}));
  return checks.find(({ name }) => name === 'records');
}

// RecordsFailed counts records of every error code, including those that passed through because of an internal error.
it('reports failed records, and where to find their codes', async () => {
  const records = await recordsWith(2);
  expect(records).toMatchObject({ state: 'warning', observed: '2 failed or passed through unchanged' });
  expect(records?.fix).toContain('record_failed');
  expect(records?.impact).toMatch(/failed records are in the backup bucket/);
});

it('reports nothing if none failed', async () => {
  expect(await recordsWith(0)).toBeUndefined();
});
