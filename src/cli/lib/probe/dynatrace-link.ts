// The last link: the records of the name in Dynatrace, found by a query.

import type { Settings } from '../../../core/model/settings.ts';
import type { JsonObject } from '../../../core/util/json.ts';
import { type Check, missing, ok, warning } from '../doctor/check.ts';
import type { Session } from '../dynatrace/api.ts';
import { plain } from '../dynatrace/plain.ts';
import { runQuery } from '../dynatrace/query.ts';
import type { ProbedLog } from './log-link.ts';
import type { Marked } from './manifest.ts';
import { lookUntil, type Waiting } from './waiting.ts';

/** Name of the check of the records of a log. */
export const dynatraceLink = ({ label }: Pick<ProbedLog, 'label'>): string => `probe: ${label} in Dynatrace`;

/** Reading is billed: the longer it takes, the more rarely is asked. */
const intervalMs = (passedMs: number): number => Math.min(Math.max(passedMs / 4, 5000), 30_000);

const FIELDS = [
  'log.source',
  'dns.question.name',
  'dns.response_code',
  'dns.client.kind',
  'dns.client.attribution',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
  'k8s.node.name',
  'content',
];

/**
 * The query for a name: records with attributes, and what arrived as text. The name is ours, so it needs no escaping.
 */
const queryFor = (
  name: string,
  ageMs: number,
): string => `fetch logs, from: now() - ${Math.ceil(ageMs / 60_000)}m
| filter dns.question.name == "${name}" or contains(content, "${name}")
| fields ${FIELDS.join(', ')}
| limit 20`;

/** The logs whose records are awaited; both change while the logs are followed. */
export type Awaited = {
  /** Those in which the name was found. */
  readonly found: () => readonly ProbedLog[];
  /** Whether more of them may be found. */
  readonly isOpen: () => boolean;
};

/** Follows the name into Dynatrace; one check for each log in which it was found. */
export async function followRecords(
  session: Session,
  marked: Marked,
  {
    fromMs,
    askedMs,
    deadlineMs,
  }: { readonly fromMs: number; readonly askedMs: number; readonly deadlineMs: number },
  { found, isOpen }: Awaited,
  settings: Settings,
  waiting: Waiting,
): Promise<readonly Check[]> {
  const checks = new Map<ProbedLog, Check>();
  let others: readonly JsonObject[] = [];
  const missingOnes = (): readonly ProbedLog[] => found().filter((log) => !checks.has(log));
  const isDone = (): boolean => !isOpen() && missingOnes().length === 0;
  await lookUntil(waiting, deadlineMs, intervalMs, async () => {
    if (missingOnes().length === 0) return isDone() || undefined;
    const { records } = await runQuery(session, queryFor(marked.name, waiting.clock.nowMs() - fromMs), SCOPE);
    const afterSeconds = Math.max(0, waiting.clock.nowMs() - askedMs) / 1000;
    const isNamed = (record: JsonObject): boolean => record['dns.question.name'] === marked.name;
    for (const log of missingOnes()) {
      const record = records.find((one) => isNamed(one) && one['log.source'] === log.source);
      if (record !== undefined) checks.set(log, arrived(log, record, marked.pod, afterSeconds));
    }
    others = records.filter((one) => !isNamed(one));
    return isDone() || undefined;
  });
  return found().map((log) => checks.get(log) ?? notArrived(log, others, settings));
}

const SCOPE = 'storage:logs:read, storage:buckets:read';

/** What became of a record, with its time and the names of pods that are not ours. */
function arrived(log: ProbedLog, record: JsonObject, pod: string, afterSeconds: number): Check {
  const named = record['k8s.pod.name'];
  const names = typeof named === 'string' && named !== pod ? { names: [plain(named)] } : {};
  return { ...judged(log, record, pod, afterSeconds), afterSeconds, ...names };
}

function judged(log: ProbedLog, record: JsonObject, pod: string, afterSeconds: number): Check {
  const title = dynatraceLink(log);
  const text = (name: string): string | undefined => {
    const value = record[name];
    return typeof value === 'string' && value !== '' ? plain(value) : undefined;
  };
  const attribution = text('dns.client.attribution') ?? 'none';
  const named = text('k8s.pod.name');
  const code = text('dns.response_code') ?? 'no response code';
  const after = `after ${Math.round(afterSeconds)} s, ${code}`;
  // The Resolver is asked by CoreDNS, so its record names that pod, or the instance.
  if (log.source !== 'coredns')
    return ok(
      title,
      `${after}, client ${text('dns.client.kind') ?? 'unknown'}${named ? `, k8s.pod.name = ${named}` : ''}, ${attribution}`,
    );
  const whose = named === pod ? "the probe's pod" : 'another pod';
  const observed = `${after}, k8s.pod.name = ${named ?? '(none)'}${named ? ` (${whose})` : ''}, ${attribution}`;
  if (named === pod && attribution === 'exact') return ok(title, observed);
  if (named === pod)
    return warning(
      title,
      observed,
      'the pod is right, and not proved',
      'see the checks trusted and access above (docs/trust.md)',
    );
  return missing(
    title,
    observed,
    named === undefined
      ? 'pods are not named'
      : 'a wrong pod is named: please report this, with --transcript',
    "see the checks cluster, access and permissions above; directory_degraded in the function's log says more",
  );
}

function notArrived(log: ProbedLog, others: readonly JsonObject[], settings: Settings): Check {
  const title = dynatraceLink(log);
  const isLeftOut = settings.drop.has('external') || (settings.sample.get('external') ?? 1) < 1;
  const texts = others.map(({ content }) => (typeof content === 'string' ? content : ''));
  const impact = 'records can be searched only by text; dns.*, k8s.* and client.* are no attributes';
  if (texts.some((text) => text.includes('"dns.client.attribution"')))
    return missing(
      title,
      'a record arrived as text',
      impact,
      'see the checks of Dynatrace above: pipeline, record key, route',
    );
  if (texts.length > 0)
    return missing(
      title,
      'a line arrived as it was logged',
      'the function did not make a record of it',
      'see the checks attached, configuration and producers above',
    );
  if (isLeftOut)
    return {
      name: title,
      state: 'unknown',
      observed: 'it did not arrive; DROP or SAMPLE of the function leaves out names of the category external',
      impact: 'the last link could not be checked',
    };
  return missing(
    title,
    'the record did not arrive in time',
    'records do not reach Dynatrace, or later',
    "see the check delivery above and the stream's error log; a stream may buffer for up to 15 minutes (--probe-seconds)",
  );
}
