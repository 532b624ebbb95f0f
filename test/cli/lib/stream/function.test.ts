import { expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkStream } from '../../../../src/cli/lib/doctor/stream-checks.ts';
import { functionId, usableFunction } from '../../../../src/cli/lib/stream/function.ts';
import { callsStubPerTest } from '../../support/calls-stub.ts';

const DEPLOY = 'sam build && sam deploy --parameter-overrides Clusters=CLUSTER';

const startStub = callsStubPerTest();

async function emptyAccount() {
  await startStub({
    DescribeStacks: () => ({ Stacks: [] }),
    GetFunctionConfiguration: () => 'ResourceNotFoundException',
    DescribeDeliveryStream: () => 'ResourceNotFoundException',
  });
  return openAws('eu-west-1');
}

// `sam deploy --guided` prompts for the secret parameters again.
it.each([
  { name: 'no stack', remedyOf: async () => functionId(await emptyAccount(), {}) },
  { name: 'no function', remedyOf: async () => usableFunction(await emptyAccount(), { function: 'dns' }) },
])('$name: the fix is a deployment without prompts', async ({ remedyOf }) => {
  await expect(remedyOf()).rejects.toMatchObject({ remedy: expect.stringContaining(DEPLOY) });
});

it('doctor shows the same fix', async () => {
  const { checks } = await checkStream(await emptyAccount(), { function: 'dns', stream: 'dns' });
  expect(checks[0]).toMatchObject({ name: 'function', state: 'missing', fix: DEPLOY });
});
