// The link through Firehose: batches that the function worked on after the line was written. Its log has counts and no
// names, so it shows that such lines passed, not that the line of the probe was among them.
import { LOG_SOURCES } from '../../../core/model/log-sources.ts';
import { isObject, type JsonObject, parseObject } from '../../../core/util/json.ts';
import type { Aws } from '../aws/clients.ts';
import { type Check, missing, ok } from '../doctor/check.ts';
import type { DnsFunction } from '../stream/function.ts';
import { findEvents } from './log-events.ts';
import type { ProbedLog } from './log-link.ts';
import { lookUntil, type Waiting } from './waiting.ts';

const POLL_MS = 5000;

/** Name of the check. */
export const FUNCTION_LINK = 'probe: function';

/** The log of the function has one such line per batch; its metrics are members of the same line. */
const BATCH = 'batch_finished';

/** Follows the lines of a log to the function: batches since `writtenMs` with events of that log. */
export async function followFunction(
  aws: Aws,
  { logGroup }: DnsFunction,
  { source, label }: ProbedLog,
  { writtenMs, deadlineMs }: { readonly writtenMs: number; readonly deadlineMs: number },
  waiting: Waiting,
): Promise<Check> {
  const metric = LOG_SOURCES.find(({ name }) => name === source)?.metric ?? '';
  let others = 0;
  const batches = await lookUntil(
    waiting,
    deadlineMs,
    () => POLL_MS,
    async () => {
      const events = await findEvents(aws, logGroup, BATCH, writtenMs, waiting.signal);
      const all = events.flatMap(({ message }) => {
        const line = parseObject(message);
        return line?.event === BATCH ? [line] : [];
      });
      const found = all.filter((line) => countOf(line, metric) > 0);
      others = all.length - found.length;
      return found.length > 0 ? found : undefined;
    },
  );
  if (batches === undefined)
    return missing(
      FUNCTION_LINK,
      `no batch with events of ${label} since then (${others} other${others === 1 ? '' : 's'})`,
      'the line did not pass the function',
      'see the checks subscribed and attached above; the stream may buffer for up to 15 minutes (--probe-seconds)',
    );
  const sum = (name: string): number => batches.reduce((total, line) => total + countOf(line, name), 0);
  const failed = sum('RecordsFailed');
  const afterSeconds = Math.max(0, Math.min(...batches.map(timeOf)) - writtenMs) / 1000;
  const many = `${batches.length} batch${batches.length === 1 ? '' : 'es'}`;
  const bad = failed === 0 ? '' : `, ${failed} records failed`;
  return {
    ...ok(
      FUNCTION_LINK,
      `after ${afterSeconds.toFixed(1)} s, ${many} with ${sum(metric)} events of ${label}${bad} (its log has counts, no names)`,
    ),
    afterSeconds,
  };
}

const countOf = (line: JsonObject, name: string): number => {
  const value = line[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
};

/** When the batch ended, epoch ms by the clock of Lambda. */
function timeOf({ _aws: header }: JsonObject): number {
  const time = isObject(header) ? header.Timestamp : undefined;
  return typeof time === 'number' ? time : Number.POSITIVE_INFINITY;
}
