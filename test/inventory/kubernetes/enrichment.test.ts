import { expect, it } from '@jest/globals';
import { enrichmentAttributes } from '../../../src/inventory/kubernetes/enrichment.ts';

it('merges the JSON annotation and single ones, which override it, sorted by name', () => {
  expect(
    enrichmentAttributes({
      'metadata.dynatrace.com/dt.security_context': 'direct',
      'metadata.dynatrace.com': JSON.stringify({
        'dt.security_context': 'json',
        'dt.cost.product': 'cart',
        'k8s.namespace.label.tier': 1,
        flag: true,
        empty: '',
        object: {},
      }),
      'metadata.dynatrace.com/owner': 'team-a',
      'metadata.dynatrace.community': 'no',
    }),
  ).toEqual([
    ['dt.cost.product', 'cart'],
    ['dt.security_context', 'direct'],
    ['flag', 'true'],
    ['k8s.namespace.label.tier', '1'],
    ['owner', 'team-a'],
  ]);
});

it.each(['k8s.workload.name', 'dt.entity.host', 'Timestamp', 'dns.key', '', 'a b'])(
  'ignores the name %j, alone and in JSON',
  (name) => {
    expect(enrichmentAttributes({ [`metadata.dynatrace.com/${name}`]: 'v' })).toEqual([]);
    expect(enrichmentAttributes({ 'metadata.dynatrace.com': JSON.stringify({ [name]: 'v' }) })).toEqual([]);
  },
);

it.each(['{', '[]', 'null', '"x"'])('survives the annotation %s', (json) => {
  expect(enrichmentAttributes({ 'metadata.dynatrace.com': json, 'metadata.dynatrace.com/a': 'b' })).toEqual([
    ['a', 'b'],
  ]);
});

it('keeps 32 attributes', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`a${i + 10}`, 'v']));
  const found = enrichmentAttributes({ 'metadata.dynatrace.com': JSON.stringify(many) });
  expect([found.length, found.at(-1)]).toEqual([32, ['a41', 'v']]);
});
