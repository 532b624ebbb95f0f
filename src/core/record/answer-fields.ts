import { isIP } from 'node:net';
import type { Answer, DnsEvent } from '../model/dns-event.ts';
import { MAX_ATTRIBUTE_VALUES } from '../model/limits.ts';
import type { Omits } from '../model/record-fields/omission.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { bytesOf, type JsonEncoder } from './json-encoder.ts';
import { type Truncation, truncate } from './truncation.ts';

/**
 * Creates the writer of `dns.answers.*`, `dns.resolved_ip` and `dns.response.type` of a Resolver record, without those that
 * `omits` names. Data and types are aligned by index; truncated values are noted in `truncation`.
 */
export function createAnswerFields(
  json: JsonEncoder,
  omits: Omits,
): (out: ByteWriter, event: DnsEvent, truncation: Truncation) => void {
  const key = (name: string, rest: string): Uint8Array | undefined =>
    omits(name) ? undefined : bytesOf(json.key(name) + rest);
  const noData = key('dns.response.type', json.string('NODATA'));
  const data = key('dns.answers.data', '[');
  const types = key('dns.answers.type', '[');
  const total = key('dns.answers.count', '');
  const ips = key('dns.resolved_ip', '[');
  const comma = bytesOf(',');
  const close = bytesOf(']');

  const writeList = (
    out: ByteWriter,
    answers: readonly Answer[],
    answerCount: number,
    truncation: Truncation,
  ): void => {
    if (data !== undefined) {
      for (let i = 0; i < answers.length; i++) {
        out.addBytes(i === 0 ? data : comma);
        json.write(out, truncate(answers[i]?.data ?? '', truncation));
      }
      out.addBytes(close);
    }
    if (types !== undefined) {
      for (let i = 0; i < answers.length; i++) {
        out.addBytes(i === 0 ? types : comma);
        json.write(out, answers[i]?.type ?? '');
      }
      out.addBytes(close);
    }
    if (total !== undefined) {
      out.addBytes(total);
      out.addNumber(answerCount);
    }
    // A shorter list alone does not mean truncation: an answer may have been unreadable.
    truncation.wasTruncated ||= answerCount > MAX_ATTRIBUTE_VALUES;
    if (ips === undefined) return;
    let isFirst = true;
    for (let i = 0; i < answers.length; i++) {
      const ip = addressOf(answers, i);
      if (ip === undefined) continue;
      out.addBytes(isFirst ? ips : comma);
      json.write(out, ip);
      isFirst = false;
    }
    if (!isFirst) out.addBytes(close);
  };
  return (out, { answers = [], answerCount = answers.length, responseCode, type }, truncation) => {
    if (answers.length > 0) writeList(out, answers, answerCount, truncation);
    if (noData === undefined || responseCode !== 'NOERROR') return;
    if (isNoData(answers, answerCount, type)) out.addBytes(noData);
  };
}

/** Types of answers that lead to another name, and their signatures. */
const ALIAS_TYPES: ReadonlySet<string> = new Set(['CNAME', 'DNAME', 'RRSIG']);

/**
 * Whether a response without an error has no answer of the type of its question: none at all, or only an alias (RFC 2308,
 * section 2.2). Unknown where not every answer was read.
 */
function isNoData(answers: readonly Answer[], count: number, type: string | undefined): boolean {
  if (answers.length !== count || type === undefined) return count === 0;
  if (type === 'ANY' || ALIAS_TYPES.has(type)) return count === 0;
  return answers.every((answer) => ALIAS_TYPES.has(answer.type));
}

/** The address in answer `index`, unless an earlier answer has the same; there are at most 32. */
function addressOf(answers: readonly Answer[], index: number): string | undefined {
  const { type = '', data = '' } = answers[index] ?? {};
  if ((type !== 'A' && type !== 'AAAA') || isIP(data) === 0) return undefined;
  for (let i = 0; i < index; i++) {
    const before = answers[i];
    if (before?.data === data && (before.type === 'A' || before.type === 'AAAA')) return undefined;
  }
  return data;
}
