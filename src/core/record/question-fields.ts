import type { DnsEvent } from '../model/dns-event.ts';
import type { Omits } from '../model/record-fields/omission.ts';
import type { Question } from '../question/index.ts';
import { categoryOf, isSearchExpansion } from '../question/index.ts';
import { logLevelOf } from '../question/log-level.ts';
import { bytesOf, type JsonEncoder } from './json-encoder.ts';
import { type Truncation, truncate } from './truncation.ts';

/** The fields from `loglevel` to `dns.response.seen` as bytes. */
export type EncodedQuestion = { readonly bytes: Uint8Array; readonly wasTruncated: boolean };

/** Encodes the question of an event and its response code. */
export function encodeQuestion(
  json: JsonEncoder,
  omits: Omits,
  { domain }: Question,
  event: DnsEvent,
): EncodedQuestion {
  const { source, name, type, responseCode, responseSeen } = event;
  const truncation: Truncation = { wasTruncated: false };
  const pair = (key: string, value: string | undefined): string =>
    value === undefined || value === '' || omits(key)
      ? ''
      : json.key(key) + json.string(truncate(value, truncation));
  const isExpansion = isSearchExpansion(event, domain);
  const text =
    pair('loglevel', logLevelOf(event)) +
    pair('log.source', source) +
    pair('dns.question.name', name) +
    pair('dns.question.type', type) +
    (name === undefined
      ? ''
      : pair('dns.question.registered_domain', domain.registeredDomain) +
        pair('dns.question.tenant_domain', domain.tenantDomain) +
        pair('dns.question.category', categoryOf(event, domain))) +
    pair('dns.question.class', event.class) +
    (isExpansion ? pair('dns.question.intended_name', domain.intendedName) : '') +
    pair('dns.response_code', responseCode) +
    (responseSeen || omits('dns.response.seen') ? '' : `${json.key('dns.response.seen')}false`);
  return { bytes: bytesOf(text), wasTruncated: truncation.wasTruncated };
}
