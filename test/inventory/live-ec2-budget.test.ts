// Calls of EC2 that log lines can cause: whoever can print a line can name instances, VPCs and addresses.
import { expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { nodeObject } from '../support/kubernetes-objects.ts';
import {
  clock,
  clustersOf,
  invoke,
  keysOf,
  liveSource,
  MINUTE,
  NODES,
  NOW,
  useStubs,
} from '../support/live-directory.ts';

const stubs = useStubs();
const source = () => liveSource({ ec2Lookup: true, lookupBudgetMs: 600_000 });
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const invented = (round: number) =>
  keysOf({
    instanceIds: new Set(names(`i-${round}a`, 5000)),
    vpcIps: new Map(names(`vpc-${round}a`, 500).map((vpc) => [vpc, new Set(['10.50.0.1', '10.50.0.2'])])),
  });
const vpcsIn = (calls: readonly string[]) =>
  new Set(calls.flatMap((call) => /vpc-id=([^;]*)/.exec(call)?.[1] ?? []));

it('a minute of invented ids, VPCs and addresses costs a bounded number of calls', async () => {
  const ec2 = source();
  for (let round = 0; round < 5; round += 1) {
    const { health } = await invoke(ec2, NOW + round * 10_000, invented(round));
    expect(health[1]).toMatchObject({ errors: 0, lastError: expect.stringContaining('calls per minute') });
  }
  expect(stubs.aws.calls).toHaveLength(20);
  await invoke(ec2, NOW + MINUTE, invented(9));
  expect(stubs.aws.calls).toHaveLength(40);
});

it('invented addresses in the VPC of a cluster are bounded as well', async () => {
  const ec2 = source();
  for (let round = 0; round < 5; round += 1) {
    const clientIps = new Set(
      Array.from({ length: 1000 }, (_, i) => `10.${60 + round}.${i >> 8}.${i & 255}`),
    );
    await invoke(ec2, NOW + round * 10_000, keysOf({ clientIps }));
  }
  expect(stubs.aws.calls).toHaveLength(60);
});

it('what is ours is found while others invent', async () => {
  const ec2 = source();
  for (let n = 0; n < 150; n += 1) {
    stubs.kubernetes.cluster.put(NODES, nodeObject(`n-${n}`, `10.9.${n >> 7}.${n & 127}`, `i-0${n}`));
    stubs.aws.putInstance({ id: `i-0${n}`, vpcId: 'vpc-1' });
  }
  stubs.aws.putInstance({ id: 'i-0f', vpcId: 'vpc-1', ips: ['10.1.0.7'] });
  const keys = invented(0);
  const clientIps = new Set([
    '10.1.0.7',
    ...Array.from({ length: 151 }, (_, n) => `10.9.${n >> 7}.${n & 127}`),
  ]);
  const { directory } = await invoke(ec2, NOW, { ...keys, clientIps });
  expect(directory.instance('i-0149')).toBeDefined();
  expect(directory.instanceAt('vpc-1', '10.1.0.7')?.id).toBe('i-0f');
});

it('a VPC in which nothing is found is left alone for a quarter of an hour', async () => {
  const ec2 = source();
  const keys = (ip: string) => keysOf({ vpcIps: new Map([['vpc-7', new Set([ip])]]) });
  await invoke(ec2, NOW, keys('10.50.0.1'));
  expect(vpcsIn(stubs.aws.calls)).toEqual(new Set(['vpc-7']));
  const asked = stubs.aws.calls.length;
  await invoke(ec2, NOW + 14 * MINUTE, keys('10.50.0.9'));
  expect(stubs.aws.calls).toHaveLength(asked);
  stubs.aws.putInstance({ id: 'i-7', vpcId: 'vpc-7', ips: ['10.50.0.9'] });
  const { directory } = await invoke(ec2, NOW + 16 * MINUTE, keys('10.50.0.9'));
  expect(directory.instanceAt('vpc-7', '10.50.0.9')?.id).toBe('i-7');
  stubs.aws.removeInstance('i-7');
});

it('a VPC is ours after its first instance, named by an id or by an address', async () => {
  const ec2 = source();
  stubs.aws.putInstance({ id: 'i-8', vpcId: 'vpc-8' });
  const many = new Set(Array.from({ length: 300 }, (_, i) => `10.51.${i >> 8}.${i & 255}`));
  await invoke(ec2, NOW, keysOf({ instanceIds: new Set(['i-8']), vpcIps: new Map([['vpc-8', many]]) }));
  const addresses = stubs.aws.calls.filter((call) => call.includes('private-ip-address'));
  expect(addresses).toHaveLength(3);
});

it('wildcards are not sent', async () => {
  const ec2 = source();
  const vpcIps = new Map(['vpc-*', '*', 'vpc-1?'].map((vpc) => [vpc, new Set(['10.50.0.1'])]));
  const { health } = await invoke(ec2, NOW, keysOf({ instanceIds: new Set(['i-*', '*', 'i-?']), vpcIps }));
  expect(stubs.aws.calls).toEqual([]);
  expect(health[1]).toMatchObject({ errors: 0, lastError: undefined });
});

it('nothing is looked up where certificates are not verified', async () => {
  const settings = { ...DEFAULT_SETTINGS, clusters: clustersOf('prod'), verifiesCertificates: false };
  const { health } = await invoke(createDirectorySource(settings, clock), NOW, invented(0));
  expect(health).toMatchObject([
    { source: 'live', errors: 1, lastError: expect.stringMatching(/^look-ups are refused.*NODE_TLS/) },
  ]);
  expect([stubs.aws.requests, stubs.kubernetes.requests]).toEqual([[], []]);
  const file = createDirectorySource({ ...settings, directoryFile: 'events/directory.json' }, clock);
  expect((await invoke(file, NOW)).health).toMatchObject([{ source: 'file', errors: 0 }]);
});
