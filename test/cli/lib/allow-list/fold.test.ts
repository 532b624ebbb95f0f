import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CILIUM } from '../../../../src/cli/lib/allow-list/cilium.ts';
import { DNS_FIREWALL } from '../../../../src/cli/lib/allow-list/dns-firewall.ts';
import { allows, type Dialect, type FoldRule, foldNames } from '../../../../src/cli/lib/allow-list/fold.ts';
import { createZoneOf, isWithin, labelCount, parentOf } from '../../../../src/cli/lib/allow-list/zones.ts';
import { DEFAULT_SETTINGS } from '../../../../src/core/model/settings.ts';

const zoneOf = createZoneOf({ ...DEFAULT_SETTINGS, searchDomains: ['corp.example.edu'] });
const listed = (names: readonly string[]) => names.map((name) => ({ name, zone: zoneOf(name) }));
const fold = (names: readonly string[], dialect: Dialect, rule: Partial<FoldRule> = {}) =>
  foldNames(listed(names), dialect, { atLeast: 3, told: [], unfolded: new Set(), ...rule });
const hosts = (count: number, suffix: string) => Array.from({ length: count }, (_, i) => `h${i}.${suffix}`);

describe('the zone of a name', () => {
  it.each([
    ['a.b.example.co.uk', 'external', 'example.co.uk', 'many'],
    ['x.bucket.s3.amazonaws.com', 'external', 'bucket.s3.amazonaws.com', 'many'],
    ['sqs.eu-west-1.amazonaws.com', 'external', 'amazonaws.com', 'never'],
    ['a.tenant.blob.core.windows.net', 'external', 'tenant.blob.core.windows.net', 'many'],
    ['login.windows.net', 'external', 'windows.net', 'never'],
    ['x.duckdns.org', 'external', 'x.duckdns.org', 'many'],
    ['co.uk', 'external', undefined, 'many'],
    ['4.3.2.10.in-addr.arpa', 'inside', '10.in-addr.arpa', 'many'],
    ['web.service.consul', 'external', 'service.consul', 'many'],
    ['localhost', 'inside', undefined, 'many'],
    ['ip-10-0-0-1.eu-west-1.compute.internal', 'inside', 'eu-west-1.compute.internal', 'always'],
    ['api.example.org.ec2.internal', 'inside', 'ec2.internal', 'always'],
    ['git.corp.example.edu', 'inside', 'corp.example.edu', 'always'],
    ['web.shop.svc.cluster.local', 'cluster', 'cluster.local', 'always'],
  ])('%s', (name, kind, domain, how) => {
    expect(zoneOf(name)).toEqual({ kind, domain, fold: how });
  });

  it.each([
    ['a.example.com', 'example.com', 3],
    ['com', '', 1],
    ['a\\.b.example.com', 'example.com', 3],
    ['a\\\\.example.com', 'example.com', 3],
    ['', '', 1],
  ])('%s has the parent %s and %d labels', (name, parent, labels) => {
    expect([parentOf(name), labelCount(name)]).toEqual([parent, labels]);
  });
});

describe('names become', () => {
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    [
      'themselves while they are few',
      hosts(2, 'example.com'),
      hosts(2, 'example.com'),
      hosts(2, 'example.com'),
    ],
    ['one wildcard', hosts(3, 'a.example.com'), ['*.a.example.com'], ['*.a.example.com']],
    [
      'a wildcard beside their parent',
      ['example.com', ...hosts(3, 'example.com')],
      ['example.com', '*.example.com'],
      ['example.com', '*.example.com'],
    ],
    [
      'a wildcard over wildcards',
      [1, 2, 3].flatMap((i) => hosts(3, `z${i}.example.com`)),
      ['*.example.com'],
      ['*.*.example.com'],
    ],
    [
      'wildcards by depth in Cilium',
      ['x.a.example.com', 'y.b.example.com', 'c.example.com', 'd.example.com'],
      ['*.example.com'],
      ['x.a.example.com', 'y.b.example.com', 'c.example.com', 'd.example.com'],
    ],
    [
      'nothing wider than a tenant',
      hosts(5, 's3.amazonaws.com'),
      hosts(5, 's3.amazonaws.com'),
      hosts(5, 's3.amazonaws.com'),
    ],
    [
      'themselves where others own names below',
      hosts(5, 'windows.net'),
      hosts(5, 'windows.net'),
      hosts(5, 'windows.net'),
    ],
    ['their tenant', hosts(3, 'b.s3.amazonaws.com'), ['*.b.s3.amazonaws.com'], ['*.b.s3.amazonaws.com']],
    [
      'one wildcard of the hosts',
      ['h.eu-west-1.compute.internal'],
      ['*.eu-west-1.compute.internal'],
      ['*.eu-west-1.compute.internal'],
    ],
    [
      'the nearest parent that the format can hold',
      ['_ldap._tcp.dc.example.com', 'a_b.example.com'],
      ['*.example.com'],
      ['_ldap._tcp.dc.example.com', 'a_b.example.com'],
    ],
  ])('%s', (_, names, firewall, cilium) => {
    const sorted = (list: readonly string[]) => [...list].sort();
    expect(sorted(fold(names, DNS_FIREWALL).entries)).toEqual(sorted(firewall));
    expect(sorted(fold(names, CILIUM).entries)).toEqual(sorted(cilium));
  });

  it('wildcards as told, whatever their width', () => {
    const told = { told: ['s3.amazonaws.com'] };
    expect(fold(['a.s3.amazonaws.com', 's3.amazonaws.com'], DNS_FIREWALL, told).entries).toEqual([
      's3.amazonaws.com',
      '*.s3.amazonaws.com',
    ]);
    expect(fold(['x.a.s3.amazonaws.com'], CILIUM, told).entries).toEqual(['*.*.s3.amazonaws.com']);
  });

  it('no wildcard below a domain with a name that is left out', () => {
    const unfolded = { unfolded: new Set(['example.com']) };
    expect(fold([...hosts(9, 'example.com'), '_x.example.com'], DNS_FIREWALL, unfolded)).toMatchObject({
      folds: [],
      unwritable: ['_x.example.com'],
    });
  });

  it.each([
    ['root', '.', ['.'], ['.']],
    ['bytes', 'a\\195b.example.com', [], ['a\\195b.example.com']],
    ['an underscore without a domain', 'my_host', ['my_host'], []],
    ['an underscore in a shared domain', '_x.windows.net', ['_x.windows.net'], []],
  ])('unwritable: %s', (_, name, firewall, cilium) => {
    expect(fold([name], DNS_FIREWALL).unwritable).toEqual(firewall);
    expect(fold([name], CILIUM).unwritable).toEqual(cilium);
  });
});

