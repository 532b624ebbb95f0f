// Does anything flow? The metrics of the last hour, of the stream and of the function.
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../aws/clients.ts';
import type { DnsFunction } from '../stream/function.ts';
import type { Stream } from '../stream/stream.ts';
import { bad, type Check, good, look, poor } from './check.ts';

const HOUR_MS = 3_600_000;

/** Powertools' name for a function that was given none. */
const UNNAMED_SERVICE = 'service_undefined';

type Metric = readonly [name: string, namespace: string, stat: 'Sum' | 'Average' | 'Maximum'];

const STREAM_METRICS: readonly Metric[] = [
  ['IncomingRecords', 'AWS/Firehose', 'Sum'],
  ['ExecuteProcessing.Success', 'AWS/Firehose', 'Average'],
  ['DeliveryToHttpEndpoint.Success', 'AWS/Firehose', 'Average'],
];

const FUNCTION_METRICS: readonly Metric[] = [
  ['EventsIn', 'EksDnsFirehose', 'Sum'],
  ['EventsCoreDns', 'EksDnsFirehose', 'Sum'],
  ['EventsResolver', 'EksDnsFirehose', 'Sum'],
  ['RecordsFailed', 'EksDnsFirehose', 'Sum'],
  ['DirectoryStale', 'EksDnsFirehose', 'Maximum'],
  ['ConfigurationInvalid', 'EksDnsFirehose', 'Maximum'],
];

/** The last hour's values by metric name; absent = no data. */
type Values = ReadonlyMap<string, number>;

/** Looks at what the last hour brought. */
export async function checkFlow(
  aws: Aws,
  stream: Stream | undefined,
  dnsFunction: DnsFunction | undefined,
): Promise<readonly Check[]> {
  return look('records flow', async () => {
    const values = await read(aws, stream, dnsFunction);
    return [...streamFlow(values), ...functionFlow(values, dnsFunction)];
  });
}

async function read(
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

function streamFlow(values: Values): readonly Check[] {
  const incoming = values.get('IncomingRecords') ?? 0;
  if (incoming === 0)
    return [
      bad(
        'records flow',
        'nothing reached the stream within the last hour',
        'log groups are silent or not subscribed',
        'look at the links above; a subscription that is new needs some minutes',
      ),
    ];
  const checks = [good('records flow', `${incoming} records reached the stream within the last hour`)];
  const processed = values.get('ExecuteProcessing.Success');
  if (processed !== undefined && processed < 1)
    checks.push(
      bad(
        'function works',
        `${Math.round(processed * 100)} % of its invocations succeeded`,
        'the rest is in the backup bucket under processing-failed/',
        "read the function's log: sam logs",
      ),
    );
  const delivered = values.get('DeliveryToHttpEndpoint.Success');
  if (delivered !== undefined)
    checks.push(
      delivered === 1
        ? good('delivery', 'Dynatrace took everything')
        : bad(
            'delivery',
            `Dynatrace took ${Math.round(delivered * 100)} % of the deliveries`,
            'the rest is retried, then in the backup bucket',
            "read the stream's error log; the token needs the scope logs.ingest",
          ),
    );
  return checks;
}

function functionFlow(values: Values, dnsFunction: DnsFunction | undefined): readonly Check[] {
  if (dnsFunction === undefined) return [];
  const checks: Check[] = [];
  const [events, coredns, resolver] = ['EventsIn', 'EventsCoreDns', 'EventsResolver'].map(
    (name) => values.get(name) ?? 0,
  );
  if (events === 0)
    checks.push(
      bad(
        'DNS events',
        'the function has seen no event within the last hour',
        'nothing is normalized',
        'eks-dns attach',
      ),
    );
  else if (coredns === 0 && resolver === 0)
    checks.push(
      bad(
        'DNS events',
        `none among ${events} events`,
        'what flows are not DNS logs',
        'eks-dns enable-coredns-log, enable-resolver-log, subscribe',
      ),
    );
  else
    checks.push(
      good('DNS events', `${coredns} of CoreDNS, ${resolver} of the Resolver, of ${events} events`),
    );
  if ((values.get('RecordsFailed') ?? 0) > 0)
    checks.push(
      poor(
        'records',
        `${values.get('RecordsFailed')} failed or went on as they came`,
        'those that failed are in the backup bucket, the others lack everything that the function adds',
        "read the function's log (sam logs): record_failed has the code",
      ),
    );
  if ((values.get('DirectoryStale') ?? 0) > 0)
    checks.push(
      poor(
        'directory',
        'a cluster could not be caught up with',
        'records lack their pod',
        "read the function's log: directory_degraded says why",
      ),
    );
  if ((values.get('ConfigurationInvalid') ?? 0) > 0)
    checks.push(
      bad(
        'configuration',
        'a value is not understood',
        'batches pass unchanged',
        "read the function's log: configuration_rejected names it",
      ),
    );
  return checks;
}
