// EC2 as a source of the directory: instances by id, by private address and by delegated prefix.
import type { Instance as Ec2Instance, Filter } from '@aws-sdk/client-ec2';
import type { SourceHealth } from '../../core/model/ports.ts';
import { createBackOff } from '../back-off.ts';
import { describeError } from '../describe-error.ts';
import { untilAborted } from '../until-aborted.ts';
import { delegatedBlock } from './address.ts';
import { createInstanceIndex, type InstanceFacts, type InstanceIndex, membership } from './instance-index.ts';

/** Values per filter; EC2 takes 200. */
const BATCH = 100;

/** An instance hardly changes; its addresses may, and a new one is visible only after a while. */
const KNOWN_MS = 15 * 60_000;
const UNKNOWN_MS = 2 * 60_000;

/** Instances and answers kept; the oldest go first. */
const MAX_KEPT = 20_000;

/** Addresses that are asked for in one invocation, at most. */
const MAX_ADDRESSES = 1000;

/** What to find out: ids, and canonical IPv4 addresses by VPC. */
export type Ec2Keys = {
  readonly ids: Iterable<string>;
  readonly addresses: ReadonlyMap<string, ReadonlySet<string>>;
};

/** EC2, asked only for what is not known yet. */
export type Ec2Source = {
  readonly instances: InstanceIndex;
  readonly begin: () => void;
  /** Never rejects; leaves no socket behind. */
  readonly describe: (keys: Ec2Keys, nowMs: () => number, signal: AbortSignal) => Promise<void>;
  readonly health: (nowMs: number) => SourceHealth;
};

type Client = { describe(filters: readonly Filter[], signal: AbortSignal): AsyncIterable<Ec2Instance> };

/** Asks for nothing before the first `describe` with something unknown. */
export function createEc2Source(region: string | undefined): Ec2Source {
  const instances = createInstanceIndex();
  const backOff = createBackOff();
  /** Until when not to ask again for an id and its addresses, or for the `vpc/address` of nobody. */
  const askedUntilMs = new Map<string, number>();
  let client: (Client & { disconnect(): void }) | undefined;
  let syncedMs: number | undefined;
  let errors = 0;
  let isLate = false;
  /** Batches that were answered in full: who answers some is slow, who answers none is down. */
  let progress = 0;

  const isDue = (key: string, nowMs: number): boolean => (askedUntilMs.get(key) ?? 0) <= nowMs;
  const isAddressDue = (vpcId: string, ip: string, nowMs: number): boolean =>
    isDue(instances.byIp(vpcId, ip)?.id ?? `${vpcId}/${ip}`, nowMs);
  const asked = (key: string, isKnown: boolean, nowMs: number): void => {
    askedUntilMs.delete(key);
    askedUntilMs.set(key, nowMs + (isKnown ? KNOWN_MS : UNKNOWN_MS));
    for (const oldest of askedUntilMs.keys()) {
      if (askedUntilMs.size <= MAX_KEPT) break;
      askedUntilMs.delete(oldest);
    }
  };

  /** Answers with the ids of all that match; rejects when some are missing. */
  const fetch = async (filters: readonly Filter[], nowMs: number, signal: AbortSignal) => {
    client ??= await loadClient(region);
    const found = new Set<string>();
    for await (const instance of client.describe(filters, signal)) {
      const facts = toFacts(instance);
      if (facts === undefined) continue;
      instances.put(facts);
      found.add(facts.instance.id);
      asked(facts.instance.id, true, nowMs);
    }
    return found;
  };

  const describeIds = async (ids: readonly string[], nowMs: number, signal: AbortSignal): Promise<void> => {
    for (const batch of batches(ids)) {
      const found = await fetch([{ Name: 'instance-id', Values: batch }], nowMs, signal);
      for (const id of batch.filter((one) => !found.has(one))) {
        const instance = instances.byId(id);
        // Gone with its addresses, but records that come late may still name it.
        if (instance) instances.put({ instance, ips: [], prefixes: [] });
        asked(id, instance !== undefined, nowMs);
      }
      progress += 1;
    }
  };

  /** First as an address of an interface; what is left may lie in a delegated block. */
  const describeAddresses = async (
    vpcId: string,
    ips: readonly string[],
    nowMs: number,
    signal: AbortSignal,
  ) => {
    const vpc = { Name: 'vpc-id', Values: [vpcId] };
    const askedBlocks = new Set<string>();
    for (const batch of batches(ips)) {
      const byAddress = { Name: 'network-interface.addresses.private-ip-address', Values: batch };
      const owners = await fetch([vpc, byAddress], nowMs, signal);
      for (const ip of batch) instances.leaveTo(vpcId, ip, owners);
      const left = batch.filter((ip) => !owners.has(instances.byIp(vpcId, ip)?.id ?? ''));
      const blocks = [...new Set(left.map(delegatedBlock))].filter((block) => !askedBlocks.has(block));
      if (blocks.length > 0) {
        const byBlock = { Name: 'network-interface.ipv4-prefixes.ipv4-prefix', Values: blocks };
        const delegates = await fetch([vpc, byBlock], nowMs, signal);
        for (const block of blocks) instances.leaveTo(vpcId, block, delegates);
      }
      for (const block of blocks) askedBlocks.add(block);
      for (const ip of left) if (!instances.byIp(vpcId, ip)) asked(`${vpcId}/${ip}`, false, nowMs);
      progress += 1;
    }
  };

  const describe = async (keys: Ec2Keys, nowMs: number, signal: AbortSignal): Promise<boolean> => {
    const ids = [...new Set(keys.ids)].filter((id) => isDue(id, nowMs));
    let isAsked = ids.length > 0;
    await describeIds(ids, nowMs, signal);
    for (const [vpcId, all] of keys.addresses) {
      const ips = [...all].filter((ip) => isAddressDue(vpcId, ip, nowMs)).slice(0, MAX_ADDRESSES);
      isAsked ||= ips.length > 0;
      await describeAddresses(vpcId, ips, nowMs, signal);
    }
    return isAsked;
  };

  return {
    instances,
    begin: () => {
      errors = 0;
      isLate = false;
    },
    describe: async (keys, clock, signal) => {
      if (isLate || !backOff.isDue(clock())) return;
      const before = progress;
      try {
        const isAsked = await untilAborted(describe(keys, clock(), signal), signal);
        if (isAsked) backOff.succeeded();
        if (isAsked || syncedMs !== undefined) syncedMs = clock();
      } catch (error) {
        isLate = signal.aborted;
        // Cut off in good progress: the rest comes with the next invocation.
        if (signal.aborted && progress > before) return;
        errors += 1;
        const reason = signal.aborted ? 'DescribeInstances did not answer in time' : describeError(error);
        backOff.failed(clock(), reason);
      } finally {
        client?.disconnect();
        instances.trim(MAX_KEPT);
      }
    },
    health: (nowMs) => ({
      source: 'ec2',
      ageMs: syncedMs === undefined ? undefined : nowMs - syncedMs,
      size: instances.size(),
      errors,
      late: isLate,
      lastError: backOff.lastError(),
    }),
  };
}

