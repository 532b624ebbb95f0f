import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { createFunction } from '../../../../src/cli/lib/simulate/function.ts';

const MEGABYTE = 2 ** 20;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const heapBytes = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

it('does not retain responses', async () => {
  const bundle = new URL('../../../support/stub-handler.mjs', import.meta.url).pathname;
  const lambda = createFunction({ bundle, env: {}, timeoutMs: 600_000 });
  const event = { records: [{ recordId: 'a', data: 'x'.repeat(MEGABYTE) }] };
  const bytes = async (): Promise<number> => (await lambda.invoke(event)).text?.length ?? 0;
  try {
    await bytes();
    const before = heapBytes();
    for (let n = 0; n < 20; n++) expect(await bytes()).toBeGreaterThan(MEGABYTE);
    expect((heapBytes() - before) / MEGABYTE).toBeLessThan(5);
  } finally {
    await lambda.stop();
  }
});
