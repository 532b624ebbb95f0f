// What `eks-dns dynatrace` and `doctor --dynatrace` do in an environment.
import type { Session } from './api.ts';
import { type ApplyOptions, wantedPipeline } from './apply.ts';
import type { Content } from './content.ts';
import { parseEnvironment, readToken, type TokenOptions } from './environment.ts';
import { accessToken } from './oauth.ts';
import { matcherOf } from './pipeline.ts';
import { planRoute } from './routing.ts';
import { SCHEMA } from './settings-objects.ts';

export { type ApplyOptions, apply, planApply } from './apply.ts';
export { loadContent } from './content.ts';
export type { TokenOptions } from './environment.ts';
export { arrivalCheck, inspect, previewChecks } from './inspect.ts';
export { escaped } from './plain.ts';
export { checkedKey, keysIn } from './record-key.ts';
export { planRemove } from './remove.ts';
export { parsePosition } from './routing.ts';
export { runSteps, type Step } from './step.ts';
export { readTenant, type Tenant } from './tenant.ts';

/** The environment at that address, opened with the user's token; throws a usage error if either is wrong. */
export async function openSession(url: string, options: TokenOptions): Promise<Session> {
  const environment = parseEnvironment(url);
  const token = readToken(options);
  return { environment, token: token.kind === 'client' ? await accessToken(token.secret) : token };
}

/** What `--print` prints. */
export const PARTS = ['pipeline', 'route', 'alerts', 'dashboard', 'notebook'] as const;
/** One of `PARTS`. */
export type Part = (typeof PARTS)[number];

/**
 * The very JSON that `apply` sends: settings objects for POST /api/v2/settings/objects, Monaco or Terraform; one entry for the
 * list of routes; a document.
 */
export function printedPart(
  content: Content,
  part: Part,
  keys: ApplyOptions['keys'],
  findings: boolean,
): unknown {
  const value = wantedPipeline(content, keys === 'none' ? [] : keys, findings);
  if (part === 'pipeline') return [{ schemaId: SCHEMA.pipelines, scope: 'environment', value }];
  if (part === 'route') return planRoute([], ROUTED, matcherOf(value), undefined, []).after;
  if (part === 'alerts') return content.alerts;
  return content.documents.find(({ type }) => type === part)?.content ?? {};
}

const ROUTED = '<object id of the pipeline>';
