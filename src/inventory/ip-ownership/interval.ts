// The interval in which one owner (a pod or a node) holds its addresses, and how observations change it.
import { isDeepStrictEqual } from 'node:util';
import type { Node, OwnerLookup, Pod } from '../../core/model/directory.ts';
import { ENDLESS_LIFE, type NodeLife } from './node-lives.ts';

/** Largest clock difference between nodes, the Kubernetes API and the function that attribution tolerates. */
export const CLOCK_SKEW_MS = 2000;

/**
 * How long after its owner was last seen an address cannot belong to another pod. The VPC CNI keeps a released address
 * in cooldown for 30 s; clock skew is subtracted. No owner is named after that: a wrong pod is worse than no pod.
 * https://github.com/aws/amazon-vpc-cni-k8s#ip_cooldown_period-v1150
 */
export const IP_COOLDOWN_MS = 26_000;

const NEVER = Number.NEGATIVE_INFINITY;

/** A pod or a node that holds addresses. */
export type Owner =
  | { readonly kind: 'pod'; readonly pod: Pod }
  | { readonly kind: 'node'; readonly node: Node };

/** How an ownership ended: at a known time, or at an unknown time before the end was noticed. */
export type Ending = { readonly kind: 'known'; readonly atMs: number } | { readonly kind: 'unknown' };

/** State of a pod or node as one list item or watch event shows it. Times are epoch ms. */
export type Observation = {
  /** uid, or the name where there is none: identifies one incarnation. */
  readonly key: string;
  /** Names for look-ups: `namespace/name` of a pod; name and instance id of a node. */
  readonly names: readonly string[];
  readonly owner: Owner;
  /** Canonical addresses, the primary one first. */
  readonly ips: readonly string[];
  /** False for pods with host networking: they are known by name only. */
  readonly ownsIps: boolean;
  readonly startMs: number | undefined;
  /** False when `startMs` may be earlier than the assignment of the address (`status.startTime`). */
  readonly startIsCertain: boolean;
  readonly ending: Ending | undefined;
  /** A time at which an owner that is ending was still alive (the deletion request). */
  readonly aliveAtMs: number | undefined;
  /** Last sign of life of an unreachable node. */
  readonly unreachableSinceMs?: number | undefined;
};

/** Ownership of addresses during `[startMs, end)`. Changed in place by the table that holds it. */
export type IpOwnership = {
  readonly key: string;
  names: readonly string[];
  /** The ownerships before and after this one under the same first name. */
  previousByName: IpOwnership | undefined;
  nextByName: IpOwnership | undefined;
  owner: Owner;
  readonly ips: readonly string[];
  readonly ownsIps: boolean;
  startMs: number;
  startIsCertain: boolean;
  /** Last time at which this owner was seen alive; the last sync of its table may be later. */
  lastSeenMs: number;
  /** The life of its node: what the API shows does not confirm the owner beyond it. */
  life: NodeLife;
  hasEnded: boolean;
  /** Set when ended: whether the kubelet reported the time of the end. */
  endIsKnown: boolean;
  /** Set when ended: the end, or the last time at which the API showed the owner alive. */
  endMs: number;
  /** Set when ended: the owner had other addresses from this time on; Infinity where it had not. */
  releasedByMs: number;
  /** Sequence number of the last list that contained the owner. */
  listSequence: number;
  isQueuedForEviction: boolean;
  /** Cached look-up results. */
  exact: OwnerLookup | undefined;
  inferred: OwnerLookup | undefined;
};

/** A new ownership; `atMs` is the time of the list that shows it, `syncedMs` the last complete sync of the table. */
export function createIpOwnership(
  observation: Observation,
  atMs: number | undefined,
  syncedMs: number,
): IpOwnership {
  const lastSeenMs = observation.ending === undefined ? (atMs ?? NEVER) : NEVER;
  return {
    key: observation.key,
    names: observation.names,
    previousByName: undefined,
    nextByName: undefined,
    owner: observation.owner,
    ips: observation.ips,
    // It ended at an unknown time before the first observation: the address may already belong to another pod.
    ownsIps: observation.ownsIps && observation.ending?.kind !== 'unknown',
    // Without a start time, ownership is known only from the first sighting on.
    startMs: observation.startMs ?? Math.max(lastSeenMs, syncedMs),
    startIsCertain: observation.startMs !== undefined && observation.startIsCertain,
    lastSeenMs,
    life: ENDLESS_LIFE,
    hasEnded: false,
    endIsKnown: false,
    endMs: NEVER,
    releasedByMs: Number.POSITIVE_INFINITY,
    listSequence: 0,
    isQueuedForEviction: false,
    exact: undefined,
    inferred: undefined,
  };
}

