import { describe, expect, it } from '@jest/globals';
import { EMPTY_CLIENT } from '../../../src/core/attribution/client-of-owner.ts';
import { reuseClient, withSlot } from '../../../src/core/fast-path/cached-client.ts';
import type { Client } from '../../../src/core/model/client.ts';
import { clusterStub, instanceStub, podStub } from '../../support/directory-stub.ts';

const shop = clusterStub('shop');
const pod = podStub(shop, 'web-1');
const client = (members: Partial<Client> = {}): Client => ({
  ...EMPTY_CLIENT,
  kind: 'pod',
  attribution: 'inferred',
  cluster: shop,
  pod,
  namespace: 'shop',
  podName: 'web-1',
  workload: { kind: 'deployment', name: 'web' },
  loggedLabels: [['app', 'web']],
  nodeName: 'n1',
  instanceId: 'i-1',
  instance: instanceStub('i-1'),
  ...members,
});
const base = client();
const NO_SLOT = { encoded: undefined, encodedLevel: 1, encodedVpcId: undefined };

/** Clients that differ from `base` in one member; objects of equal content are other objects all the same. */
const OTHERS: readonly (readonly [string, Partial<Client>])[] = [
  ['kind', { kind: 'coredns' }],
  ['attribution', { attribution: 'exact' }],
  ['cluster', { cluster: clusterStub('shop') }],
  ['pod', { pod: podStub(shop, 'web-1') }],
  ['nodeName', { nodeName: 'n2' }],
  ['instanceId', { instanceId: 'i-2' }],
  ['instance', { instance: instanceStub('i-1') }],
];

it('a client with a slot is a copy of equal content', () => {
  const slotted = withSlot(base);
  expect(slotted).toEqual({ ...base, ...NO_SLOT });
  expect(slotted).not.toBe(base);
});

describe('reuseClient', () => {
  it('returns the client before for the same content', () => {
    const previous = reuseClient(base, undefined);
    expect(previous).toEqual({ ...base, ...NO_SLOT });
    expect(previous).not.toBe(base);
    expect(reuseClient({ ...base }, previous)).toBe(previous);
  });

  it.each(OTHERS)('returns a new client for another %s', (_, members) => {
    const previous = reuseClient(base, undefined);
    const other = { ...base, ...members };
    const next = reuseClient(other, previous);
    expect(next).not.toBe(previous);
    expect(next).toEqual({ ...other, ...NO_SLOT });
  });
});
