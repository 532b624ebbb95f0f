// The demo, as `npm run demo` starts it after the build.
import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { runCli } from '../support/cli-process.ts';

const DEMO = [process.execPath, 'scripts/run.js', 'scripts/demo/index.ts'] as const;
const demo = (shell: string): ReturnType<typeof spawnSync> =>
  spawnSync('bash', ['-o', 'pipefail', '-c', `${DEMO.join(' ')} ${shell}`], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TZ: 'UTC' },
  });

it('has three scenes, each on a screen of 80 x 24', () => {
  const { status, stdout } = demo('');
  expect(status).toBe(0);
  const lines = String(stdout).split('\n');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const starts = ['1  ', '2  ', '3  ', 'Where to go'].map((start) =>
    lines.findIndex((line) => line.startsWith(start)),
  );
  for (const [index, start] of starts.entries())
    expect((starts[index + 1] ?? lines.length) - start).toBeLessThanOrEqual(23);
  expect(starts.every((start) => start > 0)).toBe(true);
});

it('ends without an error when nobody reads on', () => {
  const { status, stdout, stderr } = demo('--all | head -2');
  expect([status, String(stdout).trim().split('\n').length]).toEqual([0, 2]);
  expect(stderr).not.toMatch(/EPIPE|^ {4}at /m);
});

it.each([
  [[], false],
  [['--log'], true],
])('invoke --decode %j prints metrics: %j', (options, isPrinted) => {
  const { stderr } = runCli(['invoke', 'events/01-coredns-query.json', '--decode', ...options]);
  expect(stderr.includes('_aws')).toBe(isPrinted);
});

it('invoke --decode prints what is wrong', () => {
  const args = ['invoke', 'events/01-coredns-query.json', '--decode'];
  expect(runCli(args, '', { OUTPUT_FORMAT: 'xml' }).stderr).toContain('configuration_rejected');
});
