import { expect, it } from '@jest/globals';
import { derivedKeys } from '../../src/directory/ec2-keys.ts';
import { instanceStub } from '../support/directory-stub.ts';
import { keysOf } from '../support/live-directory.ts';

it('wants addresses of nobody before those that are to be confirmed: there is a limit to how many are asked for', () => {
  const vpcIps = new Map([['vpc-1', new Set(['10.0.0.1', '10.0.0.2', '10.0.0.3', '192.0.2.1'])]]);
  const instanceAt = (_: string | undefined, ip: string) =>
    ip === '10.0.0.2' ? undefined : instanceStub('i-1', { vpcId: 'vpc-1' });
  const { addresses } = derivedKeys(keysOf({ vpcIps }), { instanceAt }, []);
  expect([...(addresses.get('vpc-1') ?? [])]).toEqual(['10.0.0.2', '10.0.0.1', '10.0.0.3']);
});
