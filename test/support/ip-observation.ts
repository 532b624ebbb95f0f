import type { Cluster, Node } from '../../src/core/model/directory.ts';
import type { Observation } from '../../src/inventory/ip-ownership/interval.ts';
import { podStub } from './directory-stub.ts';
import { ASKED_AT_MS } from './dns-event.ts';

/** The address of the pods of `podObservation`. */
const OBSERVED_IP = '10.0.9.9';

/** So many seconds after `ASKED_AT_MS`. */
export const second = (at: number): number => ASKED_AT_MS + at * 1000;

/** A pod on `node` that has `OBSERVED_IP` from a second on, and, where that is known, up to another. */
export const podObservation = (
  cluster: Cluster,
  node: Node,
  name: string,
  start: number,
  end?: number,
): Observation => ({
  key: name,
  names: [`shop/${name}`],
  owner: { kind: 'pod', pod: podStub(cluster, name, { nodeName: node.name }) },
  ips: [OBSERVED_IP],
  ownsIps: true,
  startMs: second(start),
  startIsCertain: true,
  ending: end === undefined ? undefined : { kind: 'known', atMs: second(end) },
  aliveAtMs: undefined,
});
