import { expect, it } from '@jest/globals';
import { createBackOff } from '../../src/inventory/back-off.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

it('doubles from 5 s to 5 min, half of it at random', () => {
  for (const [random, share] of [
    [0, 0.5],
    [1, 1],
  ] as const) {
    const backOff = createBackOff(() => random);
    for (const seconds of [5, 10, 20, 40, 80, 160, 300, 300]) {
      backOff.failed(NOW, 'down');
      expect(backOff.isDue(NOW + seconds * 1000 * share - 1)).toBe(false);
      expect(backOff.isDue(NOW + seconds * 1000 * share)).toBe(true);
    }
  }
});

it('waits for at least the requested time, and starts over after a success', () => {
  const backOff = createBackOff(() => 1);
  backOff.failed(NOW, 'slow down', 90_000);
  expect([backOff.isDue(NOW + 89_999), backOff.isDue(NOW + 90_000)]).toEqual([false, true]);
  expect(backOff.lastError()).toBe('slow down');
  backOff.succeeded();
  expect([backOff.isDue(NOW), backOff.lastError()]).toEqual([true, undefined]);
  backOff.failed(NOW, 'down');
  expect(backOff.isDue(NOW + 5000)).toBe(true);
});
