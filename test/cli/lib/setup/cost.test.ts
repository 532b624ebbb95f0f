import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { billedAs, RESOLVER_USD_PER_MILLION, USD_PER_MILLION } from '../../../../src/cli/lib/setup/cost.ts';

const costs = readFileSync('docs/cost.md', 'utf8');

it.each([
  ['default', 'everything (default)'],
  ['lean', '`OMIT=lean`'],
  ['lookup', '`AGGREGATE=lookup`'],
  ['lookup and lean', '`AGGREGATE=lookup` `OMIT=lean`'],
] as const)('%s costs what was measured', (billed, setting) => {
  const row = costs.split('\n').find((line) => line.startsWith(`| ${setting} |`));
  expect(Number(row?.split('|')[8]?.trim().split(' ')[0])).toBe(USD_PER_MILLION[billed]);
});

it('a Resolver record costs what its sample has, at the prices of the page', () => {
  const [, line = '', record = ''] = /\| Resolver record .* \| ([\d,]+) \| ([\d,]+) \|/.exec(costs) ?? [];
  const [lineBytes, recordBytes] = [line, record].map((text) => Number(text.replace(',', '')));
  const perRecord = ((lineBytes ?? 0) + 26) * 0.5 + (recordBytes ?? 0) * (0.2 + 0.0007 * 35);
  expect(RESOLVER_USD_PER_MILLION).toBeCloseTo((perRecord * 1e6) / 2 ** 30, 2);
});

it.each([
  [{}, 'default'],
  [{ OMIT: 'k8s.pod.uid,lean' }, 'lean'],
  [{ AGGREGATE: 'lookup' }, 'lookup'],
  [{ AGGREGATE: 'lookup', OMIT: 'lean' }, 'lookup and lean'],
] as const)('settings %j are billed as %s', (variables, billed) => {
  expect(billedAs(variables)).toBe(billed);
});
