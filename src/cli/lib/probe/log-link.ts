// The links between the pod and CloudWatch Logs: the line of CoreDNS, and the record of the Resolver.
import type { Aws } from '../aws/clients.ts';
import { type Check, missing, ok, warning } from '../doctor/check.ts';
import type { JsonRecord } from '../io/firehose-response.ts';
import type { DnsFunction } from '../stream/function.ts';
import { findEvents, type LogEvent } from './log-events.ts';
import type { Asked } from './pod.ts';
import { recordReader } from './record-of-event.ts';
import { lookUntil, type Waiting } from './waiting.ts';

/** One of the two logs on the chain. */
export type ProbedLog = {
  readonly source: 'coredns' | 'aws.vpcdnsquerylogs';
  readonly label: 'CoreDNS' | 'Resolver';
  readonly logGroups: readonly string[];
};

/** What a log made of the question; `writtenMs` = time of the line, undefined if it did not arrive. */
export type LogLink = { readonly check: Check; readonly writtenMs: number | undefined };

const POLL_MS = 3000;

/** Name of the check of a log. */
export const logLink = ({ label }: Pick<ProbedLog, 'label'>): string => `probe: ${label} log`;

/** Follows the name into a log. A log group that cannot be read throws AWS's error. */
export async function followLog(
  aws: Aws,
  log: ProbedLog,
  {
    name,
    fromMs,
    deadlineMs,
  }: { readonly name: string; readonly fromMs: number; readonly deadlineMs: number },
  asked: Asked,
  dnsFunction: DnsFunction | undefined,
  waiting: Waiting,
): Promise<LogLink> {
  const { source, label, logGroups } = log;
  const title = logLink(log);
  const recordOf = recordReader(dnsFunction);
  let unread: LogEvent | undefined;
  const found = await lookUntil(
    waiting,
    deadlineMs,
    () => POLL_MS,
    async () => {
      for (const logGroup of logGroups) {
        const events = await findEvents(aws, logGroup, name, fromMs, waiting.signal);
        for (const event of events) {
          const record = await recordOf(event);
          if (record?.['dns.question.name'] === name && record['log.source'] === source)
            return { event, record };
          unread ??= event;
        }
      }
      return undefined;
    },
  );
  if (found === undefined) return { check: notLogged(title, label, logGroups, unread), writtenMs: undefined };
  const { event, record } = found;
  const afterSeconds =
    event.ingestedMs === undefined ? undefined : Math.max(0, event.ingestedMs - event.timeMs) / 1000;
  const check = logged(title, label, event, record, asked, afterSeconds);
  return {
    check: afterSeconds === undefined ? check : { ...check, afterSeconds },
    writtenMs: event.timeMs,
  };
}

function logged(
  title: string,
  label: ProbedLog['label'],
  { logGroup }: LogEvent,
  record: JsonRecord,
  { ips }: Asked,
  afterSeconds: number | undefined,
): Check {
  const client = String(record['client.ip'] ?? 'unknown');
  const code = String(record['dns.response_code'] ?? 'no answer');
  const after = afterSeconds === undefined ? '' : `after ${afterSeconds.toFixed(1)} s, `;
  const isPod = ips.includes(client);
  const whose = isPod ? 'the pod' : label === 'CoreDNS' ? 'not the pod' : 'who asked the Resolver';
  const observed = `${after}${logGroup}: ${code}, client ${client} (${whose})`;
  if (isPod || label === 'Resolver' || record['k8s.pod.name'] !== undefined) return ok(title, observed);
  return warning(
    title,
    observed,
    'pods cannot be told by that address',
    'pods may ask NodeLocal DNSCache on their node first: log its queries as well (docs/setup.md)',
  );
}

function notLogged(
  title: string,
  label: ProbedLog['label'],
  logGroups: readonly string[],
  unread: LogEvent | undefined,
): Check {
  const groups = logGroups.join(', ');
  if (unread !== undefined)
    return missing(
      title,
      `the name is in ${unread.logGroup}, in a line that the function would not read as DNS`,
      'the line passes unchanged',
      "compare the Corefile's log directive with the function's setting COREDNS_LOG_FORMAT, and its container with COREDNS_CONTAINERS",
    );
  return missing(
    title,
    `the name did not arrive in ${groups}`,
    label === 'CoreDNS'
      ? 'queries are not logged, or the log goes elsewhere'
      : 'queries of the VPC are not logged there',
    label === 'CoreDNS'
      ? 'see the check CoreDNS log above; name the log group with --log-group'
      : 'see the check Resolver log above; a Corefile may forward to other servers than the VPC resolver',
  );
}
