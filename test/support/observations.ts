// Observations of pods and nodes as lists and watches report them, on a time scale in seconds.
import type { OwnerLookup } from '../../src/core/model/directory.ts';
import type { Observation } from '../../src/inventory/ip-ownership/interval.ts';
import { clusterStub, podStub } from './directory-stub.ts';

const START_MS = Date.parse('2026-03-01T12:00:00Z');

/** Epoch ms of a second of the test. */
export const second = (seconds: number): number => START_MS + seconds * 1000;

/** The cluster of `observedPod` and `observedNode`. */
export const SHOP = clusterStub('shop', { vpcId: 'vpc-1' });

/** The address of `observedPod`. */
export const POD_IP = '10.0.0.1';

/** A live pod on `node-1` with one address, started at second 0, and the members that a test sets. */
export const observedPod = (name: string, members: Partial<Observation> = {}): Observation => ({
  key: name,
  names: [`shop/${name}`],
  owner: { kind: 'pod', pod: podStub(SHOP, name, { nodeName: 'node-1' }) },
  ips: [POD_IP],
  ownsIps: true,
  startMs: second(0),
  startIsCertain: true,
  ending: undefined,
  aliveAtMs: undefined,
  ...members,
});

/** A live node, started at second 0, and the members that a test sets. */
export const observedNode = (
  name: string,
  instanceId: string,
  members: Partial<Observation> = {},
): Observation => ({
  ...observedPod(name),
  names: [name, instanceId],
  owner: { kind: 'node', node: { cluster: SHOP, name, instanceId } },
  ...members,
});

/** Ended at a known second. */
export const endedAt = (seconds: number): Partial<Observation> => ({
  ending: { kind: 'known', atMs: second(seconds) },
});

/** Ended at an unknown time. */
export const ENDED: Partial<Observation> = { ending: { kind: 'unknown' } };

/** `cart-0 exact`, `node-1 inferred`, `ambiguous`, `none`. */
export function ownerText(owner: OwnerLookup | undefined): string {
  if (owner === undefined || owner.kind === 'ambiguous') return owner?.kind ?? 'none';
  return `${owner.kind === 'pod' ? owner.pod.name : owner.node.name} ${owner.attribution}`;
}
