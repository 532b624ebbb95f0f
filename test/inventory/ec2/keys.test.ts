import { describe, expect, it } from '@jest/globals';
import { derivedKeys } from '../../../src/inventory/ec2/keys.ts';
import { createClusterTables } from '../../../src/inventory/ip-ownership/index.ts';
import { instanceStub, podStub } from '../../support/directory-stub.ts';
import { keysOf } from '../../support/live-directory.ts';
import { observedNode, observedPod, SHOP, second } from '../../support/observations.ts';

it('puts unknown addresses before known ones, because the number of requested addresses is limited', () => {
  const vpcIps = new Map([['vpc-1', new Set(['10.0.0.1', '10.0.0.2', '10.0.0.3', '192.0.2.1'])]]);
  const instanceAt = (_: string | undefined, ip: string) =>
    ip === '10.0.0.2' ? undefined : instanceStub('i-1', { vpcId: 'vpc-1' });
  const { addresses } = derivedKeys(keysOf({ vpcIps }), { instanceAt }, []);
  expect([...(addresses.get('vpc-1') ?? [])]).toEqual(['10.0.0.2', '10.0.0.1', '10.0.0.3']);
});

describe('with a cluster of three nodes, each with one pod', () => {
  const tables = createClusterTables(SHOP);
  for (const n of [1, 2, 3]) {
    tables.nodes.observe(observedNode(`node-${n}`, `i-${n}`, { ips: [`10.0.9.${n}`] }), second(1));
    const owner = { kind: 'pod', pod: podStub(SHOP, `pod-${n}`, { nodeName: `node-${n}` }) } as const;
    const ips = [`10.0.0.${n}`, `2001:db8::${n}`];
    tables.pods.observe(observedPod(`pod-${n}`, { owner, ips }), second(1));
  }
  const derived = (clientIps: readonly string[], vpcIps: readonly string[] = []) => {
    const keys = keysOf({ clientIps: new Set(clientIps), vpcIps: new Map([['vpc-1', new Set(vpcIps)]]) });
    const { ids, addresses } = derivedKeys(keys, { instanceAt: () => undefined }, [tables]);
    return { ids: [...ids].toSorted(), unknown: [...(addresses.get('vpc-1') ?? [])].toSorted() };
  };

  it.each<[string, string[], string[], string[], string[]]>([
    ['a pod', ['10.0.0.2'], [], ['i-2'], []],
    ['a pod with another spelling of its address', ['2001:DB8:0::2'], [], ['i-2'], []],
    ['a node, and a pod that queries the Resolver', ['10.0.9.1'], ['10.0.0.3'], ['i-1', 'i-3'], []],
    ['unknown addresses', ['10.0.7.7'], ['10.0.7.8'], [], ['10.0.7.7', '10.0.7.8']],
  ])('few clients, %s: the instances of their nodes', (_, clientIps, vpcIps, ids, unknown) => {
    expect(derived(clientIps, vpcIps)).toEqual({ ids, unknown });
  });

  it('many clients: all instances, and only the unknown addresses', () => {
    const many = ['10.0.0.1', '2001:DB8:0::2', '10.0.9.3', '10.0.7.7'];
    expect(derived(many)).toEqual({ ids: ['i-1', 'i-2', 'i-3'], unknown: ['10.0.7.7'] });
    expect(derived(many.slice(0, 2), many.slice(2))).toEqual({
      ids: ['i-1', 'i-2', 'i-3'],
      unknown: ['10.0.7.7'],
    });
  });
});
