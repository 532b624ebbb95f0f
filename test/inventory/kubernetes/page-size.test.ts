import { expect, it } from '@jest/globals';
import { createPageSize } from '../../../src/inventory/kubernetes/page-size.ts';

it('halves from 500 objects to 10, where larger answers are accepted', () => {
  const size = createPageSize();
  const seen: number[] = [];
  do {
    seen.push(size.objects());
    expect(size.maxBytes()).toBe((size.objects() === 10 ? 128 : 32) * 2 ** 20);
  } while (size.halve());
  expect(seen).toEqual([500, 250, 125, 62, 31, 15, 10]);
});

it('grows after eight pages in a row, up to 500 objects', () => {
  const size = createPageSize();
  size.halve();
  for (let page = 1; page <= 7; page += 1) size.succeeded();
  expect(size.objects()).toBe(250);
  size.halve();
  for (let page = 1; page <= 7; page += 1) size.succeeded();
  expect(size.objects()).toBe(125);
  for (let page = 1; page <= 9; page += 1) size.succeeded();
  expect(size.objects()).toBe(500);
  for (let page = 1; page <= 9; page += 1) size.succeeded();
  expect(size.objects()).toBe(500);
});
