// Batches that are too large to be held in memory between reading and writing.
import { describe, expect, it } from '@jest/globals';
import { type Acceleration, NO_ACCELERATION } from '../../../src/core/pipeline/acceleration.ts';
import { envelopeOf, query, runBatch } from '../../support/run-batch.ts';

describe('records that a batch cannot hold', () => {
  const MIB = 2 ** 20;
  /** An acceleration whose lists of events claim so much memory, record by record. */
  const claiming = (claims: readonly number[]) => {
    const counts = { reads: 0 };
    const acceleration: Acceleration = {
      ...NO_ACCELERATION,
      createEnvelopeReader: (...parts) => {
        const read = NO_ACCELERATION.createEnvelopeReader(...parts);
        return (...args) => {
          const heldBytes = claims[counts.reads] ?? 0;
          counts.reads++;
          return { ...read(...args), heldBytes };
        };
      },
    };
    return { counts, acceleration };
  };
  const records = ['a', 'b', 'c', 'd'].map((name) => envelopeOf([query(`${name}.example`)]));

  it.each([
    ['all', [10, 10, 10, 10], 0],
    ['two', [25, 25, 25, 25], 2],
    ['all but a large one', [25, 200, 25, 1], 1],
    ['none', [200, 200, 200, 200], 4],
  ])('are read again before they are written; it holds %s', async (_, claims, again) => {
    const { counts, acceleration } = claiming(claims.map((claim) => claim * MIB));
    const { outcomes, summary } = await runBatch(records, { acceleration });
    expect(counts.reads).toBe(4 + again);
    const names = outcomes.map(({ data }) => /question.name\\":\\"(.)\.example/.exec(data.toString())?.[1]);
    expect(names).toEqual(['a', 'b', 'c', 'd']);
    expect([summary.eventsIn, summary.recordsByKind.envelope]).toEqual([4, 4]);
  });

  it.each([
    [0, 0],
    [1, 1],
  ])('hold 64 MiB with the envelope as bytes and as text, and %i more', async (more, again) => {
    const [record = Buffer.alloc(0)] = records;
    const { counts, acceleration } = claiming([64 * MIB - record.length * 2 + more]);
    await runBatch([record], { acceleration });
    expect(counts.reads).toBe(1 + again);
  });
});
