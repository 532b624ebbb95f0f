// Checks in Dynatrace, if the user names the environment.
import { inspect, loadContent, openSession, type TokenOptions } from '../dynatrace/index.ts';
import type { DnsFunction } from '../stream/function.ts';
import { attempt, type Check } from './check.ts';

/** Options that name the environment and its token. */
export type DynatraceOptions = TokenOptions & {
  /** `https://<environment>.apps.dynatrace.com` */
  readonly dynatrace?: string;
};

/** AWS has no information about Dynatrace's side: without the environment nothing can be said. */
export const NOT_CHECKED: Check = {
  name: 'Dynatrace',
  state: 'unknown',
  observed: 'AWS does not show whether the OpenPipeline processor is applied',
  impact:
    'without it, records can be searched only by aws.log_group and text; with it, dns.*, k8s.* and client.* are separate attributes',
  fix: 'eks-dns dynatrace apply URL && eks-dns doctor --dynatrace URL',
};

/**
 * The checks of pipeline, route and arriving records. Throws a usage error for a wrong address or token: those are the
 * user's, and nothing about the setup.
 */
export async function checkDynatrace(
  { dynatrace: url, tokenFile }: DynatraceOptions & { readonly dynatrace: string },
  dnsFunction: DnsFunction | undefined,
): Promise<readonly Check[]> {
  const session = await openSession(url, tokenFile === undefined ? {} : { tokenFile });
  const recordKey = dnsFunction && (dnsFunction.variables.RECORD_KEY ?? '');
  return attempt('Dynatrace', () => inspect(session, { content: loadContent(), url, recordKey }));
}
