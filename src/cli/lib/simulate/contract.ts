// Firehose's requirements of a transformation response, and our own stricter ones.
// https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html
import type { FirehoseTransformationEvent } from 'aws-lambda';

/** Lambda's limit of a synchronous response, bytes. */
export const RESPONSE_LIMIT_BYTES = 6_291_456;

/** Firehose's limit of one record to an HTTP endpoint, bytes after base64 decoding. */
export const RECORD_LIMIT_BYTES = 1_024_000;

/** Outcome of one record; `failed` records go to the backup bucket with their original data. */
export type Verdict =
  | { readonly kind: 'ok'; readonly data: Buffer }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'failed'; readonly errorCode: string };

/** Outcomes of all records of a response, and all rules that it violates (ours are stricter than Firehose's). */
export type Judgement = { readonly verdicts: readonly Verdict[]; readonly violations: readonly string[] };

type ResponseRecord = { readonly recordId?: unknown; readonly result?: unknown; readonly data?: unknown };

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const isBase64 = (text: string): boolean => text.length % 4 === 0 && BASE64.test(text);

/**
 * Checks the response text for `event`. `budgetBytes` is our own, smaller limit of the response.
 * A fault of one record fails only that record; a response without a list of records fails all.
 */
export function judge(event: FirehoseTransformationEvent, text: string, budgetBytes: number): Judgement {
  const violations: string[] = [];
  const bytes = Buffer.byteLength(text);
  if (bytes > budgetBytes) violations.push(`response of ${bytes} bytes is over the budget of ${budgetBytes}`);
  const answers = readRecords(text);
  if (answers === undefined) {
    violations.push('response is not {"records":[...]}');
    return { verdicts: event.records.map(() => failed('Lambda.JsonProcessingException')), violations };
  }
  checkOrder(event, answers, violations);
  const byId = new Map<unknown, ResponseRecord[]>();
  for (const answer of answers) byId.set(answer.recordId, [...(byId.get(answer.recordId) ?? []), answer]);
  const verdicts = event.records.map(({ recordId, data }) => {
    const [answer, ...more] = byId.get(recordId) ?? [];
    if (answer === undefined) return failed('Lambda.MissingRecordId');
    if (more.length > 0) return failed('Lambda.DuplicatedRecordId');
    return judgeRecord(answer, data, (fault) => violations.push(`${recordId}: ${fault}`));
  });
  return { verdicts, violations };
}

const failed = (errorCode: string): Verdict => ({ kind: 'failed', errorCode });

function readRecords(text: string): readonly ResponseRecord[] | undefined {
  try {
    const { records } = JSON.parse(text) as { records?: unknown };
    const isList = Array.isArray(records) && records.every((one) => typeof one === 'object' && one !== null);
    return isList ? records : undefined;
  } catch {
    return undefined;
  }
}

/** Checks that every id occurs exactly once and in order. */
function checkOrder(
  event: FirehoseTransformationEvent,
  answers: readonly ResponseRecord[],
  violations: string[],
): void {
  if (answers.length !== event.records.length) {
    violations.push(`${event.records.length} records in, ${answers.length} out`);
  }
  const at = event.records.findIndex((record, i) => answers[i]?.recordId !== record.recordId);
  if (at >= 0) violations.push(`record ${at} is missing, duplicated or out of order`);
}

function judgeRecord(answer: ResponseRecord, original: string, violate: (fault: string) => void): Verdict {
  const { result, data } = answer;
  if (result === 'Dropped') return { kind: 'dropped' };
  if (result === 'ProcessingFailed') {
    if (data !== original) violate('failed without its original data');
    return failed('Lambda.ProcessingFailedStatus');
  }
  if (result !== 'Ok') {
    violate(`result ${JSON.stringify(result)} is unknown`);
    return failed('Lambda.InvalidResult');
  }
  if (typeof data !== 'string' || !isBase64(data)) {
    violate(`Ok ${typeof data === 'string' ? 'with bad base64' : 'without data'}`);
    return failed('Lambda.InvalidData');
  }
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > RECORD_LIMIT_BYTES) {
    violate(`record of ${bytes.length} bytes is over the limit of ${RECORD_LIMIT_BYTES}`);
    return failed('Http.RecordTooLarge');
  }
  return { kind: 'ok', data: bytes };
}
