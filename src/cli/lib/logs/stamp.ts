// What tools of CloudWatch Logs print before a message:
//   2026-03-01T00:00:01.000Z <message>                           an export task to S3
//   2026-03-01T00:00:01.123000+00:00 <log stream> <message>      aws logs tail
//   2026-03-01T00:00:01 <message>                                aws logs tail --format short, in UTC
//   1772323201000<tab><message>                                  --query 'events[].[timestamp,message]' --output text
//   EVENTS<tab><id><tab><ingested><tab><log stream><tab><message><tab><time>    filter-log-events --output text
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html
// https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html

/** What stood before (and behind) a message: its time, epoch ms, and its log stream, as far as they are named. */
export type Stamp = {
  readonly timeMs: number | undefined;
  readonly logStream: string | undefined;
  readonly textAt: number;
};

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?`;
const CRI = `${TIME} std(?:out|err) [FP]`;
// How messages begin that are DNS logs: CoreDNS's level or JSON, a wrapper, a line of CRI, a line of a public zone.
const MESSAGE = String.raw`[[{]|${CRI}|1\.0 \d{4}-`;
const STAMPED = new RegExp(String.raw`^(${TIME}) (?:([^\s:*]{1,512}) )?(?=${MESSAGE})`);
const EPOCH = /^(\d{13})\t(?=\S)/;
const TEXT_EVENT = /^EVENTS\t\d{1,64}\t\d{13}\t([^\t]{1,512})\t/;
const MAX_STAMP_CHARS = 700;

/** Reads the stamp before a message; undefined where there is none. */
export function readStamp(text: string): Stamp | undefined {
  const first = text.charCodeAt(0);
  if (first !== 0x45 && (first < 0x30 || first > 0x39)) return undefined;
  const head = text.slice(0, MAX_STAMP_CHARS);
  const [stamp, time = '', logStream] = STAMPED.exec(head) ?? [];
  if (stamp !== undefined) return { timeMs: timeOf(time), logStream, textAt: stamp.length };
  const [epoch, ms] = EPOCH.exec(head) ?? [];
  if (epoch !== undefined) return { timeMs: Number(ms), logStream: undefined, textAt: epoch.length };
  const [event, stream] = TEXT_EVENT.exec(head) ?? [];
  return event === undefined ? undefined : { timeMs: undefined, logStream: stream, textAt: event.length };
}

/** A message without the time behind it, which `--output text` prints last, and that time. */
export function withoutFinalTime(text: string): {
  readonly text: string;
  readonly timeMs: number | undefined;
} {
  const [end, ms] = /\t(\d{13})$/.exec(text.slice(-14)) ?? [];
  return end === undefined
    ? { text, timeMs: undefined }
    : { text: text.slice(0, -end.length), timeMs: Number(ms) };
}

// Without a zone it is UTC: the AWS CLI prints the time of the event as it is stored.
const timeOf = (time: string): number | undefined => {
  const ms = Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time}Z`);
  return Number.isFinite(ms) ? ms : undefined;
};
