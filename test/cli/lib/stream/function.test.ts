import { afterEach, expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkChain } from '../../../../src/cli/lib/doctor/chain-checks.ts';
import { functionId, usableFunction } from '../../../../src/cli/lib/stream/function.ts';
import { startCallsStub } from '../../support/calls-stub.ts';

const DEPLOY = 'sam build && sam deploy --parameter-overrides Clusters=<cluster>';

const environment = { ...process.env };
let stub: Awaited<ReturnType<typeof startCallsStub>>;

afterEach(async () => {
  process.env = { ...environment };
  await stub.close();
});

async function emptyAccount() {
  stub = await startCallsStub({
    DescribeStacks: () => ({ Stacks: [] }),
    GetFunctionConfiguration: () => 'ResourceNotFoundException',
    DescribeDeliveryStream: () => 'ResourceNotFoundException',
  });
  Object.assign(process.env, stub.environment);
  return openAws('eu-west-1');
}

// `sam deploy --guided` asks for the secret parameters again, whatever Enter keeps of the others.
it.each([
  { name: 'no stack', remedyOf: async () => functionId(await emptyAccount(), {}) },
  { name: 'no function', remedyOf: async () => usableFunction(await emptyAccount(), { function: 'dns' }) },
])('$name: the remedy is a deployment that asks nothing', async ({ remedyOf }) => {
  await expect(remedyOf()).rejects.toMatchObject({ remedy: expect.stringContaining(DEPLOY) });
});

it('doctor says the same', async () => {
  const { checks } = await checkChain(await emptyAccount(), { function: 'dns', stream: 'dns' });
  expect(checks[0]).toMatchObject({ link: 'function', state: 'missing', fix: DEPLOY });
});
