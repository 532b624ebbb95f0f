import fc from 'fast-check';
import type { RenderQuery } from './render-coredns.ts';

const TYPES = [
  'A',
  'AAAA',
  'PTR',
  'SRV',
  'TXT',
  'HTTPS',
  'NSAP-PTR',
  'ANY',
  'None',
  'Reserved',
  'TYPE65280',
  'HINFO',
  'NXNAME',
];
const CLASSES = ['IN', 'IN', 'IN', 'CH', 'CS', 'HS', 'NONE', 'CLASS255', 'CLASS0'];
const RCODES = ['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED', 'BADSIG', 'DSOTYPENI', '12', '24', '3841'];
const DELIMITERS = [
  ' ',
  ' ',
  ' ',
  '\t',
  ',',
  '|',
  ';',
  '"',
  ' "',
  '" ',
  '=',
  ':',
  '/',
  ' - ',
  ' > ',
  '{',
  '}',
  '',
  ' é ',
  ' ns=',
  '","k":"',
];

/** Labels of `{/label}` and the values that CoreDNS can print for them. */
const METADATA: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  ['kubernetes/client-namespace', fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?$/)],
  ['kubernetes/client-pod-name', fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/)],
  ['kubernetes/client-label/app.kubernetes.io/name', fc.stringMatching(/^[A-Za-z0-9._-]{0,12}$/)],
  [
    'kubernetes/service',
    fc.oneof(fc.stringMatching(/^[a-z0-9_-]{0,9}$/), fc.constantFrom('a\\ b', '\\\\\\"\\195', '\\@x')),
  ],
  ['kubernetes/parse-error', fc.constantFrom('invalid query name', '-')],
  ['forward/upstream', fc.constantFrom('10.0.0.2:53', '[fd00:ec2::253]:53', '-', '')],
  ['log/type', fc.constantFrom('NOERROR', 'NXDOMAIN', 'NODATA', 'OTHERERROR')],
  ['log/class', fc.constantFrom('success', 'denial', 'error')],
  ['view/name', fc.constantFrom('internal', '-')],
  ['geoip/country/code', fc.constantFrom('DE', 'CH', '-')],
  ['geoip/subdivisions/code', fc.constantFrom('BY', 'ENG,WLS')],
  ['geoip/city/name', fc.constantFrom('São Paulo', "Val-d'Or", 'a, b | c', '"', '')],
  [
    'other/label',
    fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll(/[\t\n\r]/g, '?')),
  ],
];

const ordinaryByte = fc.constantFrom(...Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789-_'));
const anyByte = fc.oneof(
  { weight: 3, arbitrary: ordinaryByte },
  fc.integer({ min: 0x20, max: 0x7e }),
  fc.integer({ min: 0, max: 255 }),
);
const nameLabel = fc.oneof(
  fc.array(ordinaryByte, { minLength: 1, maxLength: 8 }),
  fc.array(anyByte, { minLength: 1, maxLength: 12 }),
);
const address = fc.oneof(fc.ipV4(), fc.ipV4(), fc.constantFrom('fd00:1::9', 'fe80::42:1%eth0', '::1', ''));
const uint16 = fc.integer({ min: 0, max: 65535 });
const response = fc.record({
  rcode: fc.constantFrom(...RCODES),
  flags: fc.integer({ min: 0, max: 255 }),
  size: uint16,
});
const metadata = fc
  .tuple(
    ...METADATA.map(([label, value]) =>
      fc.option(value, { nil: undefined }).map((text) => [label, text] as const),
    ),
  )
  .map(
    (pairs) =>
      new Map(pairs.flatMap(([label, text]) => (text === undefined ? [] : [[label, text] as const]))),
  );

/** Any query that CoreDNS could log. */
export const anyQuery: fc.Arbitrary<RenderQuery> = fc.record({
  labels: fc.array(nameLabel, { maxLength: 6 }),
  type: fc.constantFrom(...TYPES),
  class: fc.constantFrom(...CLASSES),
  remote: address,
  local: address,
  port: uint16,
  id: uint16,
  opcode: fc.constantFrom(0, 4, 5, 15),
  proto: fc.constantFrom('udp', 'tcp'),
  size: uint16,
  dnssecOk: fc.boolean(),
  bufsize: uint16,
  response: fc.option(response, { nil: undefined, freq: 8 }),
  durationNs: fc.oneof(fc.integer({ min: 1, max: 1e7 }), fc.integer({ min: 1, max: 7e9 })),
  metadata,
});

const PLACEHOLDERS = [
  ...['type', 'class', 'name', 'proto', 'remote', 'local', 'port', 'size', 'rcode', 'rsize', 'duration'],
  ...['>id', '>opcode', '>do', '>bufsize', '>rflags', 'when', 'Name', 'x{y'],
  ...METADATA.map(([label]) => `/${label}`),
].map((label) => `{${label}}`);

/** Any FORMAT that logs the name; many of them are ambiguous. */
export const anyFormat: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...PLACEHOLDERS), fc.constantFrom(...DELIMITERS)), { maxLength: 8 }),
    fc.constantFrom('{name}', '{name}', '"{name}"', '{common}', '{combined}'),
    fc.array(fc.tuple(fc.constantFrom(...DELIMITERS), fc.constantFrom(...PLACEHOLDERS)), { maxLength: 8 }),
  )
  .map(([before, middle, after]) => [...before.flat(), middle, ...after.flat()].join(''));
