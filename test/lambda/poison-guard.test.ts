import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createPoisonGuard } from '../../src/lambda/poison-guard.ts';

const BATCH = [
  { recordId: '1', data: 'aaaa' },
  { recordId: '2', data: 'bb' },
];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'poison-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process of the environment; those that are not in `alive` have died. */
const start = (pid: number, alive: readonly number[] = []) =>
  createPoisonGuard({ folder, pid, isAlive: (other) => alive.includes(other) });

it('lets a batch pass that the process survived', () => {
  const mark = start(8);
  const survived = mark(BATCH);
  expect(readdirSync(folder)).toHaveLength(1);
  survived?.();
  expect(readdirSync(folder)).toEqual([]);
  expect(mark(BATCH)).toBeDefined();
});

it.each([
  ['another process', 9],
  ['a process of the same number', 8],
])('refuses a batch of which the process died, each time, in %s', (_, pid) => {
  start(8)(BATCH);
  const next = start(pid);
  expect([next(BATCH), next(BATCH)]).toEqual([undefined, undefined]);
});

it.each([
  ['other ids', [{ recordId: '3', data: 'aaaa' }, BATCH[1]]],
  ['other lengths', [{ recordId: '1', data: 'aaa' }, BATCH[1]]],
  ['another order', [BATCH[1], BATCH[0]]],
  ['fewer records', [BATCH[0]]],
])('knows the batch by its ids and lengths: %s', (_, records) => {
  start(8)(BATCH);
  expect(start(9)(records as typeof BATCH)).toBeDefined();
});

it('does not take a batch in progress for a death', () => {
  const first = start(8);
  first(BATCH);
  expect(first(BATCH)).toBeDefined();
  expect(start(9, [8])(BATCH)).toBeDefined();
});

it('forgets after an hour', () => {
  start(8)(BATCH);
  const [mark = ''] = readdirSync(folder);
  const old = Date.now() / 1000 - 3601;
  utimesSync(join(folder, mark), old, old);
  expect(start(9)(BATCH)).toBeDefined();
  expect(start(10)(BATCH)).toBeUndefined();
});

it('works on every batch where it cannot write', () => {
  const guard = createPoisonGuard({ folder: join(folder, 'missing') });
  expect(guard(BATCH)).toBeDefined();
  expect(guard(BATCH)?.()).toBeUndefined();
  expect(guard(BATCH)).toBeDefined();
});

it('knows which processes run', () => {
  const guard = createPoisonGuard({ folder, pid: 8 });
  createPoisonGuard({ folder, pid: process.pid })(BATCH);
  expect(guard(BATCH)).toBeDefined();
  const other = [{ recordId: '9', data: '' }];
  createPoisonGuard({ folder, pid: 2 ** 30 })(other);
  expect(guard(other)).toBeUndefined();
});
