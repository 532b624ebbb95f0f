import { isFault } from '../aws/command.ts';

/** `missing` breaks the chain, `warning` weakens it, `unknown` could not be looked at. */
export type CheckState = 'ok' | 'missing' | 'warning' | 'unknown';

/** One link of the chain: what was seen, what that means, and the one thing that mends it. */
export type Check = {
  readonly link: string;
  readonly state: CheckState;
  readonly saw: string;
  readonly means?: string;
  readonly fix?: string;
};

/** A link that holds. */
export const good = (link: string, saw: string): Check => ({ link, state: 'ok', saw });

/** A link that does not hold. */
export const bad = (link: string, saw: string, means: string, fix: string): Check => ({
  link,
  state: 'missing',
  saw,
  means,
  fix,
});

/** A link that holds, but not well. */
export const poor = (link: string, saw: string, means: string, fix: string): Check => ({
  ...bad(link, saw, means, fix),
  state: 'warning',
});

/** Looks at a link; what cannot be looked at is `unknown` and stops no other look. */
export async function look(link: string, work: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await work();
  } catch (error) {
    const name = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
    const saw = `${name}${error instanceof Error ? error.message : error}`;
    const remedy =
      error instanceof Error && 'remedy' in error && typeof error.remedy === 'string'
        ? error.remedy
        : undefined;
    const isDenied = /^(AccessDenied|UnauthorizedOperation)/.test(error instanceof Error ? error.name : '');
    // Without credentials there is nothing to look at; one message says it better than twenty.
    if (isFault(error, 'CredentialsProviderError') || /^Region is missing/.test(saw)) throw error;
    const fix = isDenied ? 'eks-dns doctor --print-policy shows the rights that are needed' : remedy;
    return [{ link, state: 'unknown', saw, means: 'it could not be looked at', ...(fix && { fix }) }];
  }
}
