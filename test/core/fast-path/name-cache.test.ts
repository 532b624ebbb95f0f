import { describe, expect, it } from '@jest/globals';
import { createNameCache } from '../../../src/core/fast-path/name-cache.ts';

/** The cache, and the names that it asked for. */
function create() {
  const made: string[] = [];
  const cache = createNameCache((name) => {
    made.push(name);
    return { name };
  });
  return { cache, made };
}

describe('the cache of names', () => {
  it('keeps a name from its second time on', () => {
    const { cache, made } = create();
    const [, second, third] = [cache('a.test'), cache('a.test'), cache('a.test')];
    expect(third).toBe(second);
    expect(made).toEqual(['a.test', 'a.test']);
  });

  it('gives each name its own result, however many there are', () => {
    const { cache } = create();
    const names = Array.from({ length: 60_000 }, (_, i) => `host-${i}.example.test`);
    for (let round = 0; round < 3; round++)
      for (const name of names) if (cache(name).name !== name) throw new Error(name);
    expect(cache('').name).toBe('');
  });

  it('keeps popular names while others come once', () => {
    const { cache, made } = create();
    const popular = Array.from({ length: 3000 }, (_, i) => `popular-${i}.test`);
    // Next to each other, because two names of one hash that take turns wait for each other.
    for (const name of popular) for (let round = 0; round < 2; round++) cache(name);
    const kept = new Map(popular.map((name) => [name, cache(name)]));
    for (let i = 0; i < 200_000; i++) cache(`once-${i}.test`);
    made.length = 0;
    const same = popular.filter((name) => cache(name) === kept.get(name));
    // A few share a pair of slots with two others.
    expect(same.length).toBeGreaterThan(2900);
    expect(made.length).toBe(popular.length - same.length);
  });

  it('lets go of names that were popular', () => {
    const { cache, made } = create();
    for (let round = 0; round < 2; round++) cache('old.test');
    for (let i = 0; i < 100_000; i++) for (let round = 0; round < 2; round++) cache(`new-${i}.test`);
    made.length = 0;
    cache('old.test');
    expect(made).toEqual(['old.test']);
  });

  it('does not keep names of over 512 characters', () => {
    const { cache, made } = create();
    for (const length of [512, 513]) for (let round = 0; round < 3; round++) cache('n'.repeat(length));
    expect(made.map(({ length }) => length)).toEqual([512, 512, 513, 513, 513]);
  });
});
