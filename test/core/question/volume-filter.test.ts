import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { QUESTION_CATEGORIES, type QuestionCategory } from '../../../src/core/model/settings.ts';
import { createVolumeFilter, type VolumeFilter } from '../../../src/core/question/volume-filter.ts';

const filterOf = (drop: QuestionCategory[], sample: [QuestionCategory, number][] = []): VolumeFilter => {
  const filter = createVolumeFilter({ drop: new Set(drop), sample: new Map(sample) });
  if (filter === undefined) throw new Error('a filter was asked for');
  return filter;
};

/** Event ids in the format of CloudWatch: 56 digits, neighbours differ in the last ones. */
const idOf = (i: number): string => `3951${String(i * 7).padStart(52, '0')}`;

const aCategory = fc.constantFrom(...QUESTION_CATEGORIES);
const aRate = fc.double({ min: 0, max: 1, noNaN: true });

describe('volume filter', () => {
  it('is undefined when neither DROP nor SAMPLE is set', () => {
    expect(createVolumeFilter({ drop: new Set(), sample: new Map() })).toBeUndefined();
  });

  it('drops only the configured categories', () => {
    const filter = filterOf(['search-expansion', 'cluster']);
    const kept = QUESTION_CATEGORIES.filter((category) => filter.verdict(category, '1', false) === 'keep');
    expect(kept).toEqual(['reverse', 'aws', 'single-label', 'external']);
    expect(filter.verdict('cluster', '1', false)).toBe('drop');
  });

  it.each([0, 0.01, 0.25, 0.5, 0.9, 1])('keeps a share of %d of neighbouring ids', (rate) => {
    const filter = filterOf([], [['cluster', rate]]);
    const verdicts = Array.from({ length: 20_000 }, (_, i) => filter.verdict('cluster', idOf(i), false));
    const kept = verdicts.filter((verdict) => verdict === 'keep').length / verdicts.length;
    expect(Math.abs(kept - rate)).toBeLessThan(0.01);
    expect(new Set(verdicts)).not.toContain('drop');
    if (rate === 0 || rate === 1) expect(kept).toBe(rate);
  });

  it('decides by category and id alone, and always in the same way', () => {
    const anEvent = fc.record({ category: aCategory, id: fc.string(), isProtected: fc.boolean() });
    const someRules = fc.record({
      drop: fc.uniqueArray(aCategory, { minLength: 1 }),
      sample: fc.array(fc.tuple(aCategory, aRate)),
    });
    fc.assert(
      fc.property(fc.array(anEvent), someRules, (events, { drop, sample }) => {
        const verdictsOf = (filter: VolumeFilter, list: typeof events) =>
          list.map(({ category, id, isProtected }) => filter.verdict(category, id, isProtected));
        const once = verdictsOf(filterOf(drop, sample), events);
        const backwards = verdictsOf(filterOf(drop, sample), [...events].reverse()).reverse();
        expect(backwards).toEqual(once);
        const dropped = events.filter((event) => !event.isProtected && drop.includes(event.category));
        expect(once.filter((verdict) => verdict === 'drop')).toHaveLength(dropped.length);
        events.forEach((event, i) => {
          if (event.isProtected) expect(once[i]).toBe('keep');
        });
      }),
    );
  });

  it('keeps, at a lower rate, only what a higher rate keeps as well', () => {
    // Rates of whole percents: `aRate` is nearly always close to 0, where nothing is kept.
    const percent = fc.integer({ min: 0, max: 100 });
    let keptAtLow = 0;
    fc.assert(
      fc.property(fc.string(), percent, percent, (id, one, other) => {
        const kept = (rate: number) =>
          filterOf([], [['external', rate / 100]]).verdict('external', id, false);
        if (kept(Math.min(one, other)) !== 'keep') return;
        keptAtLow++;
        expect(kept(Math.max(one, other))).toBe('keep');
      }),
      { numRuns: 1000 },
    );
    expect(keptAtLow).toBeGreaterThan(100);
  });
});
