// The command that mends the side of Dynatrace, with the options without which it would refuse or do nothing.
import { type CommandOptions, commandLine, inSentence } from '../shell.ts';
import { wantedPipeline } from './apply.ts';
import type { Content } from './content.ts';
import { matcherOf, writesFindings } from './pipeline.ts';
import { keysIn } from './record-key.ts';
import { entriesOf, planRoute } from './routing.ts';
import type { Tenant } from './tenant.ts';

/** What the command needs to know. */
export type ApplyTarget = {
  readonly content: Content;
  /** The environment as the user named it. */
  readonly url: string;
  readonly tokenFile?: string | undefined;
  /** The stack of the function, if it is known. */
  readonly stack?: string | undefined;
};

const applyCommand = ({ url, tokenFile }: ApplyTarget, options: CommandOptions): string =>
  commandLine(['eks-dns', 'dynatrace', 'apply', url], { 'token-file': tokenFile, ...options });

/**
 * The command that brings the environment to this version. Where our route would go ahead of enabled routes of others, which
 * `apply` does only with consent, both ways.
 */
export function applyFix(target: ApplyTarget, tenant: Tenant): string {
  const { pipeline } = tenant;
  // A new pipeline asks for the key of a stack.
  const options = pipeline === undefined ? { stack: target.stack } : {};
  const value = pipeline?.value;
  const wanted = wantedPipeline(target.content, keysIn(value), value !== undefined && writesFindings(value));
  return withConsent(target, tenant, options, matcherOf(wanted));
}

/** The command that lets the pipeline ask for the key of the function's stack; a sentence where that is not known. */
export function applyKeyFix(target: ApplyTarget, tenant: Tenant): string {
  const { stack } = target;
  if (stack === undefined)
    return 'find the stack of the function: dynatrace apply reads its output RecordKey with the option --stack';
  // Another key is another matcher.
  return withConsent(target, tenant, { stack }, '');
}

/** The command that moves our route ahead of all others, unless the user wants it behind them. */
export const firstRouteFix = (target: ApplyTarget): string =>
  `unless they are to win: ${inSentence(applyCommand(target, { position: 'first', yes: true }))}`;

function withConsent(
  target: ApplyTarget,
  { pipeline, routing }: Tenant,
  options: CommandOptions,
  matcher: string,
): string {
  const entries = entriesOf(routing?.value);
  const { action, precedes } = planRoute(entries, pipeline?.objectId ?? '', matcher, undefined, []);
  if (action === 'keep' || precedes.length === 0) return applyCommand(target, options);
  const first = inSentence(applyCommand(target, { ...options, yes: true }));
  const last = inSentence(applyCommand(target, { ...options, position: 'last' }));
  return `${first} goes ahead of the enabled routes of others (${precedes.join(', ')}), ${last} lets them win`;
}
