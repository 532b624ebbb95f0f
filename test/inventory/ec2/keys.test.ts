import { describe, expect, it } from '@jest/globals';
import { derivedKeys } from '../../../src/inventory/ec2/keys.ts';
import type { Facts } from '../../../src/inventory/ip-ownership/interval.ts';
import { createClusterTables } from '../../../src/inventory/owner-index.ts';
import { clusterStub, instanceStub, podStub } from '../../support/directory-stub.ts';
import { keysOf } from '../../support/live-directory.ts';

it('wants addresses of nobody before those that are to be confirmed: there is a limit to how many are asked for', () => {
  const vpcIps = new Map([['vpc-1', new Set(['10.0.0.1', '10.0.0.2', '10.0.0.3', '192.0.2.1'])]]);
  const instanceAt = (_: string | undefined, ip: string) =>
    ip === '10.0.0.2' ? undefined : instanceStub('i-1', { vpcId: 'vpc-1' });
  const { addresses } = derivedKeys(keysOf({ vpcIps }), { instanceAt }, []);
  expect([...(addresses.get('vpc-1') ?? [])]).toEqual(['10.0.0.2', '10.0.0.1', '10.0.0.3']);
});

describe('with a cluster of three nodes, a pod on each', () => {
  const shop = clusterStub('shop', { vpcId: 'vpc-1' });
  const tables = createClusterTables(shop);
  const life = { ownsIps: true, startMs: 1, startIsCertain: true, ending: undefined, aliveAtMs: undefined };
  for (const n of [1, 2, 3]) {
    const node = { cluster: shop, name: `node-${n}`, instanceId: `i-${n}` };
    const joined: Facts = {
      key: node.name,
      names: [node.name, node.instanceId],
      holder: { kind: 'node', node },
      ips: [`10.0.9.${n}`],
      ...life,
    };
    tables.nodes.observe(joined, 2);
    const pod = podStub(shop, `pod-${n}`, { nodeName: node.name });
    const ips = [`10.0.0.${n}`, `2001:db8::${n}`];
    tables.pods.observe(
      { key: pod.name, names: [`shop/${pod.name}`], holder: { kind: 'pod', pod }, ips, ...life },
      2,
    );
  }
  const derived = (clientIps: readonly string[], vpcIps: readonly string[] = []) => {
    const keys = keysOf({ clientIps: new Set(clientIps), vpcIps: new Map([['vpc-1', new Set(vpcIps)]]) });
    const { ids, addresses } = derivedKeys(keys, { instanceAt: () => undefined }, [tables]);
    return { ids: [...ids].toSorted(), unknown: [...(addresses.get('vpc-1') ?? [])].toSorted() };
  };

  it.each<[string, string[], string[], string[], string[]]>([
    ['a pod', ['10.0.0.2'], [], ['i-2'], []],
    ['a pod by another spelling', ['2001:DB8:0::2'], [], ['i-2'], []],
    ['a node, and a pod that asks the Resolver', ['10.0.9.1'], ['10.0.0.3'], ['i-1', 'i-3'], []],
    ['nobody', ['10.0.7.7'], ['10.0.7.8'], [], ['10.0.7.7', '10.0.7.8']],
  ])('few clients, %s: the instances behind them', (_, clientIps, vpcIps, ids, unknown) => {
    expect(derived(clientIps, vpcIps)).toEqual({ ids, unknown });
  });

  it('many clients: all instances, and still only the addresses that nobody has', () => {
    const many = ['10.0.0.1', '2001:DB8:0::2', '10.0.9.3', '10.0.7.7'];
    expect(derived(many)).toEqual({ ids: ['i-1', 'i-2', 'i-3'], unknown: ['10.0.7.7'] });
    expect(derived(many.slice(0, 2), many.slice(2))).toEqual({
      ids: ['i-1', 'i-2', 'i-3'],
      unknown: ['10.0.7.7'],
    });
  });
});
