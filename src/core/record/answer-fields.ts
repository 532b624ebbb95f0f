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

  return (out, { answers = [], answerCount = answers.length, responseCode }, truncation) => {
    if (answers.length === 0) {
      if (responseCode === 'NOERROR' && answerCount === 0 && noData !== undefined) out.addBytes(noData);
      return;
    }
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
