// Slow responses of EC2, and addresses that move between instances.
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Directory } from '../../src/core/model/directory.ts';
import { invoke, isListed, keysOf, liveSource, MINUTE, NOW, useStubs } from '../support/live-directory.ts';

const stubs = useStubs();

const VPC = 'vpc-1';
const source = () => liveSource({ ec2Lookup: true, lookupBudgetMs: 2000 });
const at = (directory: Directory, ip: string) => directory.instanceAt(VPC, ip)?.id;
const put = (id: string, more: { ips?: string[]; prefixes?: string[] }): void =>
  stubs.aws.putInstance({ id, vpcId: VPC, ...more });

describe.each([
  ['an address', '10.1.0.7', { ips: ['10.1.0.7'] }],
  ['an address of a delegated block', '10.2.0.20', { prefixes: ['10.2.0.16/28'] }],
])('%s', (_, ip, network) => {
  const keys = keysOf({ clientIps: new Set([ip]) });
  beforeEach(() => {
    stubs.aws.removeInstance('i-0attacker');
    put('i-0bastion', network);
  });

  it('is requested again after a while, and found at its new instance', async () => {
    const ec2 = source();
    const { directory } = await invoke(ec2, NOW, keys);
    expect(at(directory, ip)).toBe('i-0bastion');
    stubs.aws.removeInstance('i-0bastion');
    put('i-0attacker', network);
    const asked = stubs.aws.calls.length;
    await invoke(ec2, NOW + 14 * MINUTE, keys);
    expect(stubs.aws.calls).toHaveLength(asked);
    await invoke(ec2, NOW + 16 * MINUTE, keys);
    expect(at(directory, ip)).toBe('i-0attacker');
  });

  it('has no instance once that is terminated, nor have its neighbours', async () => {
    const ec2 = source();
    const { directory } = await invoke(ec2, NOW, keys);
    stubs.aws.removeInstance('i-0bastion');
    const revision = directory.topologyRevision();
    await invoke(ec2, NOW + 16 * MINUTE, keys);
    expect(at(directory, ip)).toBeUndefined();
    expect(at(directory, '10.2.0.17')).toBeUndefined();
    expect(directory.topologyRevision()).toBeGreaterThan(revision);
    // Still known by its id, which a delayed record may contain.
    expect(directory.instance('i-0bastion')?.vpcId).toBe(VPC);
    const asked = stubs.aws.calls.length;
    await invoke(ec2, NOW + 17 * MINUTE, keys);
    expect(stubs.aws.calls).toHaveLength(asked);
    put('i-0attacker', network);
    await invoke(ec2, NOW + 19 * MINUTE, keys);
    expect(at(directory, ip)).toBe('i-0attacker');
  });

  it('has no instance once the instance in the record is terminated', async () => {
    const ec2 = source();
    const named = keysOf({ instanceIds: new Set(['i-0bastion']) });
    const { directory } = await invoke(ec2, NOW, named);
    expect(at(directory, ip)).toBe('i-0bastion');
    stubs.aws.removeInstance('i-0bastion');
    await invoke(ec2, NOW + 16 * MINUTE, named);
    expect(at(directory, ip)).toBeUndefined();
    expect(directory.instance('i-0bastion')?.vpcId).toBe(VPC);
  });

  it('is unchanged while its instance has it', async () => {
    const ec2 = source();
    const { directory } = await invoke(ec2, NOW, keys);
    const revision = directory.topologyRevision();
    const asked = stubs.aws.calls.length;
    await invoke(ec2, NOW + 16 * MINUTE, keys);
    expect(at(directory, ip)).toBe('i-0bastion');
    expect(directory.topologyRevision()).toBe(revision);
    expect(stubs.aws.calls).toHaveLength(2 * asked);
  });

  it.each(['fail', 'hang'] as const)('is unchanged while EC2 does not answer: %s', async (how) => {
    const ec2 = liveSource({ ec2Lookup: true, lookupBudgetMs: 400 });
    const { directory } = await invoke(ec2, NOW, keys);
    stubs.aws.removeInstance('i-0bastion');
    stubs.aws.answerWith((kind) => (kind === 'ec2' ? how : undefined));
    const stall = { requests: 1, ms: 400 };
    const { health } = await invoke(ec2, NOW + 16 * MINUTE, keys, how === 'hang' ? { stall } : {});
    expect(health[1]?.errors).toBe(1);
    expect(at(directory, ip)).toBe('i-0bastion');
  });
});

