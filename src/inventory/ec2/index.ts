// EC2 as a source of the directory: instances by id, by private address and by delegated prefix.
import type { Instance as Ec2Instance, Filter } from '@aws-sdk/client-ec2';
import type { SourceHealth } from '../../core/model/ports.ts';
import { delegatedBlock } from '../address.ts';
import { awsOptions, limitAnswers } from '../aws.ts';
import { createBackOff } from '../back-off.ts';
import { describeError } from '../describe-error.ts';
import { isRoleFault, type RoleCredentials } from '../role-credentials.ts';
import { untilAborted } from '../until-aborted.ts';
import { createCallBudget, isInstanceId } from './call-budget.ts';
import { createInstanceIndex, type InstanceIndex, type SavedInstance } from './instance-index.ts';
import { toObservation } from './observation.ts';

/** Values per filter; EC2 accepts 200. */
const BATCH_SIZE = 100;

/** How long a result is used. Instances hardly change, but addresses move, and new instances appear after a delay. */
const FOUND_TTL_MS = 15 * 60_000;
const NOT_FOUND_TTL_MS = 2 * 60_000;

/** Limits for the answer to a request: bytes per page, pages, instances. A hundred instances have about 1 MB. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_PAGES = 20;
const MAX_FOUND = 1000;

/** Limit for the instances of a VPC, which a reader describes whole; pages are small enough for the limit of an answer. */
const MAX_OF_VPC = 5000;
const PAGE_SIZE = 500;

/** Limit for the instances and for the request times that are kept; the oldest are removed first. */
const MAX_ENTRIES = 20_000;

/** Limit for the addresses per VPC that one invocation requests. */
const MAX_ADDRESSES = 1000;

/** The keys to look up: instance ids, and canonical IPv4 addresses by VPC id. */
export type Ec2Keys = {
  readonly ids: Iterable<string>;
  /** Whether log lines name the ids, which are then only requested within the budget; else nodes of a cluster. */
  readonly areIdsLogged: boolean;
  /** The VPCs of the clusters. */
  readonly clusterVpcs: ReadonlySet<string>;
  readonly addresses: ReadonlyMap<string, ReadonlySet<string>>;
};

/** EC2; requests only keys without a recent result. */
export type Ec2Source = {
  readonly instances: InstanceIndex;
  /** Starts an invocation: resets the counters of `health`. */
  readonly begin: () => void;
  /** Looks the keys up. Never rejects; leaves no open socket. */
  readonly describe: (keys: Ec2Keys, nowMs: () => number, signal: AbortSignal) => Promise<void>;
  /** Looks up all instances of VPCs. Never rejects; leaves no open socket. */
  readonly describeVpcs: (
    vpcIds: ReadonlySet<string>,
    nowMs: () => number,
    signal: AbortSignal,
  ) => Promise<void>;
  /** The instances of a VPC, for other copies of the function. */
  readonly save: (vpcId: string) => readonly SavedInstance[];
  /** Takes over what another copy knows, as far as that is later. */
  readonly restore: (saved: readonly SavedInstance[]) => void;
  readonly health: (nowMs: number) => SourceHealth;
};

type Client = {
  readonly describe: (filters: readonly Filter[], signal: AbortSignal) => AsyncIterable<Ec2Instance>;
  readonly disconnect: () => void;
};

/** The account and region of a source. */
export type Ec2Options = {
  /** Name in `health`: `ec2`, `ec2/444455556666/us-east-1`. */
  readonly name: string;
  /** Undefined = the region of the environment. */
  readonly region: string | undefined;
  /** Undefined = the function's own. */
  readonly credentials: RoleCredentials | undefined;
};

