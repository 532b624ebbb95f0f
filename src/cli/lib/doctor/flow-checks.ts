// Checks of the data flow, from the stream's and the function's metrics of the last hour.
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { LOG_SOURCES } from '../../../core/model/log-sources.ts';
import type { Aws } from '../aws/clients.ts';
import { commandLine, inSentence } from '../shell.ts';
import type { Stream } from '../stream/delivery-stream.ts';
import type { DnsFunction } from '../stream/function.ts';
import { attempt, type Check, missing, ok, warning } from './check.ts';

const HOUR_MS = 3_600_000;

/** Powertools' default service name. */
const UNNAMED_SERVICE = 'service_undefined';

type Metric = readonly [name: string, namespace: string, stat: 'Sum' | 'Average' | 'Maximum'];

const STREAM_METRICS: readonly Metric[] = [
  ['IncomingRecords', 'AWS/Firehose', 'Sum'],
  ['ExecuteProcessing.Success', 'AWS/Firehose', 'Average'],
  ['DeliveryToHttpEndpoint.Success', 'AWS/Firehose', 'Average'],
];

const FUNCTION_METRICS: readonly Metric[] = [
  ['EventsIn', 'EksDnsFirehose', 'Sum'],
  ...LOG_SOURCES.map(({ metric }): Metric => [metric, 'EksDnsFirehose', 'Sum']),
  ['EventsUntrusted', 'EksDnsFirehose', 'Sum'],
  ['RecordsFailed', 'EksDnsFirehose', 'Sum'],
  ['DirectoryStale', 'EksDnsFirehose', 'Maximum'],
  ['ConfigurationInvalid', 'EksDnsFirehose', 'Maximum'],
];

/** Values of the last hour by metric name; missing = no data. */
type Values = ReadonlyMap<string, number>;

/** Checks the metrics of the last hour. */
export async function checkFlow(
  aws: Aws,
  stream: Stream | undefined,
  dnsFunction: DnsFunction | undefined,
): Promise<readonly Check[]> {
  const logOfFunction = tailCommand(dnsFunction?.logGroup);
  const logOfStream = tailCommand(stream?.http?.errorLogGroup);
  return attempt('records flow', async () => {
    const values = await readFlow(aws, stream, dnsFunction);
    return [
      ...streamFlow(values, logOfFunction, logOfStream),
      ...(dnsFunction === undefined ? [] : functionFlow(values, logOfFunction)),
    ];
  });
}

/** What shows the last hour of a log group; where it is not known, a hint. */
const tailCommand = (logGroup: string | undefined): string =>
  logGroup === undefined
    ? 'its log, which is off or not known'
    : inSentence(commandLine(['aws', 'logs', 'tail', logGroup], { since: '1h' }));

/** Reads the metrics of the last hour. */
export async function readFlow(
  aws: Aws,
  stream: Stream | undefined,
  dnsFunction: DnsFunction | undefined,
): Promise<Values> {
  const service = dnsFunction?.variables.POWERTOOLS_SERVICE_NAME ?? UNNAMED_SERVICE;
  const chosen = [
    ...(stream === undefined
      ? []
      : STREAM_METRICS.map((metric) => [metric, 'DeliveryStreamName', stream.name] as const)),
    ...(dnsFunction === undefined
      ? []
      : FUNCTION_METRICS.map((metric) => [metric, 'service', service] as const)),
  ];
  if (chosen.length === 0) return new Map();
  const queries = chosen.map(([[MetricName, Namespace, Stat], Name, Value], index): MetricDataQuery => {
    const Metric = { Namespace, MetricName, Dimensions: [{ Name, Value }] };
    return { Id: `m${index}`, MetricStat: { Metric, Period: HOUR_MS / 1000, Stat } };
  });
  const end = Date.now();
  const { MetricDataResults } = await (await aws.cloudwatch()).getMetricData({
    StartTime: new Date(end - HOUR_MS),
    EndTime: new Date(end),
    MetricDataQueries: queries,
  });
  const values = new Map<string, number>();
  for (const { Id, Values: found = [] } of MetricDataResults ?? []) {
    const metric = chosen[Number(Id?.slice(1))]?.[0];
    if (metric === undefined || found.length === 0) continue;
    const sum = found.reduce((total, value) => total + value, 0);
    const [name, , stat] = metric;
    values.set(name, stat === 'Sum' ? sum : stat === 'Average' ? sum / found.length : Math.max(...found));
  }
  return values;
}

