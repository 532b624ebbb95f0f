// The report of `allow-list` for people.
import { print, table, warn } from '../../terminal.ts';
import type { AllowList } from './build.ts';
import type { Blocked, CheckResult } from './check.ts';
import type { SeenLog } from './names.ts';

/** Rows per table; `--json` has all. */
const MAX_ROWS = 30;

/** Text of a log on one line of a terminal: control characters would be obeyed by it. */
const shown = (text: string, width = 64): string => {
  const plain = text.replace(/[^\x20-\x7e]/g, '?');
  return plain.length <= width ? plain : `${plain.slice(0, width - 1)}…`;
};

/** What the input was: `2,024 records from 2026-11-20T10:00:00.000Z to 2026-11-27T10:00:00.000Z`. */
export const inputText = ({ records, firstMs, lastMs }: SeenLog): string =>
  `${records.toLocaleString('en')} records from ${new Date(firstMs).toISOString()} to ${new Date(lastMs).toISOString()}`;

/** Prints the lists by size, their wildcards, and what they would block in the same log. */
export function printAllowList(list: AllowList, same: CheckResult): void {
  const rows = [
    ...list.policies.map(({ namespace, kind, workload, dns, fqdns, selector, isInferred }) => [
      `Cilium ${shown(`${namespace}/${kind}/${workload}`)}`,
      String(dns.entries.length),
      String(fqdns.entries.length),
      String(dns.folds.length),
      [
        selector.isAssumed ? `selects ${selector.key}=${shown(selector.value)} by assumption` : '',
        isInferred ? 'all records inferred' : '',
      ]
        .filter(Boolean)
        .join(', '),
    ]),
    ...list.vpcs.map(({ vpcId, list: { entries, folds } }) => [
      `DNS Firewall ${vpcId ?? 'of an unknown VPC'}`,
      String(entries.length),
      '',
      String(folds.length),
      '',
    ]),
  ];
  print(table(['list', 'names', 'connections', 'wildcards', 'note'], rows));
  printFolds(list);
  for (const { domain, names, queries } of list.slowTunnels)
    warn(
      `${names} names below ${shown(domain)} in ${Math.round(queries)} queries: written one by one, because a slow tunnel looks like this; look at them`,
    );
  print();
  print('Would have been blocked in the same log:');
  printBlocked(same);
}

function printFolds({ vpcs, policies }: AllowList): void {
  const folds = new Map<string, number>();
  for (const { list } of vpcs)
    for (const { wildcard, names } of list.folds)
      folds.set(wildcard, Math.max(names, folds.get(wildcard) ?? 0));
  for (const { fqdns } of policies)
    for (const { wildcard, names } of fqdns.folds)
      folds.set(wildcard, Math.max(names, folds.get(wildcard) ?? 0));
  if (folds.size === 0) return;
  const rows = [...folds]
    .sort(([, one], [, other]) => other - one)
    .slice(0, MAX_ROWS)
    .map(([wildcard, names]) => [shown(wildcard), String(names)]);
  print();
  print(table(['wildcard', 'entries that it replaces'], rows));
  printMore(folds.size);
}

/** Prints what a check found, the most frequent first. */
export function printBlocked({ blocked, workloadsWithoutPolicy, vpcsWithoutList }: CheckResult): void {
  if (blocked.length === 0) print('nothing');
  else print(table(['name', 'queries', 'by', 'reason'], blocked.slice(0, MAX_ROWS).map(blockedRow)));
  printMore(blocked.length);
  if (workloadsWithoutPolicy > 0) print(`${workloadsWithoutPolicy} workload(s) have no policy`);
  if (vpcsWithoutList > 0) print(`${vpcsWithoutList} VPC(s) have no list`);
}

const blockedRow = ({ name, queries, workloads, vpcs, reason }: Blocked): readonly string[] => {
  const [first, ...others] = [...workloads, ...vpcs];
  const by = `${first ?? ''}${others.length > 0 ? ` and ${others.length} more` : ''}`;
  return [shown(name), String(Math.round(queries)), shown(by, 48), shown(reason, 72)];
};

const printMore = (count: number): void => {
  if (count > MAX_ROWS) print(`and ${count - MAX_ROWS} more (--json lists all)`);
};
