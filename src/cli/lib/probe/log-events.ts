// Events of CloudWatch Logs that contain a text.
import type { Aws } from '../aws/clients.ts';

/** An event of CloudWatch Logs. */
export type LogEvent = {
  readonly logGroup: string;
  readonly logStream: string;
  readonly timeMs: number;
  /** When CloudWatch took it in, by its own clock. */
  readonly ingestedMs: number | undefined;
  readonly message: string;
};

/** Pages of an answer: a large log group gives empty ones while it is searched. */
const MAX_PAGES = 50;
/** Enough for the lines of one question, and for the batches of a function within some minutes. */
const MAX_EVENTS = 200;

/** Events of a group since `fromMs` that contain `text`, in the order in which CloudWatch gives them, at most 200. */
export async function findEvents(
  aws: Aws,
  logGroup: string,
  text: string,
  fromMs: number,
  signal: AbortSignal,
): Promise<readonly LogEvent[]> {
  const logs = await aws.logs();
  const found: LogEvent[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    signal.throwIfAborted();
    const answer = await logs.filterLogEvents({
      logGroupName: logGroup,
      filterPattern: `"${text}"`,
      startTime: fromMs,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    for (const { logStreamName = '', timestamp = 0, ingestionTime, message = '' } of answer.events ?? [])
      found.push({
        logGroup,
        logStream: logStreamName,
        timeMs: timestamp,
        ingestedMs: ingestionTime,
        message: message.replace(/\n$/, ''),
      });
    nextToken = answer.nextToken;
    if (nextToken === undefined || found.length >= MAX_EVENTS) break;
  }
  return found.slice(0, MAX_EVENTS);
}