function streamFlow(values: Values, logOfFunction: string, logOfStream: string): readonly Check[] {
  const incoming = values.get('IncomingRecords') ?? 0;
  if (incoming === 0)
    return [
      missing(
        'records flow',
        'no record reached the stream within the last hour',
        'the log groups have no events or are not subscribed',
        'see the checks above; a new subscription needs a few minutes',
      ),
    ];
  const checks = [ok('records flow', `${incoming} records reached the stream within the last hour`)];
  const processed = values.get('ExecuteProcessing.Success');
  if (processed !== undefined && processed < 1)
    checks.push(
      missing(
        'invocations',
        `${Math.round(processed * 100)} % of the invocations succeeded`,
        'the other batches are in the backup bucket under processing-failed/',
        `read the function's log: ${logOfFunction}`,
      ),
    );
  const delivered = values.get('DeliveryToHttpEndpoint.Success');
  if (delivered !== undefined)
    checks.push(
      delivered === 1
        ? ok('delivery', 'Dynatrace accepted everything')
        : missing(
            'delivery',
            `Dynatrace accepted ${Math.round(delivered * 100)} % of the deliveries`,
            'the others are retried and then go to the backup bucket',
            `read the stream's error log: ${logOfStream}; the token needs the scope logs.ingest`,
          ),
    );
  return checks;
}

function functionFlow(values: Values, log: string): readonly Check[] {
  const found = (metric: string): number => values.get(metric) ?? 0;
  const checks = [dnsEvents(found, log)];
  if (found('EventsUntrusted') > 0)
    checks.push(
      warning(
        'producers',
        `${found('EventsUntrusted')} lines look like DNS logs, but come from a container or log group that may not write them`,
        'they passed unchanged; a program may be imitating CoreDNS, or a setting does not name it',
        'compare CorednsContainers, CorednsNamespace, CorednsLogGroups and ResolverLogGroups with docs/trust.md',
      ),
    );
  if (found('RecordsFailed') > 0)
    checks.push(
      warning(
        'records',
        `${found('RecordsFailed')} failed or passed through unchanged`,
        'failed records are in the backup bucket; the others lack all added attributes',
        `read the function's log, where record_failed contains the code: ${log}`,
      ),
    );
  if (found('DirectoryStale') > 0)
    checks.push(
      warning(
        'directory',
        'synchronisation with a cluster failed',
        'records lack the pod',
        `read the function's log, where directory_degraded contains the reason: ${log}`,
      ),
    );
  if (found('ConfigurationInvalid') > 0)
    checks.push(
      missing(
        'configuration',
        'a setting is invalid',
        'all batches pass through unchanged',
        `read the function's log, where configuration_rejected names the setting: ${log}`,
      ),
    );
  return checks;
}

function dnsEvents(found: (metric: string) => number, log: string): Check {
  const name = 'DNS events';
  const events = found('EventsIn');
  if (events === 0)
    return missing(
      name,
      'the function received no event within the last hour',
      'nothing is normalised',
      `wait until the stream has passed its buffer on (at most 15 minutes); then read the function's log: ${log}`,
    );
  if (LOG_SOURCES.every(({ metric }) => found(metric) === 0))
    return missing(
      name,
      `none of ${events} events`,
      'the stream carries no DNS logs',
      'see the checks above: which logs are enabled, and which groups are subscribed',
    );
  const counts = LOG_SOURCES.filter(({ metric }) => found(metric) > 0).map(
    ({ metric, label }) => `${found(metric)} from ${label}`,
  );
  return ok(name, `${counts.join(', ')}, of ${events} events`);
}
