import { expect, it } from '@jest/globals';
import { simulateCommand } from '../../../src/cli/commands/simulate.ts';
import { runCommand } from '../../support/run-command.ts';

/** Printed numbers by label. */
const countsIn = (stdout: string): Record<string, number> =>
  Object.fromEntries(
    [...stdout.matchAll(/^(\S.*?) {2,}(\d+)$/gm)].map(([, name, count]) => [name, Number(count)]),
  );

it('loses nothing on the built function, killed and throttled', async () => {
  const { code, stdout } = await runCommand(simulateCommand(), [
    '-e',
    '6000',
    '-k',
    '2',
    '--endpoint',
    'throttle',
  ]);
  const counts = countsIn(stdout);
  expect({ code, lost: counts.lost, events: counts['events in'] }).toEqual({
    code: 0,
    lost: 0,
    events: 6000,
  });
  expect(counts['delivered normalised']).toBeGreaterThan(4000);
  expect(counts['delivered unchanged']).toBeGreaterThan(500);
  expect(stdout).not.toContain('violated rule');
});

it('fails and names the rule when the function breaks one', async () => {
  const { code, stdout } = await runCommand(simulateCommand(), [
    '-e',
    '400',
    '-b',
    'test/support/wrong-handler.mjs',
  ]);
  expect(code).toBe(1);
  expect(stdout).toContain('dropped without a rule');
  expect(countsIn(stdout).lost).toBe(400);
});

it('says how to build a missing bundle', async () => {
  const { code, stderr } = await runCommand(simulateCommand(), ['-b', 'dist/nothing.mjs']);
  expect(code).toBe(2);
  expect(stderr).toContain('npm run build');
});
