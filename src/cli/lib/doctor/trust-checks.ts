// Checks whether the function believes the lines of a log group: otherwise their attribution is at most `inferred`.
import type { LogSourceName } from '../../../core/model/log-sources.ts';
import type { Settings } from '../../../core/model/settings.ts';
import { compileFormat } from '../../../core/sources/coredns/format.ts';
import { trustInLogGroup } from '../../../core/trust/log-group.ts';
import { createProducerReader } from '../../../core/wrapper/producer.ts';
import { loadConfiguration } from '../../../lambda/config.ts';
import type { Aws } from '../aws/clients.ts';
import type { Grant } from '../aws/command.ts';
import { type DeployTarget, deployFix } from '../stream/deployment.ts';
import type { DnsFunction } from '../stream/function.ts';
import { attempt, type Check, ok, warning } from './check.ts';

/** IAM permission to read the names of log streams. */
export const READ_LOG_STREAMS_GRANT: Grant = {
  actions: ['logs:DescribeLogStreams'],
  on: 'arn:aws:logs:*:*:log-group:*',
};

/** A log group, and the log that is expected in it. */
export type SourceGroup = { readonly logGroup: string; readonly source: LogSourceName };

const PARAMETER = { coredns: 'CorednsLogGroups', route53: 'ResolverLogGroups' } as const;
const INSIGHTS_GROUP = /^\/aws\/(?:otel\/)?containerinsights\//;
const INFERRED =
  'records of this group are at most `inferred`, because other programs could write such lines';

/** Checks each log group, with the settings of the deployed function; no check where these are invalid. */
export async function checkTrust(
  aws: Aws,
  groups: readonly SourceGroup[],
  dnsFunction: DnsFunction | undefined,
  target: DeployTarget,
): Promise<readonly Check[]> {
  if (dnsFunction === undefined) return [];
  const configuration = loadConfiguration(compileFormat, dnsFunction.variables);
  if (!configuration.ok) return [];
  const checks: Check[] = [];
  for (const group of groups) {
    const title = `trusted: ${group.logGroup}`;
    checks.push(
      ...(await attempt(title, () => groupChecks(aws, title, group, configuration.settings, target))),
    );
  }
  return checks;
}

async function groupChecks(
  aws: Aws,
  title: string,
  { logGroup, source }: SourceGroup,
  settings: Settings,
  target: DeployTarget,
): Promise<readonly Check[]> {
  const writer = source === 'coredns' ? 'coredns' : 'route53';
  const trust = trustInLogGroup(logGroup, settings)[source];
  const listed = writer === 'coredns' ? settings.corednsLogGroups : settings.resolverLogGroups;
  const fix = deployFix(target, `${PARAMETER[writer]}=${[...listed, logGroup].join(',')}`);
  if (trust === 'refused')
    return [warning(title, `it is not in ${PARAMETER[writer]}`, 'its records pass unchanged', fix)];
  if (trust === 'unknown')
    return [warning(title, 'nothing shows who writes to this log group', INFERRED, fix)];
  if (trust === 'shipped' && (await hidesNamespace(aws, logGroup, settings)))
    return [warning(title, 'the names of its log streams do not contain the namespace', INFERRED, fix)];
  return [ok(title, trust === 'shipped' ? 'the log shipper names the container' : 'by its name')];
}

/** Whether the newest log streams of CoreDNS are named `<pod>.<container>`; those of Container Insights never are. */
async function hidesNamespace(aws: Aws, logGroupName: string, settings: Settings): Promise<boolean> {
  if (INSIGHTS_GROUP.test(logGroupName)) return false;
  const producers = createProducerReader();
  const { logStreams = [] } = await (await aws.logs()).describeLogStreams({
    logGroupName,
    orderBy: 'LastEventTime',
    descending: true,
    limit: 50,
  });
  return logStreams.some(({ logStreamName }) => {
    const producer = producers.ofStream(logStreamName);
    const isCoreDns = settings.corednsContainers.includes(producer?.container ?? '');
    return isCoreDns && producer?.namespace === undefined;
  });
}