it('follows addresses out of a block and into a block', async () => {
  const ec2 = source();
  put('i-1', { ips: ['10.1.0.5'] });
  put('i-2', { prefixes: ['10.2.0.32/28'] });
  const keys = keysOf({ clientIps: new Set(['10.1.0.5', '10.2.0.40']) });
  const { directory } = await invoke(ec2, NOW, keys);
  expect([at(directory, '10.1.0.5'), at(directory, '10.2.0.40')]).toEqual(['i-1', 'i-2']);
  put('i-1', { ips: ['10.2.0.40'] });
  put('i-2', { prefixes: ['10.1.0.0/28'] });
  await invoke(ec2, NOW + 16 * MINUTE, keys);
  expect([at(directory, '10.1.0.5'), at(directory, '10.2.0.40')]).toEqual(['i-2', 'i-1']);
});

it('requests an instance once for all its addresses', async () => {
  const ec2 = source();
  put('i-1', { ips: ['10.1.0.5', '10.1.0.6'], prefixes: ['10.2.0.32/28'] });
  const keys = (...ips: string[]) => keysOf({ clientIps: new Set(ips) });
  await invoke(ec2, NOW, keys('10.1.0.5'));
  expect(stubs.aws.calls).toHaveLength(1);
  const all = keysOf({ ...keys('10.1.0.5', '10.1.0.6', '10.2.0.40'), instanceIds: new Set(['i-1']) });
  await invoke(ec2, NOW + MINUTE, all);
  expect(stubs.aws.calls).toHaveLength(1);
});

it('completes a thousand addresses over several invocations despite time-outs, and requests new ids at once', async () => {
  const ec2 = liveSource({ ec2Lookup: true, lookupBudgetMs: 1500 });
  const ips = Array.from({ length: 1000 }, (_, i) => `10.3.${i >> 8}.${i & 255}`);
  const keys = keysOf({ clientIps: new Set(ips) });
  put('i-late', {});
  let left = 5;
  stubs.aws.answerWith((kind) => (kind === 'ec2' && left-- <= 0 ? 'hang' : undefined));
  const cut = await invoke(ec2, NOW, keys, { stall: { requests: 1, ms: 1500 } });
  expect(cut.health[1]).toMatchObject({ errors: 0, late: true, lastError: undefined });
  const before = stubs.aws.calls.splice(0);
  left = 1000;
  const instanceIds = new Set(['i-late']);
  const { directory, health } = await invoke(ec2, NOW + 1000, keysOf({ ...keys, instanceIds }));
  expect(directory.instance('i-late')).toBeDefined();
  expect(health[1]).toMatchObject({ errors: 0, late: false, lastError: undefined });
  const asked = (calls: readonly string[], filter: string) =>
    calls.filter((call) => call.includes(filter)).flatMap((call) => call.split('=').at(-1)?.split(',') ?? []);
  // The block of the third batch was not requested before the time-out.
  expect(asked(before, 'private-ip-address')).toEqual(ips.slice(0, 300));
  expect(asked(stubs.aws.calls, 'private-ip-address')).toEqual(ips.slice(200));
  const blocks = asked(stubs.aws.calls, 'ipv4-prefix');
  expect(new Set(blocks).size).toBe(blocks.length);
  stubs.aws.calls.length = 0;
  await invoke(ec2, NOW + 2000, keys);
  expect(stubs.aws.calls).toEqual([]);
});

it('sends no more requests in an invocation that timed out, and counts none of them as a failure', async () => {
  const ec2 = liveSource({ ec2Lookup: true, lookupBudgetMs: 600 });
  const instanceIds = new Set(Array.from({ length: 150 }, (_, i) => `i-many-${i}`));
  const keys = keysOf({ instanceIds, clientIps: new Set(['10.4.0.1']) });
  let left = 1;
  stubs.aws.answerWith((kind) => (kind === 'ec2' && left-- <= 0 ? 'hang' : undefined));
  const { health } = await invoke(ec2, NOW, keys, { stall: { requests: 1, ms: 600, once: isListed } });
  expect(health[1]).toMatchObject({ errors: 0, late: true, lastError: undefined });
  stubs.aws.answerWith(() => undefined);
  stubs.aws.calls.length = 0;
  await invoke(ec2, NOW + 1000, keys);
  expect(stubs.aws.calls.map((call) => call.split(/[=,]/)[0])).toEqual(['instance-id', 'vpc-id', 'vpc-id']);
});
