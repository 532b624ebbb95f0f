import { isIP } from 'node:net';
import type { DnsEvent } from '../model/dns-event.ts';
import { type Caps, capped } from './caps.ts';
import type { JsonText } from './json-text.ts';

/**
 * Text of `dns.answers.*`, `dns.resolved_ip` and `dns.response.type` of a Resolver record. Data and types are aligned by
 * index; `caps` notes where a value had to be cut.
 */
export function answersText(json: JsonText, event: DnsEvent, caps: Caps): string {
  const answers = event.answers ?? [];
  if (answers.length === 0) {
    const isNoData = event.responseCode === 'NOERROR';
    return isNoData ? json.key('dns.response.type') + json.string('NODATA') : '';
  }
  const data = answers.map((answer) => json.string(capped(answer.data, caps)));
  const count = event.answerCount ?? answers.length;
  caps.hit ||= count > answers.length;
  const ips = new Set(
    answers.flatMap(({ type, data }) =>
      (type === 'A' || type === 'AAAA') && isIP(data) !== 0 ? [data] : [],
    ),
  );
  return (
    `${json.key('dns.answers.data')}[${data.join(',')}]` +
    `${json.key('dns.answers.type')}[${answers.map(({ type }) => json.string(type)).join(',')}]` +
    json.key('dns.answers.count') +
    count +
    (ips.size > 0 ? `${json.key('dns.resolved_ip')}[${[...ips].map(json.string).join(',')}]` : '')
  );
}
