import type { Check, CheckState } from './check.ts';

/** Summary of all checks; `ok` = no check is `missing`, regardless of those that are `unknown`. */
export type Verdict = {
  readonly ok: boolean;
  readonly unknown: number;
  readonly warnings: number;
  /** Human-readable: `no check failed; 1 check could not be performed, 2 warnings`. */
  readonly text: string;
};

const counted = (count: number, one: string, many: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];

/** Summarises the checks; failures take precedence over warnings and unknown states. */
export function verdictOf(checks: readonly Check[]): Verdict {
  const inState = (state: CheckState): readonly Check[] => checks.filter((check) => check.state === state);
  const missing = inState('missing');
  const failed = missing.filter(({ because }) => because === undefined);
  const following = counted(missing.length - failed.length, 'other follows', 'others follow').map(
    (text) => `, ${text} from it`,
  );
  // What was not looked at because of another result is not counted again.
  const unknown = inState('unknown').filter(({ because }) => because === undefined).length;
  const warnings = inState('warning').length;
  const doubts = [
    ...counted(unknown, 'check could not be performed', 'checks could not be performed'),
    ...counted(warnings, 'warning', 'warnings'),
  ];
  const [first] = failed;
  const text =
    first !== undefined
      ? `${failed.length} of ${checks.length} checks failed${following.join('')}; start with: ${first.fix ?? first.name}`
      : doubts.length > 0
        ? `no check failed; ${doubts.join(', ')}`
        : 'all checks passed';
  return { ok: first === undefined, unknown, warnings, text };
}
