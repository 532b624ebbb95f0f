import type { DnsEvent } from '../model/dns-event.ts';
import type { Omits } from '../model/record-fields/omission.ts';
import type { Question } from '../question/index.ts';
import { categoryOf, isSearchExpansion } from '../question/index.ts';
import { logLevelOf } from '../question/log-level.ts';
import type { JsonEncoder } from './json-encoder.ts';
import { type Truncation, truncate } from './truncation.ts';

/** The fields from `loglevel` to `dns.response.seen` as binary text. */
export type EncodedQuestion = { readonly text: string; readonly wasTruncated: boolean };

/** Encodes the question of an event and its response code. */
export type QuestionEncoder = (question: Question, event: DnsEvent) => EncodedQuestion;

/** Creates the encoder of a level. */
export function createQuestionEncoder(json: JsonEncoder, omits: Omits): QuestionEncoder {
  const truncation: Truncation = { wasTruncated: false };
  /** Writes the member of a name. */
  const member = (name: string): ((value: string | undefined) => string) => {
    if (omits(name)) return () => '';
    const key = json.key(name);
    return (value) =>
      value === undefined || value === '' ? '' : key + json.string(truncate(value, truncation));
  };
  const level = member('loglevel');
  const source = member('log.source');
  const name = member('dns.question.name');
  const type = member('dns.question.type');
  const registeredDomain = member('dns.question.registered_domain');
  const tenantDomain = member('dns.question.tenant_domain');
  const category = member('dns.question.category');
  const questionClass = member('dns.question.class');
  const intendedName = member('dns.question.intended_name');
  const responseCode = member('dns.response_code');
  const unseen = omits('dns.response.seen') ? '' : `${json.key('dns.response.seen')}false`;

  return ({ domain }, event) => {
    truncation.wasTruncated = false;
    const ofName =
      event.name === undefined
        ? ''
        : registeredDomain(domain.registeredDomain) +
          tenantDomain(domain.tenantDomain) +
          category(categoryOf(event, domain));
    const text =
      level(logLevelOf(event)) +
      source(event.source) +
      name(event.name) +
      type(event.type) +
      ofName +
      questionClass(event.class) +
      (isSearchExpansion(event, domain) ? intendedName(domain.intendedName) : '') +
      responseCode(event.responseCode) +
      (event.responseSeen ? '' : unseen);
    return { text, wasTruncated: truncation.wasTruncated };
  };
}
