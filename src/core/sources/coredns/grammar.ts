// What CoreDNS can print for each placeholder. The tighter these are, the more formats can be read without doubt.
// https://github.com/coredns/coredns/blob/master/plugin/pkg/replacer/replacer.go
// https://github.com/miekg/dns/blob/master/msg.go (escaping of names)
import { chars, choice, type Expression, NOTHING, repeat, sequence, some, word } from './expression.ts';
import type { Label, Segment } from './template.ts';

/** Printed for whatever is not known. */
const MISSING = word('-');
const DIGIT = chars(/[0-9]/);
const NUMBER = choice(some(DIGIT), MISSING);
/** ASCII without space and quote. */
const PLAIN = /(?!")[!-~]/;
const words = (...texts: readonly string[]): Expression => choice(...texts.map(word));

/**
 * Lower case; `. ' @ ; ( ) " \` and space have a backslash before them, other bytes are `\DDD`; ends in a dot. Until
 * 1.9.3 `%` went through Printf: `%!s(MISSING)`.
 */
const NAME = choice(
  sequence(
    repeat(
      choice(
        sequence(word('\\'), chars(/[ -~]/)),
        chars(/(?![A-Z"\\'@;()])[!-~]/),
        sequence(word('%!'), chars(PLAIN), word('(MISSING)')),
      ),
    ),
    word('.'),
  ),
  MISSING,
);

/** IPv4, IPv6 in brackets with its zone, or nothing where the socket has no such address. */
const ADDRESS = choice(
  repeat(chars(/[0-9.]/)),
  sequence(word('['), some(chars(/[0-9A-Za-z:.%_-]/)), word(']')),
  MISSING,
);

const FLAG = words('qr', 'aa', 'tc', 'rd', 'ra', 'z', 'ad', 'cd');
/** `0.00012s`; Go's own form until 1.1.3. */
const DURATION = choice(
  some(sequence(some(chars(/[0-9.]/)), words('ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'))),
  MISSING,
);
/** `02/Jan/2006:15:04:05 -0700` until 1.2.5, since then as it stands in the format. */
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

/** Metadata of CoreDNS's own plugins, by the head of the label; `-` and nothing are always possible. */
const BY_METADATA: readonly (readonly [head: string, set: RegExp])[] = [
  ['kubernetes/client-label/', /[A-Za-z0-9._-]/],
  ['kubernetes/client-namespace', /[a-z0-9-]/],
  ['kubernetes/client-pod-name', /[a-z0-9.-]/],
  ['kubernetes/parse-error', /[a-z -]/],
  ['kubernetes/', PLAIN],
  ['forward/upstream', /[0-9A-Za-z.:%[\]_-]/],
  ['log/', /[A-Za-z-]/],
  ['view/name', PLAIN],
  ['zone/wildcard', PLAIN],
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
/** Free text; a tab is the one delimiter that we hold to be safe. */
const FREE_TEXT = /[^\t\n\r]/;

/** What a segment of a FORMAT can print. */
export function expressionOf(segment: Segment): Expression {
  if (segment.kind === 'literal') return word(segment.text);
  if (segment.kind === 'label') return BY_LABEL[segment.label];
  const known = BY_METADATA.find(([head]) => segment.label.startsWith(head));
  return repeat(chars(known?.[1] ?? FREE_TEXT));
}
