// Normalised records from a log group of CloudWatch Logs: its events of a time, through the pipeline.
import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { EXIT, fail, progress } from '../../terminal.ts';
import { arnParts } from '../aws/arn.ts';
import type { Aws } from '../aws/clients.ts';
import type { Grant } from '../aws/command.ts';
import { envelopeJson, firehoseEvent, gzipText } from '../io/firehose-event.ts';
import type { JsonRecord } from '../io/firehose-response.ts';
import { createHealthReport, type Pipeline } from './pipeline.ts';
import type { InputCount } from './read-files.ts';

/** Permissions to read the events of log groups. */
export const READ_EVENTS_GRANT: Grant = {
  actions: ['logs:DescribeLogGroups', 'logs:FilterLogEvents'],
  on: 'arn:aws:logs:*:*:log-group:*',
};

/** A time, epoch ms: `fromMs` inclusive, `toMs` exclusive. */
export type TimeRange = { readonly fromMs: number; readonly toMs: number };

const PAGES_PER_MESSAGE = 20;

/**
 * The records of a log group's events, page by page (10,000 events or 1 MB). Account and Region of the group decide, as
 * in the function, in which clusters a client is looked up.
 */
export async function* readLogGroup(
  aws: Aws,
  logGroup: string,
  { fromMs, toMs }: TimeRange,
  openPipeline: () => Promise<Pipeline>,
  count: InputCount,
): AsyncGenerator<JsonRecord> {
  const logs = await aws.logs();
  const reportHealth = createHealthReport();
  const { accountId, region } = arnParts(await arnOf(aws, logGroup));
  const pipeline = await openPipeline();
  let nextToken: string | undefined;
  let pages = 0;
  do {
    const page = await logs.filterLogEvents({
      logGroupName: logGroup,
      startTime: fromMs,
      // CloudWatch includes the end.
      endTime: toMs - 1,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    const envelopes = byStream(page.events ?? []).map(([logStream, events]) =>
      gzipText(envelopeJson({ owner: accountId, logGroup, logStream, messageType: 'DATA_MESSAGE', events })),
    );
    if (envelopes.length > 0) {
      const event = firehoseEvent(envelopes, { arrivalMs: Date.now(), region, kinesis: false });
      const { records, summary } = await pipeline.run(event);
      reportHealth(summary);
      count.records += records.length;
      count.ignored += (page.events?.length ?? 0) - records.length;
      yield* records;
    }
    nextToken = page.nextToken;
    if (++pages % PAGES_PER_MESSAGE === 0) progress(`${logGroup}: ${count.records} records`);
  } while (nextToken !== undefined);
}

async function arnOf(aws: Aws, logGroup: string): Promise<string> {
  const { logGroups } = await (await aws.logs()).describeLogGroups({ logGroupNamePrefix: logGroup });
  const arn = logGroups?.find(({ logGroupName }) => logGroupName === logGroup)?.arn;
  if (arn === undefined)
    throw fail(
      `there is no log group "${logGroup}" in this account and region`,
      'check --log-group and --region',
      EXIT.usage,
    );
  return arn;
}

type StreamEvents = { timeMs: number; message: string }[];

/** Events by log stream, which tells the trust in their lines. */
function byStream(events: readonly FilteredLogEvent[]): readonly [string, StreamEvents][] {
  const streams = new Map<string, StreamEvents>();
  for (const { logStreamName = '', timestamp = 0, message = '' } of events) {
    const list = streams.get(logStreamName) ?? [];
    list.push({ timeMs: timestamp, message: message.replace(/\n$/, '') });
    streams.set(logStreamName, list);
  }
  return [...streams];
}
