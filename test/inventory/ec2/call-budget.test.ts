import { expect, it } from '@jest/globals';
import { createCallBudget, isInstanceId } from '../../../src/inventory/ec2/call-budget.ts';

const MINUTE = 60_000;
const NONE = new Set<string>();

it.each([
  ['i-0a6453b0c36d4b9c0', true],
  ['i-0a6453b0', true],
  ['i-*', false],
  ['i-0a6453b?', false],
  ['*', false],
  ['', false],
  [`i-${'0'.repeat(33)}`, false],
  ['i-0\n', false],
])('%j is an instance id: %p', (text, expected) => {
  expect(isInstanceId(text)).toBe(expected);
});

it('gives sixty calls a minute, of which twenty may be unproved', () => {
  const budget = createCallBudget();
  const taken = (isOurs: boolean, atMs: number, tries = 100) =>
    Array.from({ length: tries }, () => budget.take(isOurs, atMs)).filter(Boolean).length;
  expect(taken(false, 0, 20)).toBe(20);
  expect(budget.isExhausted()).toBe(false);
  expect(taken(false, MINUTE - 1)).toBe(0);
  expect(budget.isExhausted()).toBe(true);
  budget.begin();
  expect(budget.isExhausted()).toBe(false);
  expect(taken(true, MINUTE - 1)).toBe(40);
  expect(taken(true, MINUTE)).toBe(60);
  expect(taken(false, 2 * MINUTE)).toBe(20);
  // The clock goes back.
  expect(taken(true, 0)).toBe(60);
});

it('knows the VPCs of clusters and those in which something was found', () => {
  const budget = createCallBudget();
  const standing = (vpcId: string, atMs = 0) => budget.standingOf(vpcId, new Set(['vpc-1']), atMs);
  expect([standing('vpc-1'), standing('vpc-2'), standing('vpc-3')]).toEqual(['ours', 'unproved', 'unproved']);
  budget.found('vpc-2');
  budget.missed('vpc-3', 0);
  expect([standing('vpc-2'), standing('vpc-3')]).toEqual(['ours', 'refused']);
  expect([standing('vpc-3', 15 * MINUTE - 1), standing('vpc-3', 15 * MINUTE)]).toEqual([
    'refused',
    'unproved',
  ]);
  budget.missed('vpc-2', 0);
  expect(standing('vpc-2')).toBe('ours');
});

it.each(['vpc-*', '*', 'vpc-1?', '', 'subnet-1', `vpc-${'0'.repeat(33)}`])('refuses %j', (vpcId) => {
  expect(createCallBudget().standingOf(vpcId, NONE, 0)).toBe('refused');
});

it('forgets the oldest of more than a thousand VPCs', () => {
  const budget = createCallBudget();
  for (let i = 0; i <= 1000; i += 1) budget.missed(`vpc-${i}`, 0);
  expect(budget.standingOf('vpc-0', NONE, 1)).toBe('unproved');
  expect(budget.standingOf('vpc-1', NONE, 1)).toBe('refused');
});
