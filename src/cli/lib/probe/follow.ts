// The links behind the pod, followed side by side.
import { progress } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { attempt, type Check } from '../doctor/check.ts';
import type { Session } from '../dynatrace/api.ts';
import { CLASSIC_TOKEN } from '../dynatrace/extra-steps.ts';
import type { DnsFunction } from '../stream/function.ts';
import { dynatraceLink, followRecords } from './dynatrace-link.ts';
import { FUNCTION_LINK, followFunction } from './function-link.ts';
import { followLog, type LogLink, logLink, type ProbedLog } from './log-link.ts';
import type { Marked } from './manifest.ts';
import type { Asked } from './pod.ts';
import { settingsOf } from './record-of-event.ts';
import type { Waiting } from './waiting.ts';

/** What the name is followed through. */
export type Chain = {
  /** The logs that are to have it. */
  readonly logs: readonly ProbedLog[];
  readonly dnsFunction: DnsFunction | undefined;
  /** Undefined where the user named no environment. */
  readonly session: Session | undefined;
};

/** Epoch ms: the name is searched from `fromMs`, and no longer than until `deadlineMs`. */
export type Times = { readonly fromMs: number; readonly deadlineMs: number };

/** Results of the logs that have been followed to their end. */
type Outcomes = Map<ProbedLog, LogLink>;

const isFound = (outcomes: Outcomes, log: ProbedLog): boolean => outcomes.get(log)?.writtenMs !== undefined;

/** Follows the name through everything behind the pod; one check for each link, in the order of the flow. */
export async function follow(
  aws: Aws,
  chain: Chain,
  marked: Marked,
  asked: Asked,
  times: Times,
  { clock, signal }: Waiting,
): Promise<readonly Check[]> {
  // An error of one link ends the others as well.
  const own = new AbortController();
  const waiting = { clock, signal: AbortSignal.any([signal, own.signal]) };
  const outcomes: Outcomes = new Map();
  const readings = chain.logs.map(async (log) => {
    outcomes.set(log, await readLog(aws, chain, log, marked, asked, times, waiting));
  });
  try {
    const [inFunction, records] = await Promise.all([
      throughFunction(aws, chain, readings, outcomes, times, waiting),
      inDynatrace(chain, marked, asked, outcomes, times, waiting),
      ...readings,
    ]);
    const logChecks = chain.logs.flatMap((log) => outcomes.get(log)?.check ?? []);
    const order = chain.logs.map(dynatraceLink);
    const last = [...records, ...recordsSkipped(chain, outcomes)]
      .map((check) => afterFunction(check, inFunction))
      .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    return [...logChecks, inFunction, ...last];
  } finally {
    own.abort();
  }
}

/** What does not pass the function cannot arrive as a record. */
const afterFunction = (check: Check, { state }: Check): Check =>
  check.state === 'missing' && state === 'missing' ? { ...check, because: FUNCTION_LINK } : check;

/** The checks of all links, none of which was looked at because of `because`. */
export const skippedLinks = ({ logs }: Chain, because: string): readonly Check[] => [
  ...logs.map((log) => skipped(logLink(log), because)),
  skipped(FUNCTION_LINK, because),
  ...logs.map((log) => skipped(dynatraceLink(log), because)),
];

const skipped = (name: string, because: string): Check => ({
  name,
  state: 'unknown',
  observed: 'not looked at',
  because,
});

async function readLog(
  aws: Aws,
  { dnsFunction }: Chain,
  log: ProbedLog,
  { name }: Marked,
  asked: Asked,
  { fromMs, deadlineMs }: Times,
  waiting: Waiting,
): Promise<LogLink> {
  const nowMs = waiting.clock.nowMs();
  // Half of the time, so that the rest is left for the links behind it.
  const target = { name, fromMs, deadlineMs: nowMs + (deadlineMs - nowMs) / 2 };
  let link: LogLink | undefined;
  progress(`probe: waiting for the ${log.label} log`);
  const [failed] = await attempt(logLink(log), async () => {
    link = await followLog(aws, log, target, asked, dnsFunction, waiting);
    return [];
  });
  return link ?? { check: failed ?? skipped(logLink(log), ''), writtenMs: undefined };
}

/** The function's part of the chain: by the log of CoreDNS, else by the one that has the name. */
async function throughFunction(
  aws: Aws,
  { logs, dnsFunction }: Chain,
  readings: readonly Promise<void>[],
  outcomes: Outcomes,
  { deadlineMs }: Times,
  waiting: Waiting,
): Promise<Check> {
  if (dnsFunction === undefined) return skipped(FUNCTION_LINK, 'function');
  await readings[0];
  if (!logs.some((log) => isFound(outcomes, log))) await Promise.all(readings);
  const log = logs.find((one) => isFound(outcomes, one));
  const writtenMs = log && outcomes.get(log)?.writtenMs;
  if (log === undefined || writtenMs === undefined)
    return skipped(FUNCTION_LINK, logs[0] === undefined ? 'subscribed' : logLink(logs[0]));
  progress("probe: waiting for the function's log");
  const [check] = await attempt(FUNCTION_LINK, async () => [
    await followFunction(aws, dnsFunction, log, { writtenMs, deadlineMs }, waiting),
  ]);
  return check ?? skipped(FUNCTION_LINK, logLink(log));
}

/** Why Dynatrace cannot be asked; undefined if it can. */
function whyNotAsked(session: Session | undefined): string | undefined {
  if (session === undefined) return 'not asked: no environment is named';
  return session.token.kind === 'classic' ? `not asked: ${CLASSIC_TOKEN}` : undefined;
}

async function inDynatrace(
  { logs, session, dnsFunction }: Chain,
  marked: Marked,
  { askedMs }: Asked,
  outcomes: Outcomes,
  { fromMs, deadlineMs }: Times,
  waiting: Waiting,
): Promise<readonly Check[]> {
  const name = 'probe: Dynatrace';
  const reason = whyNotAsked(session);
  if (session === undefined || reason !== undefined)
    return [
      {
        name,
        state: 'unknown',
        observed: reason ?? '',
        impact: 'whether the records arrive was not looked at',
        fix: 'run this again with --dynatrace, the address of the environment, and a platform token in DT_TOKEN (storage:logs:read, storage:buckets:read)',
      },
    ];
  const awaited = {
    found: () => logs.filter((log) => isFound(outcomes, log)),
    isOpen: () => outcomes.size < logs.length,
  };
  return attempt(name, () =>
    followRecords(
      session,
      marked,
      { fromMs, askedMs, deadlineMs },
      awaited,
      settingsOf(dnsFunction),
      waiting,
    ),
  );
}

/** Records that were not looked for in Dynatrace, because the log does not have the name. */
const recordsSkipped = ({ logs, session }: Chain, outcomes: Outcomes): readonly Check[] =>
  whyNotAsked(session) === undefined
    ? logs.filter((log) => !isFound(outcomes, log)).map((log) => skipped(dynatraceLink(log), logLink(log)))
    : [];