/** Applies a later observation of the same owner with the same addresses; true when look-up results may change. */
export function updateIpOwnership(
  ownership: IpOwnership,
  observation: Observation,
  atMs: number | undefined,
): boolean {
  let isChanged = false;
  if (observation.ending === undefined) {
    if (atMs !== undefined) ownership.lastSeenMs = Math.max(ownership.lastSeenMs, atMs);
    // An ended owner that is seen alive was only missing from an incomplete view.
    isChanged = ownership.hasEnded;
    ownership.hasEnded = false;
  }
  if (hasBetterStart(ownership, observation)) {
    isChanged = true;
    ownership.startMs = observation.startMs;
    ownership.startIsCertain = observation.startIsCertain;
  }
  // An equal owner keeps its object: encoded clients are cached by the identity of look-up results.
  if (isDeepStrictEqual(ownership.owner, observation.owner)) return isChanged;
  replaceOwner(ownership, observation.owner);
  return true;
}

/** Sets an owner of the same identity with other attributes, and drops the look-up results that hold the old one. */
export function replaceOwner(ownership: IpOwnership, owner: Owner): void {
  ownership.owner = owner;
  ownership.exact = undefined;
  ownership.inferred = undefined;
}

/** Gives a restored ownership the owner object that was known before, where both are equal, and its look-up results. */
export function keepOwner(restored: IpOwnership, known: IpOwnership): void {
  if (!isDeepStrictEqual(restored.owner, known.owner)) return;
  restored.owner = known.owner;
  restored.exact = known.exact;
  restored.inferred = known.inferred;
}

/**
 * A certain start replaces an uncertain one; of two equally certain starts the earlier one is kept. The status of an
 * owner that has ended is no better proof of its start: the container that started first may have been in an earlier
 * sandbox.
 */
function hasBetterStart(
  { startMs, startIsCertain }: IpOwnership,
  observation: Observation,
): observation is Observation & { readonly startMs: number } {
  if (observation.startMs === undefined) return false;
  if (observation.startIsCertain !== startIsCertain) return observation.startIsCertain;
  return observation.startMs < startMs && observation.ending === undefined;
}

/** Last time at which the API showed the owner alive, whether or not its node was; `syncedMs` is the last sync of its table. */
export const shownUntil = (ownership: Pick<IpOwnership, 'lastSeenMs'>, syncedMs: number): number =>
  Math.max(ownership.lastSeenMs, syncedMs);

/** The owner certainly had its addresses until this time. */
export function certainUntil(
  ownership: Pick<IpOwnership, 'hasEnded' | 'endIsKnown' | 'endMs' | 'lastSeenMs' | 'life'>,
  syncedMs: number,
): number {
  const { hasEnded, endIsKnown, endMs, life } = ownership;
  if (hasEnded && endIsKnown) return endMs;
  return Math.min(hasEnded ? endMs : shownUntil(ownership, syncedMs), life.provedUntilMs);
}

/** No other owner can have had the addresses before this time. */
export function possibleUntil(ownership: IpOwnership, syncedMs: number): number {
  if (ownership.hasEnded && ownership.endIsKnown) return ownership.endMs + CLOCK_SKEW_MS;
  const cooledMs = Math.max(certainUntil(ownership, syncedMs), ownership.startMs) + IP_COOLDOWN_MS;
  return ownership.hasEnded ? Math.min(cooledMs, ownership.releasedByMs + CLOCK_SKEW_MS) : cooledMs;
}

/** Ends an ownership at a time that the kubelet reported. */
export function endAt(ownership: IpOwnership, atMs: number): void {
  ownership.hasEnded = true;
  ownership.endIsKnown = true;
  ownership.endMs = atMs;
}

/**
 * Ends an ownership at an unknown time after `aliveMs`. A container may outlive its pod in the API (force deletion), but
 * not the cooldown of its address; `releasedByMs` is when the pod had other addresses.
 */
export function endAfter(ownership: IpOwnership, aliveMs: number, releasedByMs: number): void {
  ownership.hasEnded = true;
  ownership.endIsKnown = false;
  ownership.endMs = Math.min(aliveMs, releasedByMs);
  ownership.releasedByMs = releasedByMs;
}

/** A time at which an owner that is ending was still alive: `heldMs`, or what its own status says. */
export const aliveBy = ({ aliveAtMs = NEVER }: Observation, heldMs: number): number =>
  Math.max(aliveAtMs, heldMs);

/** An address that a pod did not have at `seenMs` began later; a start before that is the start of an earlier sandbox. */
export function startedSince(observation: Observation, seenMs: number): Observation {
  const { startMs } = observation;
  if (startMs === undefined || startMs >= seenMs) return observation;
  const isCertain = observation.startIsCertain && startMs >= seenMs - CLOCK_SKEW_MS;
  return { ...observation, startMs: seenMs, startIsCertain: isCertain };
}

const NO_IPS: readonly string[] = [];

/** Addresses under which an ownership is found. */
export const addressesOf = ({ ips, ownsIps }: IpOwnership): readonly string[] => (ownsIps ? ips : NO_IPS);

/** The node of a pod; undefined for a node. */
export const nodeNameOf = ({ owner }: IpOwnership): string | undefined =>
  owner.kind === 'pod' ? owner.pod.nodeName : undefined;

/** Whether two lists have the same items in the same order. */
export const haveSameItems = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
