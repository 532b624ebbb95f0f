import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { differences, includes, merged } from '../../../../src/cli/lib/dynatrace/pipeline.ts';

const STAGES = ['processing', 'storage', 'dataExtraction'];

/** Pipelines with processors of ours and of others in any stage and order. */
const pipelines = (ids: readonly string[]) =>
  fc.record(
    Object.fromEntries(
      STAGES.map((stage) => [
        stage,
        fc.record({
          processors: fc.uniqueArray(
            fc.record({ id: fc.constantFrom(...ids), matcher: fc.constantFrom('true', 'false') }),
            { selector: ({ id }) => id },
          ),
        }),
      ]),
    ),
    { requiredKeys: [] },
  );

const OURS = ['processor_eks_dns_a', 'processor_eks_dns_b', 'processor_eks_dns_c'];
const others = (value: Readonly<Record<string, unknown>>) =>
  STAGES.flatMap((stage) => {
    const { processors = [] } = (value[stage] ?? {}) as { processors?: readonly { id: string }[] };
    return processors.filter(({ id }) => !OURS.includes(id)).map((one) => [stage, one]);
  });

it('a merged pipeline is of this version, keeps the processors of others in order, and does not change again', () => {
  fc.assert(
    fc.property(pipelines([...OURS, 'x', 'y', 'z']), pipelines(OURS), (stored, wanted) => {
      const after = merged(stored, wanted);
      expect(differences(after, wanted)).toEqual([]);
      expect(others(after)).toEqual(others(stored));
      expect(merged(after, wanted)).toEqual(after);
    }),
  );
});

it('every change of a processor of ours is a difference', () => {
  fc.assert(
    fc.property(pipelines(OURS), pipelines(OURS), (stored, wanted) => {
      const isSame = differences(stored, wanted).length === 0;
      const ofStage = (value: Readonly<Record<string, unknown>>, stage: string) =>
        (value[stage] as { processors?: unknown[] } | undefined)?.processors ?? [];
      expect(isSame).toBe(
        STAGES.every(
          (stage) => JSON.stringify(ofStage(stored, stage)) === JSON.stringify(ofStage(wanted, stage)),
        ),
      );
    }),
  );
});

it.each([
  [{ a: 1, b: null, c: [] }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: [{ k: 1, d: 0 }, { k: 2 }] }, { a: [{ k: 2 }, { k: 1 }] }, true],
  [{ a: [1, 1] }, { a: [1, 2] }, false],
  [{ a: [1, 2, 3] }, { a: [1, 2] }, false],
  [{ a: '1' }, { a: 1 }, false],
  [undefined, { a: 1 }, false],
  [{}, { toString: 1 }, false],
])('%j holds %j: %j', (stored, wanted, expected) => {
  expect(includes(stored, wanted)).toBe(expected);
});
