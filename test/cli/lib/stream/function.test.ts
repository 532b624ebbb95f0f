import { expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkStream } from '../../../../src/cli/lib/doctor/stream-checks.ts';
import { functionId, usableFunction } from '../../../../src/cli/lib/stream/function.ts';
import { callsStubPerTest } from '../../support/calls-stub.ts';

const startStub = callsStubPerTest();

async function emptyAccount() {
  await startStub({
    DescribeStacks: () => ({ Stacks: [] }),
    GetFunctionConfiguration: () => 'ResourceNotFoundException',
    DescribeDeliveryStream: () => 'ResourceNotFoundException',
  });
  return openAws('eu-west-1');
}

it.each([
  { name: 'no stack', remedyOf: async () => functionId(await emptyAccount(), {}) },
  { name: 'no function', remedyOf: async () => usableFunction(await emptyAccount(), { function: 'dns' }) },
])('$name: the fix says how it is deployed', async ({ remedyOf }) => {
  await expect(remedyOf()).rejects.toMatchObject({
    remedy: expect.stringMatching(/^deploy it with setup or SAM/),
  });
});

// `sam deploy --guided` prompts for the secret parameters again.
it.each([
  [
    { stack: 'mine', cluster: ['shop', 'web'] },
    /^sam build && sam deploy --stack-name mine --parameter-overrides Clusters=shop,web$/,
  ],
  [{}, /^run this again with --cluster .*`aws eks list-clusters`/],
  [{ function: 'dns' }, /^correct --function, .*`aws lambda list-functions`/],
])('doctor names the deployment as far as it knows it: %j', async (options, fix) => {
  const { checks } = await checkStream(await emptyAccount(), { ...options, stream: 'dns' });
  expect(checks[0]).toMatchObject({ name: 'function', state: 'missing', fix: expect.stringMatching(fix) });
});
