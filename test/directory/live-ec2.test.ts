// EC2 that is slow, and addresses that go from one instance to another.
import { expect, it } from '@jest/globals';
import { invoke, keysOf, liveSource, NOW, useStubs } from '../support/live-directory.ts';

const stubs = useStubs();

const VPC = 'vpc-1';
const put = (id: string, more: { ips?: string[]; prefixes?: string[] }): void =>
  stubs.aws.putInstance({ id, vpcId: VPC, ...more });

it('finishes a thousand addresses over several invocations, whatever cuts it off, and refuses no new id', async () => {
  const ec2 = liveSource({ ec2Lookup: true, lookupBudgetMs: 1500 });
  const ips = Array.from({ length: 1000 }, (_, i) => `10.3.${i >> 8}.${i & 255}`);
  const keys = keysOf({ clientIps: new Set(ips) });
  put('i-late', {});
  let left = 5;
  stubs.aws.answerWith((kind) => (kind === 'ec2' && left-- <= 0 ? 'hang' : undefined));
  const cut = await invoke(ec2, NOW, keys);
  expect(cut.health[1]).toMatchObject({ errors: 0, late: true, lastError: undefined });
  const before = stubs.aws.calls.splice(0);
  left = 1000;
  const instanceIds = new Set(['i-late']);
  const { directory, health } = await invoke(ec2, NOW + 1000, keysOf({ ...keys, instanceIds }));
  expect(directory.instance('i-late')).toBeDefined();
  expect(health[1]).toMatchObject({ errors: 0, late: false, lastError: undefined });
  const asked = (calls: readonly string[]) =>
    calls
      .filter((call) => call.includes('private-ip-address'))
      .flatMap((call) => call.split('=').at(-1)?.split(',') ?? []);
  // Of the third batch the block was not asked for any more.
  expect(asked(before)).toEqual(ips.slice(0, 300));
  expect(asked(stubs.aws.calls)).toEqual(ips.slice(200));
  stubs.aws.calls.length = 0;
  await invoke(ec2, NOW + 2000, keys);
  expect(stubs.aws.calls).toEqual([]);
});
