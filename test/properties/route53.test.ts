import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAttributeName } from '../../src/core/model/attribute-name.ts';
import type { DnsEvent } from '../../src/core/model/dns-event.ts';
import { createResolverSource } from '../../src/core/sources/route53-resolver/index.ts';
import { createPublicZoneSource } from '../../src/core/sources/route53-zone/index.ts';
import { bare, lineOf } from '../support/log-line.ts';
import { parseResolverText, resolverRecord } from '../support/resolver-record.ts';

const resolver = createResolverSource();
const publicZone = createPublicZoneSource();

const DOCUMENTED = Object.keys(JSON.parse(resolverRecord()));
const PROTOTYPE_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'valueOf',
  'length',
];

const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.jsonValue({ maxDepth: 3 }),
);
const key = fc.oneof(
  fc.constantFrom(...DOCUMENTED, 'firewall_rule_action', 'firewall_protection', 'class_uid'),
  fc.constantFrom(...PROTOTYPE_KEYS),
  fc.string({ minLength: 1, maxLength: 20 }),
);
const members = fc.array(fc.tuple(key, value), { maxLength: 12 });

/** A record with members put in as text, since an object literal cannot hold an own `__proto__`. */
function recordWith(added: readonly (readonly [string, unknown])[]): string {
  const own = new Set(added.map(([name]) => name));
  const kept = Object.entries(JSON.parse(resolverRecord())).filter(([name]) => !own.has(name));
  return `{${[...kept, ...added].map(([name, of]) => `${JSON.stringify(name)}:${JSON.stringify(of)}`).join(',')}}`;
}

const known = new Set<string>(DOCUMENTED);

function attributeOf(event: DnsEvent, name: string): unknown {
  return event.extra.find(([attribute]) => attribute === `aws.route53.${name}`)?.[1];
}

it('normalises any record with nothing lost, or passes it through', () => {
  let normalised = 0;
  const check = (added: readonly (readonly [string, unknown])[]): void => {
    const text = recordWith(added);
    const event = parseResolverText(text);
    if (event === undefined) return;
    normalised++;
    expect(event.content).toBe(text);
    expect(new Set(event.extra.map(([name]) => name)).size).toBe(event.extra.length);
    for (const [, of] of event.extra) expect([null, undefined, '']).not.toContain(of);
    const last = new Map(added);
    for (const [name, of] of last) {
      const isExact = Number.isSafeInteger(of) || !Number.isInteger(of);
      const isPlain =
        (typeof of === 'number' && isExact) ||
        typeof of === 'boolean' ||
        (typeof of === 'string' && of !== '');
      // Dynatrace refuses other names; the value is in `content` alone.
      if (!isAttributeName(`aws.route53.${name}`)) continue;
      if (!isPlain || known.has(name) || name.startsWith('firewall_')) continue;
      expect(attributeOf(event, name)).toEqual(JSON.parse(JSON.stringify(of)));
    }
  };
  fc.assert(fc.property(members, check), { numRuns: 500 });
  expect(normalised).toBeGreaterThan(100);
});

it.each(PROTOTYPE_KEYS)('reads a member named %s as any other', (name) => {
  const event = parseResolverText(recordWith([[name, 'value']]));
  expect(event && attributeOf(event, name)).toBe('value');
  const inside = parseResolverText(recordWith([['srcids', JSON.parse(`{"${name}":"value"}`)]]));
  expect(inside && attributeOf(inside, `srcids.${name}`)).toBe('value');
  expect(({} as Record<string, unknown>).value).toBeUndefined();
});

it('keeps every name, type and address of answers', () => {
  const answer = fc.record({
    Rdata: fc.string(),
    Type: fc.constantFrom('A', 'TXT', 'MX', 'HTTPS'),
    Class: fc.constant('IN'),
  });
  const check = (answers: readonly { readonly Rdata: string; readonly Type: string }[]): void => {
    const event = parseResolverText(resolverRecord({ answers }));
    expect(event?.answers).toEqual(
      answers.slice(0, 32).map(({ Rdata, Type }) => ({ data: Rdata, type: Type })),
    );
    expect(event?.answerCount).toBe(answers.length);
  };
  fc.assert(fc.property(fc.array(answer, { maxLength: 40 }), check), { numRuns: 200 });
});

it('never throws', () => {
  const start = fc.constantFrom('', '{', '{"query_name":', '1.0 ', '1.0 2024-03-01T12:00:00Z Z1 ');
  const check = (head: string, tail: string): void => {
    const text = head + tail;
    for (const source of [resolver, publicZone]) {
      expect(source.parse(lineOf(text), bare(text))).toBeUndefined();
      expect(typeof source.prefilter(text)).toBe('boolean');
    }
  };
  fc.assert(fc.property(start, fc.string(), check), { numRuns: 500 });
});
