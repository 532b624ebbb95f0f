import type { Check, CheckState } from './check.ts';

/** What a walk along the chain comes to; `ok` = no link is missing, which says nothing about those that are unknown. */
export type Verdict = {
  readonly ok: boolean;
  readonly unknown: number;
  readonly warnings: number;
  /** For people: `nothing is missing; 1 link could not be looked at, 2 warnings`. */
  readonly text: string;
};

const counted = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];

/** Sums the links up; what is missing comes before all that is doubtful. */
export function verdictOf(links: readonly Check[]): Verdict {
  const having = (state: CheckState): readonly Check[] => links.filter((link) => link.state === state);
  const missing = having('missing');
  const unknown = having('unknown').length;
  const warnings = having('warning').length;
  const doubts = [
    ...counted(unknown, 'link could not be looked at', 'links could not be looked at'),
    ...counted(warnings, 'warning', 'warnings'),
  ];
  const [next] = missing;
  const text =
    next !== undefined
      ? `${missing.length} of ${links.length} links are missing; begin with: ${next.fix ?? next.link}`
      : doubts.length > 0
        ? `nothing is missing; ${doubts.join(', ')}`
        : 'every link holds';
  return { ok: next === undefined, unknown, warnings, text };
}
