// What lists would block in a log: in the one that they were made from, and in another.
import { type AllowList, type ListOptions, reasonAgainst, vpcScopes } from './build.ts';
import { CILIUM } from './cilium.ts';
import { DNS_FIREWALL } from './dns-firewall.ts';
import { allows, type Dialect } from './fold.ts';
import type { SeenLog, SeenName } from './names.ts';

/** A name that a list refuses. */
export type Blocked = {
  readonly name: string;
  /** `signal`: it is left out because of one; `format`: the list cannot hold it; `new`: the list was made without it. */
  readonly cause: 'signal' | 'format' | 'new';
  readonly reason: string;
  readonly queries: number;
  /** `payments/deployment/checkout`: workloads whose policy refuses it. */
  readonly workloads: readonly string[];
  /** VPCs whose list refuses it. */
  readonly vpcs: readonly string[];
};

/** The names of a log that the lists refuse, and what they do not concern. */
export type CheckResult = {
  readonly blocked: readonly Blocked[];
  /** Workloads without a policy, and VPCs without a list: nothing of them is refused. */
  readonly workloadsWithoutPolicy: number;
  readonly vpcsWithoutList: number;
};

type Refused = { workloads: string[]; vpcs: string[] };

/** Applies lists to a log by the rules of Cilium and DNS Firewall. */
export function checkLog(log: SeenLog, list: AllowList, options: ListOptions): CheckResult {
  const refused = new Map<SeenName, Refused>();
  const refuse = (entry: SeenName): Refused => {
    const known = refused.get(entry) ?? { workloads: [], vpcs: [] };
    refused.set(entry, known);
    return known;
  };
  const policies = new Map(list.policies.map((policy) => [policy.key, policy]));
  let workloadsWithoutPolicy = 0;
  for (const { key, namespace, kind, workload, names } of log.workloads.values()) {
    const policy = policies.get(key);
    if (policy === undefined) {
      workloadsWithoutPolicy++;
      continue;
    }
    const dns = new Set(policy.dns.entries);
    const fqdns = new Set(policy.fqdns.entries);
    for (const [entry, { isAddress }] of names) {
      const { name, zone } = entry;
      const isOutside = isAddress && zone.kind !== 'cluster' && name.includes('.');
      const isAllowed = allows(dns, name, CILIUM) && (!isOutside || allows(fqdns, name, CILIUM));
      if (!isAllowed) refuse(entry).workloads.push(`${namespace}/${kind}/${workload}`);
    }
  }
  const lists = new Map(list.vpcs.map(({ vpcId = '', list: { entries } }) => [vpcId, new Set(entries)]));
  let vpcsWithoutList = 0;
  for (const [vpcId, names] of vpcScopes(log, options.vpc)) {
    const entries =
      lists.get(vpcId) ?? (vpcId === '' && lists.size === 1 ? [...lists.values()][0] : undefined);
    if (entries === undefined) vpcsWithoutList++;
    else
      for (const entry of names)
        if (!allows(entries, entry.name, DNS_FIREWALL))
          refuse(entry).vpcs.push(vpcId === '' ? 'unknown' : vpcId);
  }
  const leftOut = new Map(list.leftOut.map(({ name, reason }) => [name, reason]));
  const blocked = [...refused].map(([entry, by]): Blocked => {
    const signal = leftOut.get(entry.name) ?? reasonAgainst(entry, options.wildcards);
    const { name, queries } = entry;
    if (signal !== undefined) return { name, cause: 'signal', reason: signal, queries, ...by };
    const formats = unwritableIn(name, by);
    return formats.length > 0
      ? { name, cause: 'format', reason: `${formats.join(' and ')} cannot hold it`, queries, ...by }
      : { name, cause: 'new', reason: 'not in the records of the list', queries, ...by };
  });
  return {
    blocked: blocked.sort((one, other) => other.queries - one.queries),
    workloadsWithoutPolicy,
    vpcsWithoutList,
  };
}

const unwritableIn = (name: string, { workloads, vpcs }: Refused): readonly string[] => {
  const formats: readonly (readonly [string, boolean, Dialect])[] = [
    ['Cilium', workloads.length > 0, CILIUM],
    ['DNS Firewall', vpcs.length > 0, DNS_FIREWALL],
  ];
  return formats.flatMap(([label, isRefused, { isWritable }]) =>
    isRefused && !isWritable(name) ? [label] : [],
  );
};
