import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

const CLI = new URL('../../dist/cli.mjs', import.meta.url).pathname;
const run = (...args: string[]): string =>
  execFileSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });

it('the built command line starts and lists the commands', () => {
  const help = run('--help');
  for (const name of ['transform', 'attach', 'detach', 'status', 'subscribe', 'enable-coredns-log', 'doctor'])
    expect(help).toContain(`  ${name} `);
});

it.each([
  'setup',
  'attach',
  'detach',
  'status',
  'subscribe',
  'unsubscribe',
  'enable-coredns-log',
  'enable-resolver-log',
  'doctor',
  'allow-list',
  'report',
])('%s prints its policy without other options', (name) => {
  const { Statement } = JSON.parse(run(name, '--print-policy')) as { Statement: { Action: string[] }[] };
  for (const { Action } of Statement)
    for (const action of Action) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z0-9]+$/);
});
