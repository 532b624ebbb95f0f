// Limits what log lines can make the function ask of EC2. Any container can print a Resolver record with instance ids, VPC
// ids and addresses of its own making, and the calls count against the quota of the whole account.

/** Calls per minute on behalf of log lines, and those of them in VPCs that are not known to be ours. */
const CALLS_PER_MINUTE = 60;
const UNPROVED_CALLS_PER_MINUTE = 20;

const MINUTE_MS = 60_000;

/** How long a VPC in which nothing was found is left alone. */
const FOREIGN_MS = 15 * MINUTE_MS;

/** Limit for the VPCs that are remembered; the oldest are removed first. */
const MAX_VPCS = 1000;

/**
 * Ids as EC2 gives them, such as `i-0a6453b0c36d4b9c0`. In a filter `*` and `?` are wildcards: with `i-*` a log line would
 * request every instance of the account.
 */
const INSTANCE_ID = /^i-[0-9a-z-]{1,32}$/;
const VPC_ID = /^vpc-[0-9a-z-]{1,32}$/;

/** Whether the text may be put into a filter as an instance id. */
export const isInstanceId = (text: string): boolean => INSTANCE_ID.test(text);

/** What is known of the VPC of an address. */
export type VpcStanding = 'ours' | 'unproved' | 'refused';

/** The calls that are left, and the VPCs whose calls found something or nothing. */
export type CallBudget = {
  /** Takes a call; false when none is left in this minute. */
  readonly take: (isOurs: boolean, nowMs: number) => boolean;
  /** `ours`: of a configured cluster, or an instance was found there. `refused`: nothing was found there recently. */
  readonly standingOf: (vpcId: string, clusterVpcs: ReadonlySet<string>, nowMs: number) => VpcStanding;
  /** An instance was found in the VPC. */
  readonly found: (vpcId: string) => void;
  /** A search in the VPC found nothing. */
  readonly missed: (vpcId: string, nowMs: number) => void;
  /** Whether a call was refused since the last `begin`. */
  readonly isExhausted: () => boolean;
  /** Starts an invocation. */
  readonly begin: () => void;
};

/** A budget with all calls left. */
export function createCallBudget(): CallBudget {
  let minuteStartMs = Number.NEGATIVE_INFINITY;
  let calls = 0;
  let unprovedCalls = 0;
  let isExhausted = false;
  const ours = new Map<string, true>();
  /** The time until which a VPC is left alone. */
  const foreignUntilMs = new Map<string, number>();

  return {
    take: (isOurs, nowMs) => {
      // The clock may go back.
      if (nowMs >= minuteStartMs + MINUTE_MS || nowMs < minuteStartMs) {
        minuteStartMs = nowMs;
        calls = 0;
        unprovedCalls = 0;
      }
      if (calls >= CALLS_PER_MINUTE || (!isOurs && unprovedCalls >= UNPROVED_CALLS_PER_MINUTE)) {
        isExhausted = true;
        return false;
      }
      calls += 1;
      if (!isOurs) unprovedCalls += 1;
      return true;
    },
    standingOf: (vpcId, clusterVpcs, nowMs) => {
      if (clusterVpcs.has(vpcId) || ours.has(vpcId)) return 'ours';
      if (!VPC_ID.test(vpcId)) return 'refused';
      return nowMs < (foreignUntilMs.get(vpcId) ?? nowMs) ? 'refused' : 'unproved';
    },
    found: (vpcId) => remember(ours, vpcId, true),
    missed: (vpcId, nowMs) => remember(foreignUntilMs, vpcId, nowMs + FOREIGN_MS),
    isExhausted: () => isExhausted,
    begin: () => {
      isExhausted = false;
    },
  };
}

function remember<T>(vpcs: Map<string, T>, vpcId: string, value: T): void {
  // Deleted first, so that the VPC moves to the end of the map.
  vpcs.delete(vpcId);
  vpcs.set(vpcId, value);
  for (const oldest of vpcs.keys()) {
    if (vpcs.size <= MAX_VPCS) return;
    vpcs.delete(oldest);
  }
}
