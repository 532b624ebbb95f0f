// Checks in Dynatrace, if the user names the environment.
import type { Session } from '../dynatrace/api.ts';
import { parseEnvironment } from '../dynatrace/environment.ts';
import { inspect, loadContent, type TokenOptions } from '../dynatrace/index.ts';
import type { DeployTarget } from '../stream/deployment.ts';
import type { DnsFunction } from '../stream/function.ts';
import { attempt, type Check } from './check.ts';

/** Options that name the environment and its token. */
export type DynatraceOptions = TokenOptions & {
  /** `https://<environment>.apps.dynatrace.com` */
  readonly dynatrace?: string;
};

/** AWS has no information about Dynatrace's side: without the environment nothing can be said. `url` is the stream's. */
export const notChecked = (url: string | undefined): Check => ({
  name: 'Dynatrace',
  state: 'unknown',
  observed: 'AWS does not show whether the OpenPipeline processor is applied',
  impact:
    'without it, records can be searched only by aws.log_group and text; with it, dns.*, k8s.* and client.* are separate attributes',
  fix: `run this again with --dynatrace ${environmentOf(url ?? '') ?? 'and the address of the environment'}, and a token in DT_TOKEN or --token-file`,
});

/** The address of the environment into whose log ingest API a stream delivers; undefined for any other URL. */
function environmentOf(url: string): string | undefined {
  const [, address] = /^(.*)\/api\/v2\/logs\/ingest\/aws_firehose$/.exec(url) ?? [];
  if (address === undefined) return undefined;
  try {
    const { platform, classic } = parseEnvironment(address);
    return platform ?? classic;
  } catch {
    return undefined;
  }
}

/** The checks of pipeline, route and arriving records. */
export function checkDynatrace(
  session: Session,
  { dynatrace: url, tokenFile }: DynatraceOptions & { readonly dynatrace: string },
  dnsFunction: DnsFunction | undefined,
  target: DeployTarget,
): Promise<readonly Check[]> {
  const recordKey = dnsFunction && (dnsFunction.variables.RECORD_KEY ?? '');
  return attempt('Dynatrace', () =>
    inspect(session, { content: loadContent(), url, tokenFile, recordKey, stack: target.stack }),
  );
}
