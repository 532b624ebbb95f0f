import type { DnsEvent } from '../model/dns-event.ts';
import type { Omits } from '../model/record-fields/omission.ts';
import type { Question } from '../question/index.ts';
import { categoryOf, isSearchExpansion } from '../question/index.ts';
import { logLevelOf } from '../question/log-level.ts';
import type { ByteWriter } from '../util/byte-writer.ts';
import { bytesOf, type JsonEncoder } from './json-encoder.ts';
import { type Truncation, truncate } from './truncation.ts';

/**
 * Creates the writer of the fields from `loglevel` to `dns.response.seen`, without those that `omits` names; truncated
 * values are noted in `truncation`.
 */
export function createQuestionFields(
  json: JsonEncoder,
  omits: Omits,
): (out: ByteWriter, question: Question, event: DnsEvent, truncation: Truncation) => void {
  const quote = bytesOf(json.quote);
  /** A key with the first quote of its value. */
  const key = (name: string): Uint8Array | undefined =>
    omits(name) ? undefined : bytesOf(json.key(name) + json.quote);
  const level = key('loglevel');
  const source = key('log.source');
  const name = key('dns.question.name');
  const type = key('dns.question.type');
  const registeredDomain = key('dns.question.registered_domain');
  const tenantDomain = key('dns.question.tenant_domain');
  const category = key('dns.question.category');
  const questionClass = key('dns.question.class');
  const intendedName = key('dns.question.intended_name');
  const responseCode = key('dns.response_code');
  const unseen = omits('dns.response.seen') ? undefined : bytesOf(`${json.key('dns.response.seen')}false`);

  const text = (
    out: ByteWriter,
    start: Uint8Array | undefined,
    value: string | undefined,
    truncation: Truncation,
  ): void => {
    if (start === undefined || value === undefined || value === '') return;
    out.addBytes(start);
    json.writeBody(out, truncate(value, truncation));
    out.addBytes(quote);
  };

  return (out, { domain }, event, truncation) => {
    text(out, level, logLevelOf(event), truncation);
    text(out, source, event.source, truncation);
    text(out, name, event.name, truncation);
    text(out, type, event.type, truncation);
    if (event.name !== undefined) {
      text(out, registeredDomain, domain.registeredDomain, truncation);
      text(out, tenantDomain, domain.tenantDomain, truncation);
      text(out, category, categoryOf(event, domain), truncation);
    }
    text(out, questionClass, event.class, truncation);
    if (isSearchExpansion(event, domain)) text(out, intendedName, domain.intendedName, truncation);
    text(out, responseCode, event.responseCode, truncation);
    if (!event.responseSeen && unseen !== undefined) out.addBytes(unseen);
  };
}