it.each([
  [CILIUM, '*.example.com', 'a.example.com', true],
  [CILIUM, '*.example.com', 'a.b.example.com', false],
  [CILIUM, '*.example.com', 'example.com', false],
  [CILIUM, '*.*.example.com', 'a.b.example.com', true],
  [CILIUM, '*.example.com', 'a\\000.example.com', false],
  [DNS_FIREWALL, '*.example.com', 'a.b.example.com', true],
  [DNS_FIREWALL, '*.example.com', 'example.com', false],
  [DNS_FIREWALL, '*.example.com', 'a.notexample.com', false],
  [DNS_FIREWALL, 'example.com', 'a.example.com', false],
])('%j %s allows %s: %s', (dialect, entry, name, expected) => {
  expect(allows(new Set([entry]), name, dialect)).toBe(expected);
});

const LABEL = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,6}$/);
const NAME = fc
  .tuple(
    fc.array(LABEL, { maxLength: 4 }),
    fc.constantFrom('example.com', 's3.amazonaws.com', 'co.uk', 'a.github.io', 'windows.net', 'com'),
  )
  .map(([labels, domain]) => [...labels, domain].join('.'));

/** What Cilium makes of a pattern: https://docs.cilium.io/en/stable/security/policy/language/#dns-based */
const ciliumExpression = (entry: string): RegExp =>
  new RegExp(`^${entry.replaceAll('.', '[.]').replaceAll('*', '[-a-zA-Z0-9_]*')}$`);

/** What AWS says of a specification: a leading asterisk stands for whatever is before the rest. */
const firewallExpression = (entry: string): RegExp =>
  new RegExp(`^${entry.replaceAll('.', '[.]').replace(/^\*/, '.+')}$`);

it.each([
  ['Cilium', CILIUM, ciliumExpression],
  ['DNS Firewall', DNS_FIREWALL, firewallExpression],
])(
  '%s: a list allows its names, and no wildcard is wider than a registrable domain',
  (_, dialect, expressionOf) => {
    fc.assert(
      fc.property(
        fc.uniqueArray(NAME, { maxLength: 60 }),
        fc.integer({ min: 2, max: 5 }),
        (names, atLeast) => {
          const { entries, unwritable } = fold(names, dialect, { atLeast });
          const set = new Set(entries);
          const expressions = entries.map(expressionOf);
          for (const name of names) {
            expect(allows(set, name, dialect)).toBe(!unwritable.includes(name));
            expect(expressions.some((one) => one.test(name))).toBe(!unwritable.includes(name));
          }
          for (const wildcard of entries.filter((entry) => entry.includes('*'))) {
            const parent = wildcard.replace(/^(?:\*\.)+/, '');
            const { domain, fold: how } = zoneOf(`x.${parent}`);
            expect(how).not.toBe('never');
            expect(domain !== undefined && isWithin(parent, domain)).toBe(true);
            expect(wildcard.lastIndexOf('*')).toBe(2 * (wildcard.split('*').length - 2));
          }
        },
      ),
      { numRuns: 300 },
    );
  },
);