function* batches(values: readonly string[]): Generator<string[]> {
  for (let from = 0; from < values.length; from += BATCH) yield values.slice(from, from + BATCH);
}

/** Loads the client: 190 ms that a function pays only when there is something to ask. */
async function loadClient(region: string | undefined): Promise<Client & { disconnect(): void }> {
  const { EC2Client, paginateDescribeInstances } = await import('@aws-sdk/client-ec2');
  const client = new EC2Client({ maxAttempts: 1, ...(region === undefined ? {} : { region }) });
  return {
    async *describe(filters, signal) {
      // Never by `InstanceIds`: one that is gone fails the whole call. A filter just does not match.
      const pages = paginateDescribeInstances({ client }, { Filters: [...filters] }, { abortSignal: signal });
      for await (const { Reservations = [] } of pages) {
        for (const { Instances = [] } of Reservations) yield* Instances;
      }
    },
    disconnect: () => client.destroy(),
  };
}

/** An instance as EC2 prints it; a terminated one has no interfaces any more, but still its tags. */
function toFacts(instance: Ec2Instance): InstanceFacts | undefined {
  if (!instance.InstanceId) return undefined;
  const tags = new Map((instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  const interfaces = instance.NetworkInterfaces ?? [];
  const text = (value: string | undefined) => value || undefined;
  return {
    instance: {
      id: instance.InstanceId,
      type: instance.InstanceType,
      availabilityZone: text(instance.Placement?.AvailabilityZone),
      vpcId: text(instance.VpcId),
      privateDnsName: text(instance.PrivateDnsName),
      ...membership(tags),
      // EC2 leaves it out for on-demand instances.
      lifecycle: instance.InstanceLifecycle ?? 'on-demand',
    },
    ips: [
      ...(instance.PrivateIpAddress ? [instance.PrivateIpAddress] : []),
      ...interfaces.flatMap(({ PrivateIpAddresses = [] }) =>
        PrivateIpAddresses.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []),
      ),
      ...interfaces.flatMap(({ Ipv6Addresses = [] }) =>
        Ipv6Addresses.flatMap(({ Ipv6Address }) => Ipv6Address ?? []),
      ),
    ],
    prefixes: interfaces.flatMap(({ Ipv4Prefixes = [], Ipv6Prefixes = [] }) => [
      ...Ipv4Prefixes.flatMap(({ Ipv4Prefix }) => Ipv4Prefix ?? []),
      ...Ipv6Prefixes.flatMap(({ Ipv6Prefix }) => Ipv6Prefix ?? []),
    ]),
  };
}
