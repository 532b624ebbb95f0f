import type { Cluster, Node } from '../../src/core/model/directory.ts';
import type { Observation } from '../../src/inventory/ip-ownership/interval.ts';
import { podStub } from './directory-stub.ts';
import { ASKED_AT_MS } from './dns-event.ts';

/** The address of the pods of `podObservation`. */
const OBSERVED_IP = '10.0.9.9';

/** Epoch ms of a time in seconds after `ASKED_AT_MS`. */
export const second = (at: number): number => ASKED_AT_MS + at * 1000;

/** A pod on `node` that owns `OBSERVED_IP` from second `start` until second `end`, if that is known. */
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
