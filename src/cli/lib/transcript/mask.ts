// Masks a text so that it can be shown to strangers: the same value becomes the same placeholder, secrets vanish.
import { isIPv6 } from 'node:net';
import { NAMED_SECRETS, redact, withoutPieces } from '../../../inventory/redact.ts';
import { UNPRINTABLE } from '../../terminal.ts';
import { joinWrapped } from './join-wrapped.ts';
import {
  ACCOUNT,
  ARN,
  AWS_PATH,
  DOTTED,
  EMAIL,
  IPV4,
  IPV6,
  isCommonWord,
  isOwnName,
  isPublicHost,
  isRandom,
  type Kind,
  PROBE,
  QUOTED,
  RESOURCE_ID,
  RUN,
  URL_TEXT,
} from './patterns.ts';

/** What is known to identify the setup, and what is known to be secret. */
export type Known = {
  readonly names: readonly (readonly [kind: Kind, value: string])[];
  readonly secrets: readonly string[];
};

/** Placeholders are single characters of the private use area while a text is masked, so that no pattern finds them. */
const FIRST_MARK = 0xe000;
const MARKS = /[\ue000-\uf8ff]/g;
const MAX_MARKS = 0x18ff;

/** Paths of Dynatrace's APIs for logs, which are no names. */
const KNOWN_PATH = /^(?:\/(?:api\/v2\/logs\/ingest\/aws_firehose|api\/aws\/firehose\/v1\/logs)?)?$/;
const DYNATRACE_HOST = /^([a-z0-9-]+)(\.(?:live|apps|da)\.dynatrace\.com)$/i;

/** Masks texts of one line each; line breaks in a text become spaces. Values keep their placeholder from text to text. */
export function createMask({ names, secrets }: Known): (text: string) => string {
  const placeholders: string[] = [];
  const marks = new Map<string, string>();
  const counts = new Map<Kind, number>();

  /** The mark that stands for `text` in the result. A text with more of them is no transcript. */
  const markFor = (text: string): string => {
    if (placeholders.length < MAX_MARKS) placeholders.push(text);
    return String.fromCharCode(FIRST_MARK + placeholders.length - 1);
  };
  const mark = (kind: Kind, value: string): string => {
    const key = value.toLowerCase();
    const known = marks.get(key);
    if (known !== undefined) return known;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    const made = markFor(`<${kind}-${count}>`);
    marks.set(key, made);
    return made;
  };
  const keep = (value: string): string => {
    const made = marks.get(value) ?? markFor(value);
    marks.set(value, made);
    return made;
  };
  // The longest first: a name may be a part of another.
  const known = names
    .filter(([, value]) => !isCommonWord(value))
    .map(([kind, value]) => ({ kind, value, pattern: wordOf(value) }))
    .sort((a, b) => b.value.length - a.value.length);
  const nameOf = (part: string): string => {
    if (isCommonWord(part) || MARKED.test(part)) return part;
    const kind = known.find(({ value }) => value.toLowerCase() === part.toLowerCase())?.kind ?? 'name';
    return mark(kind, part);
  };
  const partsOf = (path: string): string => path.replace(/[^:/]+/g, nameOf);

  function maskArn(arn: string): string {
    const [scheme, partition, service, region, account = '', ...resource] = arn.split(':');
    const masked = account === '' ? '' : /^\d{12}$/.test(account) ? mark('account', account) : account;
    return [scheme, partition, service, region, masked, partsOf(resource.join(':'))].join(':');
  }

  function maskUrl(text: string): string {
    const [, scheme = '', authority = '', rest = ''] = /^([a-z+.-]+:\/\/)([^/?#]*)(.*)$/i.exec(text) ?? [];
    const host = authority.replace(/^.*@/, '').replace(/:\d*$/, '');
    if (isPublicHost(host)) return text;
    const path = rest.replace(/[?#].*$/, '');
    const end = KNOWN_PATH.test(path) ? path : '/...';
    const [, environment, domain] = DYNATRACE_HOST.exec(host) ?? [];
    if (environment !== undefined) return `${scheme}${mark('environment', environment)}${domain}${end}`;
    return `${scheme}${mark('host', host)}${end}`;
  }

  const maskHost = (name: string): string => {
    if (isOwnName(name)) return name;
    const [, environment, domain] = DYNATRACE_HOST.exec(name) ?? [];
    if (environment !== undefined) return `${mark('environment', environment)}${domain}`;
    return mark('host', name);
  };

  function maskLine(line: string): string {
    let text = line.replace(PROBE, keep);
    for (const pattern of NAMED_SECRETS) text = text.replace(pattern, SECRET);
    text = text
      .replace(URL_TEXT, maskUrl)
      .replace(ARN, maskArn)
      .replace(EMAIL, (one) => mark('email', one))
      .replace(AWS_PATH, partsOf);
    for (const { kind, value, pattern } of known) text = text.replace(pattern, () => mark(kind, value));
    return text
      .replace(RESOURCE_ID, (one) => mark('id', one))
      .replace(ACCOUNT, (one) => mark('account', one.replaceAll('-', '')))
      .replace(QUOTED, (whole, inner: string) =>
        isCommonWord(inner) || MARKED.test(inner) ? whole : `"${mark('name', inner)}"`,
      )
      .replace(DOTTED, maskHost)
      .replace(IPV4, (one) => mark('ip', one))
      .replace(IPV6, (one) => (isIPv6(one) ? mark('ip', one) : one))
      .replace(RUN, (one) => (isRandom(one) ? SECRET : one));
  }

  const finds = (text: string): readonly RegExpMatchArray[] =>
    [...STRONG, ...known.map(({ pattern }) => pattern)].flatMap((pattern) => [...text.matchAll(pattern)]);

  return (text) => {
    const whole = joinWrapped(withoutPieces(text.replace(MARKS, ' '), secrets), finds);
    const line = whole
      .replace(/\s*[\r\n]+\s*/g, ' ')
      .replace(UNPRINTABLE, (one) => (MARKED.test(one) ? one : ' '));
    const masked = maskLine(line).replace(
      MARKS,
      (one) => placeholders[one.charCodeAt(0) - FIRST_MARK] ?? SECRET,
    );
    return redact(masked);
  };
}

const SECRET = '[redacted]';
const MARKED = /[\ue000-\uf8ff]/;

/** What is looked for across line breaks: forms that words cannot have. */
const STRONG = [ARN, ACCOUNT, RESOURCE_ID, EMAIL, RUN, URL_TEXT, ...NAMED_SECRETS];

/** A name where no letter or digit is next to it: `shop` also in `shop-1`, but not in `shopping`. */
const wordOf = (value: string): RegExp =>
  new RegExp(`(?<![A-Za-z0-9])${value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(?![A-Za-z0-9])`, 'gi');
