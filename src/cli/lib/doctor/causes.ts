// Which failed checks only follow from others: a root cause is shown once.
import type { Check } from './check.ts';

/** A check whose failure explains those of others. */
type Cause = { readonly name: string; readonly explains: (check: Check) => boolean };

const named =
  (...names: readonly string[]) =>
  ({ name }: Check): boolean =>
    names.includes(name);

const CAUSES: readonly Cause[] = [
  { name: 'function', explains: named('attached', 'role', 'records flow', 'DNS events') },
  { name: 'stream', explains: named('attached', 'role', 'records flow', 'DNS events') },
  {
    name: 'stream',
    // A group that exists and is not subscribed, because there is nothing to subscribe it to.
    explains: ({ name, observed }) =>
      name.startsWith('subscribed: ') && observed === 'not subscribed to the stream',
  },
  { name: 'cluster', explains: named('CoreDNS log', 'Resolver log', 'subscribed') },
  { name: 'subscribed', explains: named('records flow', 'DNS events') },
  { name: 'attached', explains: named('role', 'DNS events') },
  { name: 'records flow', explains: named('DNS events') },
];

/** The checks, each failed one that follows from another with the name of that one as `because`, and without a fix. */
export function withCauses(checks: readonly Check[]): readonly Check[] {
  const failed = new Set(checks.filter(({ state }) => state === 'missing').map(({ name }) => name));
  return checks.map((check) => {
    if (check.state !== 'missing') return check;
    const cause = CAUSES.find(
      ({ name, explains }) => failed.has(name) && name !== check.name && explains(check),
    );
    if (cause === undefined) return check;
    // Its command would do nothing, or fail, before the cause is mended.
    const { fix: _, ...rest } = check;
    return { ...rest, because: cause.name };
  });
}
