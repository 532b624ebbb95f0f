import { isUserError } from '../../terminal.ts';
import { isAwsError } from '../aws/command.ts';

/** `missing` breaks the delivery, `warning` degrades it, `unknown` could not be checked. */
export type CheckState = 'ok' | 'missing' | 'warning' | 'unknown';

/** Result of one check: what was observed, its impact, and the one thing that fixes it. */
export type Check = {
  /** `stream`, `shop: access`, ... */
  readonly name: string;
  readonly state: CheckState;
  readonly observed: string;
  readonly impact?: string;
  readonly fix?: string;
  /** The check from which this result follows; its fix comes first. */
  readonly because?: string;
  /** Names in it that others chose and that identify the setup: they are masked in a transcript. */
  readonly names?: readonly string[];
  /** Of a link of the probe: seconds after the question. */
  readonly afterSeconds?: number;
};

/** A passed check. */
export const ok = (name: string, observed: string): Check => ({ name, state: 'ok', observed });

/** A failed check. */
export const missing = (name: string, observed: string, impact: string, fix: string): Check => ({
  name,
  state: 'missing',
  observed,
  impact,
  fix,
});

/** A check that passed with a warning. */
export const warning = (name: string, observed: string, impact: string, fix: string): Check => ({
  ...missing(name, observed, impact, fix),
  state: 'warning',
});

/** Runs checks; if they throw, the result is `unknown` and the other checks still run. */
export async function attempt(
  name: string,
  work: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await work();
  } catch (error) {
    const prefix = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
    const observed = `${prefix}${error instanceof Error ? error.message : error}`;
    const isDenied = /^(AccessDenied|UnauthorizedOperation)/.test(error instanceof Error ? error.name : '');
    // Without credentials every check would fail; one message is clearer than twenty.
    if (isAwsError(error, 'CredentialsProviderError') || /^Region is missing/.test(observed)) throw error;
    const remedy = isUserError(error) ? error.remedy : undefined;
    const fix = isDenied ? '`eks-dns doctor --print-policy` shows the required permissions' : remedy;
    return [{ name, state: 'unknown', observed, impact: 'it could not be checked', ...(fix && { fix }) }];
  }
}
