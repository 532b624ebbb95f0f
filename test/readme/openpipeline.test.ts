// The steps of dynatrace/openpipeline.md that change what an environment has: a second time they must change nothing.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { describeWithJq, JQ } from './commands.ts';

const text = readFileSync('dynatrace/openpipeline.md', 'utf8');
const [pipeline] = JSON.parse(readFileSync('dynatrace/openpipeline-processor.json', 'utf8'));

/** Runs the jq program that has `telling` in it, as the document has it. */
function jq(telling: string, args: readonly string[], input: unknown): string {
  const program = [...text.matchAll(/jq [^']*'([^']+)'/g)].find(([, one = '']) => one.includes(telling))?.[1];
  return execFileSync(JQ, [...args, program ?? 'error'], {
    input: JSON.stringify(input),
    encoding: 'utf8',
  });
}

const ID = 'vu9U3hXa3q0AAAABAB';
const THEIRS = { enabled: true, pipelineType: 'custom', pipelineId: 'theirs', matcher: 'true' };
const route = (input: unknown) =>
  JSON.parse(
    jq(
      'routingEntries',
      ['--arg', 'id', ID, '--slurpfile', 'p', 'dynatrace/openpipeline-processor.json'],
      input,
    ),
  );

describeWithJq('a second time', () => {
  it('the route comes first, once, and all others stay', () => {
    const before = {
      items: [{ objectId: 'o', updateToken: 't', value: { routingEntries: [THEIRS], x: 1 } }],
    };
    const { updateToken, value } = route(before);
    expect(updateToken).toBe('t');
    const { matcher } = pipeline.value.processing.processors[0];
    expect(value).toEqual({
      routingEntries: [expect.objectContaining({ pipelineId: ID, matcher }), THEIRS],
      x: 1,
    });
    expect(route({ items: [{ objectId: 'o', updateToken: 't', value }] })).toEqual({ updateToken, value });
    const old = { ...value, routingEntries: [THEIRS, { ...value.routingEntries[0], matcher: 'old' }] };
    expect(route({ items: [{ objectId: 'o', updateToken: 't', value: old }] }).value.routingEntries).toEqual([
      THEIRS,
      value.routingEntries[0],
    ]);
  });

  it('a pipeline that is there is found by its own id', () => {
    const items = [
      { objectId: 'theirs', value: { customId: 'pipeline_theirs' } },
      { objectId: ID, value: pipeline.value },
    ];
    expect(jq('customId', ['-r'], { items })).toBe(`${ID}\n`);
  });
});
