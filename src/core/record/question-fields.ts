import type { DnsEvent, LogLevel } from '../model/dns-event.ts';
import type { Signal } from '../model/signal.ts';
import { type DomainInfo, domainInfo } from '../question/domain.ts';
import { logLevelOf } from '../question/log-level.ts';
import { nameSignals } from '../question/signals.ts';
import { detachString } from '../util/detach-string.ts';
import { createTwoGenerationCache } from '../util/two-generation-cache.ts';
import { bytesOf, type JsonText } from './json-encoder.ts';
import { type Caps, capped } from './truncation.ts';

/** A name that is asked for: what it tells by itself, and what records said of it before. */
export type Question = {
  readonly facts: DomainInfo;
  readonly signals: readonly Signal[];
  readonly asked: Asked[];
};

/** Text from `loglevel` to `dns.response.seen`, and what it was written for. */
export type Asked = {
  readonly source: DnsEvent['source'];
  readonly level: LogLevel;
  readonly type: string | undefined;
  readonly class: string | undefined;
  readonly responseCode: string | undefined;
  readonly responseSeen: boolean;
  readonly text: Uint8Array;
  /** A value was cut. */
  readonly isCut: boolean;
};

// About as many names as are asked for, again and again, in one batch; twice as many are remembered at most.
const MAX_NAMES = 4096;
// A and AAAA with two codes each; more is somebody trying.
const MAX_ASKED = 4;
// Names beyond this length are no names.
const MAX_ASKED_BYTES = 2048;

/** An outside name with a search suffix is an expansion only when nobody knew it. */
export const isSearchExpansion = (event: DnsEvent, names: DomainInfo): boolean =>
  names.intendedName !== undefined && event.responseCode === 'NXDOMAIN';

/** Creates the memory of names; no name is that of a summary of errors. */
export const createQuestions = (): ((name: string | undefined) => Question) => {
  const known = createTwoGenerationCache((name: string): Question => {
    const facts = domainInfo(name);
    return { facts, signals: nameSignals(name, facts), asked: [] };
  }, MAX_NAMES);
  return (name) => known(name ?? '');
};

/** Creates the writer of what was asked and which code came back; `before` ends what stands before it. */
export function createAskedText(
  json: JsonText,
  before: string,
): (question: Question, event: DnsEvent) => Asked {
  return (question, event) => {
    const level = logLevelOf(event);
    for (const asked of question.asked) {
      if (
        asked.type === event.type &&
        asked.responseCode === event.responseCode &&
        asked.level === level &&
        asked.responseSeen === event.responseSeen &&
        asked.class === event.class &&
        asked.source === event.source
      ) {
        return asked;
      }
    }
    const made = write(json, before, question.facts, event, level);
    if (question.asked.length < MAX_ASKED && made.text.length <= MAX_ASKED_BYTES) question.asked.push(made);
    return made;
  };
}

function write(json: JsonText, before: string, facts: DomainInfo, event: DnsEvent, level: LogLevel): Asked {
  const { source, name, type, responseCode, responseSeen } = event;
  const caps: Caps = { hit: false };
  const pair = (key: string, value: string | undefined): string =>
    value === undefined || value === '' ? '' : json.key(key) + json.string(capped(value, caps));
  const isExpansion = isSearchExpansion(event, facts);
  const text =
    before +
    pair('loglevel', level) +
    pair('log.source', source) +
    pair('dns.question.name', name) +
    pair('dns.question.type', type) +
    (name === undefined
      ? ''
      : pair('dns.question.registered_domain', facts.registeredDomain) +
        pair('dns.question.category', isExpansion ? 'search-expansion' : facts.category)) +
    pair('dns.question.class', event.class) +
    (isExpansion ? pair('dns.question.intended_name', facts.intendedName) : '') +
    pair('dns.response_code', responseCode) +
    (responseSeen ? '' : `${json.key('dns.response.seen')}false`);
  return {
    source,
    level,
    type: type && detachString(type),
    class: event.class && detachString(event.class),
    responseCode: responseCode && detachString(responseCode),
    responseSeen,
    text: bytesOf(text),
    isCut: caps.hit,
  };
}
