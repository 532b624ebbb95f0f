import { isIP } from 'node:net';
import type { Answer, DnsEvent } from '../model/dns-event.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { bytesOf, type JsonText } from './json-encoder.ts';
import { type Caps, capped, MAX_LIST } from './truncation.ts';

/**
 * Creates the writer of `dns.answers.*`, `dns.resolved_ip` and `dns.response.type` of a Resolver record. Data and types
 * are aligned by index; `caps` notes where a value had to be cut.
 */
export function createAnswersText(json: JsonText): (out: ByteWriter, event: DnsEvent, caps: Caps) => void {
  const noData = bytesOf(json.key('dns.response.type') + json.string('NODATA'));
  const data = bytesOf(`${json.key('dns.answers.data')}[`);
  const types = bytesOf(`]${json.key('dns.answers.type')}[`);
  const total = bytesOf(`]${json.key('dns.answers.count')}`);
  const ips = bytesOf(`${json.key('dns.resolved_ip')}[`);
  const comma = bytesOf(',');
  const close = bytesOf(']');

  return (out, { answers = [], answerCount = answers.length, responseCode }, caps) => {
    if (answers.length === 0) {
      if (responseCode === 'NOERROR' && answerCount === 0) out.put(noData);
      return;
    }
    out.put(data);
    for (let i = 0; i < answers.length; i++) {
      if (i > 0) out.put(comma);
      json.write(out, capped(answers[i]?.data ?? '', caps));
    }
    out.put(types);
    for (let i = 0; i < answers.length; i++) {
      if (i > 0) out.put(comma);
      json.write(out, answers[i]?.type ?? '');
    }
    out.put(total);
    out.number(answerCount);
    // Fewer than there were may also be fewer that could be read.
    caps.hit ||= answerCount > MAX_LIST;
    let isFirst = true;
    for (let i = 0; i < answers.length; i++) {
      const ip = addressOf(answers, i);
      if (ip === undefined) continue;
      out.put(isFirst ? ips : comma);
      json.write(out, ip);
      isFirst = false;
    }
    if (!isFirst) out.put(close);
  };
}

/** The address that answer `index` gives, unless one before it gives the same; there are at most 32. */
function addressOf(answers: readonly Answer[], index: number): string | undefined {
  const { type = '', data = '' } = answers[index] ?? {};
  if ((type !== 'A' && type !== 'AAAA') || isIP(data) === 0) return undefined;
  for (let i = 0; i < index; i++) {
    const before = answers[i];
    if (before?.data === data && (before.type === 'A' || before.type === 'AAAA')) return undefined;
  }
  return data;
}
