// The texts that CoreDNS can print for each placeholder, as regular expressions. They must match all of these texts;
// the fewer other texts they match, the more FORMATs are unambiguous (see format.ts).
// https://github.com/coredns/coredns/blob/master/plugin/pkg/replacer/replacer.go
// https://github.com/miekg/dns/blob/master/msg.go (escaping of names)
import { chars, choice, type Expression, NOTHING, repeat, sequence, some, word } from './expression.ts';
import type { Label, Segment } from './template.ts';

/** Printed for a missing value. */
const MISSING = word('-');
const DIGIT = chars(/[0-9]/);
const NUMBER = choice(some(DIGIT), MISSING);
/** ASCII without space and quote. */
const PLAIN = /(?!")[!-~]/;
const words = (...texts: readonly string[]): Expression => choice(...texts.map(word));

/**
 * A name in lower case that ends with a dot. `. ' @ ; ( ) " \` and space have a backslash before them, other special
 * bytes are `\DDD`. Until 1.9.3 a `%` was interpreted by Go's Printf: `%!s(MISSING)`, `%!d(BADINDEX)`.
 */
const NAME = choice(
  sequence(
    repeat(
      choice(
        sequence(word('\\'), chars(/[ -~]/)),
        chars(/(?![A-Z"\\'@;()])[!-~]/),
        sequence(word('%!'), chars(PLAIN), words('(MISSING)', '(BADINDEX)')),
        words('%!(BADWIDTH)', '%!(BADPREC)'),
      ),
    ),
    word('.'),
  ),
  MISSING,
);

/** What data protection of CloudWatch Logs prints for an address. */
const MASK = some(word('*'));

/** IPv4, or IPv6 in brackets with its zone; empty if the socket has no such address; asterisks if it was masked. */
const ADDRESS = choice(
  repeat(chars(/[0-9.]/)),
  MASK,
  sequence(word('['), some(chars(/[0-9A-Za-z:.%_*-]/)), word(']')),
  MISSING,
);

const FLAG = words('qr', 'aa', 'tc', 'rd', 'ra', 'z', 'ad', 'cd');
/** `0.00012s`; until 1.1.3 in the notation of Go (`1m30s`). */
const DURATION = choice(
  some(sequence(some(chars(/[0-9.]/)), words('ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'))),
  MISSING,
);
/** `02/Jan/2006:15:04:05 -0700` until 1.2.5. Later versions do not know the placeholder and print it literally. */
const WHEN = choice(
  sequence(some(chars(/[0-9A-Za-z/:]/)), word(' '), chars(/[+-]/), some(DIGIT)),
  word('{when}'),
);

const BY_LABEL: Readonly<Record<Label, Expression>> = {
  type: choice(sequence(chars(/[A-Z]/), repeat(chars(/[A-Za-z0-9-]/))), MISSING),
  class: choice(words('IN', 'CS', 'CH', 'HS', 'NONE'), sequence(word('CLASS'), some(DIGIT)), MISSING),
  name: NAME,
  proto: choice(words('udp', 'tcp'), MISSING),
  remote: ADDRESS,
  local: ADDRESS,
  port: NUMBER,
  size: NUMBER,
  rcode: choice(some(chars(/[A-Z]/)), NUMBER),
  rsize: NUMBER,
  duration: DURATION,
  when: WHEN,
  '>id': NUMBER,
  '>opcode': NUMBER,
  '>do': choice(words('true', 'false'), MISSING),
  '>bufsize': NUMBER,
  '>rflags': choice(NOTHING, sequence(FLAG, repeat(sequence(word(','), FLAG))), MISSING),
};

/** Labels of the question's name, escaped as in the name. */
const LABELS = repeat(choice(sequence(word('\\'), chars(/[ -~]/)), chars(/(?!["\\])[!-~]/)));

/** The metadata that CoreDNS's own plugins set, by prefix of the label: its characters, or more than these. */
const BY_METADATA: readonly (readonly [prefix: string, set: RegExp | Expression])[] = [
  ['kubernetes/client-label/', /[A-Za-z0-9._-]/],
  ['kubernetes/client-namespace', /[a-z0-9-]/],
  ['kubernetes/client-pod-name', /[a-z0-9.-]/],
  ['kubernetes/parse-error', /[a-z -]/],
  ['kubernetes/', LABELS],
  ['forward/upstream', /[0-9A-Za-z.:%[\]_*-]/],
  ['log/', /[A-Za-z-]/],
  ['view/name', PLAIN],
  ['zone/wildcard', LABELS],
  ['trace/traceid', /[0-9a-f-]/],
  ['geoip/continent/code', /[A-Z-]/],
  ['geoip/country/code', /[A-Z-]/],
  ['geoip/country/is_in_european_union', /[a-z-]/],
  ['geoip/subdivisions/code', /[A-Z0-9,-]/],
  ['geoip/latitude', /[0-9.e+-]/],
  ['geoip/longitude', /[0-9.e+-]/],
  ['geoip/timezone', /[A-Za-z0-9/_+-]/],
  ['geoip/asn/number', /[0-9-]/],
];
/** Any other metadata is free text. A tab is assumed not to occur in it, so it is the only delimiter that works. */
const FREE_TEXT = /[^\t\n\r]/;

/** The texts that CoreDNS can print for a segment of a FORMAT. */
export function expressionOf(segment: Segment): Expression {
  if (segment.kind === 'literal') return word(segment.text);
  if (segment.kind === 'label') return BY_LABEL[segment.label];
  const [, set = FREE_TEXT] = BY_METADATA.find(([prefix]) => segment.label.startsWith(prefix)) ?? [];
  return set instanceof RegExp ? repeat(chars(set)) : set;
}