/** The source for one account and region. Sends no request before the first `describe` with an unknown key. */
export function createEc2Source(options: Ec2Options): Ec2Source {
  const instances = createInstanceIndex();
  const backOff = createBackOff();
  const budget = createCallBudget();
  /** Time of the next request for an instance id, or for an address without instance (`vpc-1/10.0.0.7`). */
  const nextRequestMs = new Map<string, number>();
  let client: Client | undefined;
  let syncedMs: number | undefined;
  let errors = 0;
  let isLate = false;
  /** Number of complete batches. A time-out after some of them is a slow EC2, a time-out without any a failure. */
  let completedBatches = 0;

  const isDue = (key: string, nowMs: number): boolean => (nextRequestMs.get(key) ?? 0) <= nowMs;
  const isAddressDue = (vpcId: string, ip: string, nowMs: number): boolean =>
    isDue(instances.byIp(vpcId, ip)?.id ?? `${vpcId}/${ip}`, nowMs);
  const postpone = (key: string, isFound: boolean, nowMs: number): void =>
    schedule(key, nowMs + (isFound ? FOUND_TTL_MS : NOT_FOUND_TTL_MS));
  const schedule = (key: string, atMs: number): void => {
    // Deleted first, so that the key moves to the end of the map.
    nextRequestMs.delete(key);
    nextRequestMs.set(key, atMs);
    for (const oldest of nextRequestMs.keys()) {
      if (nextRequestMs.size <= MAX_ENTRIES) break;
      nextRequestMs.delete(oldest);
    }
  };

  /** Adds all matching instances to the index and returns their ids; rejects when the result is incomplete. */
  const fetch = async (
    filters: readonly Filter[],
    nowMs: number,
    signal: AbortSignal,
    maxFound = MAX_FOUND,
  ) => {
    client ??= await loadClient(options);
    const found = new Set<string>();
    for await (const instance of client.describe(filters, signal)) {
      const observation = toObservation(instance);
      if (observation === undefined) continue;
      instances.put(observation);
      found.add(observation.instance.id);
      if (found.size > maxFound) throw new Error(`the answer has more than ${maxFound} instances`);
      if (observation.instance.vpcId !== undefined) budget.found(observation.instance.vpcId);
      postpone(observation.instance.id, true, nowMs);
    }
    return found;
  };

  const describeIds = async (
    ids: readonly string[],
    areLogged: boolean,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<void> => {
    for (const batch of batches(ids)) {
      if (areLogged && !budget.take(false, nowMs)) return;
      const found = await fetch([{ Name: 'instance-id', Values: batch }], nowMs, signal);
      for (const id of batch.filter((each) => !found.has(each))) {
        const instance = instances.byId(id);
        // Terminated: its addresses are free, but delayed records may still name it.
        if (instance) instances.put({ instance, ips: [], prefixes: [] });
        postpone(id, instance !== undefined, nowMs);
      }
      completedBatches += 1;
    }
  };

  /** Searches for interface addresses first; the addresses that are left may be in a delegated block. */
  const describeAddresses = async (
    vpcId: string,
    isOurs: boolean,
    ips: readonly string[],
    nowMs: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const vpc = { Name: 'vpc-id', Values: [vpcId] };
    const requestedBlocks = new Set<string>();
    for (const batch of batches(ips)) {
      const byAddress = { Name: 'network-interface.addresses.private-ip-address', Values: batch };
      if (!budget.take(isOurs, nowMs)) return;
      const owners = await fetch([vpc, byAddress], nowMs, signal);
      for (const ip of batch) instances.restrictTo(vpcId, ip, owners);
      const left = batch.filter((ip) => !owners.has(instances.byIp(vpcId, ip)?.id ?? ''));
      const blocks = [...new Set(left.map(delegatedBlock))].filter((block) => !requestedBlocks.has(block));
      if (blocks.length > 0) {
        const byBlock = { Name: 'network-interface.ipv4-prefixes.ipv4-prefix', Values: blocks };
        if (!budget.take(isOurs, nowMs)) return;
        const delegates = await fetch([vpc, byBlock], nowMs, signal);
        for (const block of blocks) instances.restrictTo(vpcId, block, delegates);
      }
      for (const block of blocks) requestedBlocks.add(block);
      for (const ip of left) if (!instances.byIp(vpcId, ip)) postpone(`${vpcId}/${ip}`, false, nowMs);
      if (!isOurs && batch.every((ip) => !instances.byIp(vpcId, ip))) budget.missed(vpcId, nowMs);
      completedBatches += 1;
    }
  };

  /** Resolves to whether any request was due. */
  const describeDue = async (keys: Ec2Keys, nowMs: number, signal: AbortSignal): Promise<boolean> => {
    const ids = [...new Set(keys.ids)].filter((id) => isInstanceId(id) && isDue(id, nowMs));
    let hasRequested = ids.length > 0;
    await describeIds(ids, keys.areIdsLogged, nowMs, signal);
    for (const [vpcId, all] of keys.addresses) {
      const standing = budget.standingOf(vpcId, keys.clusterVpcs, nowMs);
      if (standing === 'refused') continue;
      const isOurs = standing === 'ours';
      const due = [...all].filter((ip) => isAddressDue(vpcId, ip, nowMs));
      // One batch shows whether the VPC is ours; the next invocation requests the rest.
      const ips = due.slice(0, isOurs ? MAX_ADDRESSES : BATCH_SIZE);
      hasRequested ||= ips.length > 0;
      await describeAddresses(vpcId, isOurs, ips, nowMs, signal);
    }
    return hasRequested;
  };

  const describeDueVpcs = async (
    vpcIds: ReadonlySet<string>,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const due = [...vpcIds].filter((vpcId) => isDue(`vpc/${vpcId}`, nowMs));
    for (const vpcId of due) {
      await fetch([{ Name: 'vpc-id', Values: [vpcId] }], nowMs, signal, MAX_OF_VPC);
      postpone(`vpc/${vpcId}`, false, nowMs);
    }
    return due.length > 0;
  };

  /** Does what is due, unless in back-off; `work` resolves to whether anything was. */
  const attempt = async (
    work: () => Promise<boolean>,
    clock: () => number,
    signal: AbortSignal,
  ): Promise<void> => {
    if (isLate || !backOff.isDue(clock())) return;
    const completedBefore = completedBatches;
    try {
      const hasRequested = await untilAborted(work(), signal);
      if (hasRequested) backOff.succeeded();
      if (hasRequested || syncedMs !== undefined) syncedMs = clock();
    } catch (error) {
      isLate = signal.aborted;
      // EC2 was answering when the time ran out: the next invocation requests the rest.
      if (signal.aborted && completedBatches > completedBefore) return;
      errors += 1;
      const text = isRoleFault(error) ? error.message.slice(0, 300) : describeError(error);
      const reason = signal.aborted ? 'DescribeInstances did not answer in time' : text;
      backOff.failed(clock(), reason);
    } finally {
      client?.disconnect();
      instances.trim(MAX_ENTRIES);
    }
  };

  return {
    instances,
    begin: () => {
      errors = 0;
      isLate = false;
      budget.begin();
    },
    describe: async (keys, clock, signal) => attempt(() => describeDue(keys, clock(), signal), clock, signal),
    describeVpcs: async (vpcIds, clock, signal) =>
      attempt(() => describeDueVpcs(vpcIds, clock(), signal), clock, signal),
    save: (vpcId) =>
      instances.ofVpc(vpcId).map(({ instance, keys }) => ({
        instance,
        keys,
        requestMs: nextRequestMs.get(instance.id) ?? 0,
      })),
    restore: (saved) => {
      for (const { requestMs, ...instance } of saved) {
        const { id } = instance.instance;
        if (requestMs <= (nextRequestMs.get(id) ?? 0)) continue;
        instances.restore(instance);
        schedule(id, requestMs);
      }
      instances.trim(MAX_ENTRIES);
    },
    health: (nowMs) => ({
      source: options.name,
      ageMs: syncedMs === undefined ? undefined : nowMs - syncedMs,
      size: instances.size(),
      errors,
      late: isLate,
      lastError: backOff.lastError() ?? (budget.isExhausted() ? EXHAUSTED : undefined),
    }),
  };
}

const EXHAUSTED = 'more look-ups than calls per minute; the rest follows later';

function* batches(values: readonly string[]): Generator<string[]> {
  for (let from = 0; from < values.length; from += BATCH_SIZE) yield values.slice(from, from + BATCH_SIZE);
}

/** Loads the AWS client on demand: the import takes 190 ms. */
async function loadClient({ region, credentials }: Ec2Options): Promise<Client> {
  const { EC2Client, paginateDescribeInstances } = await import('@aws-sdk/client-ec2');
  const client = limitAnswers(new EC2Client(awsOptions(region, credentials)), MAX_ANSWER_BYTES);
  return {
    async *describe(filters, signal) {
      // Filters instead of `InstanceIds`, because one unknown id would fail the whole request.
      const pages = paginateDescribeInstances(
        { client, pageSize: PAGE_SIZE },
        { Filters: [...filters] },
        { abortSignal: signal },
      );
      let count = 0;
      for await (const { Reservations = [] } of pages) {
        count += 1;
        if (count > MAX_PAGES) throw new Error(`the answer has more than ${MAX_PAGES} pages`);
        for (const { Instances = [] } of Reservations) yield* Instances;
      }
    },
    disconnect: () => client.destroy(),
  };
}
