import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { attachCommand } from '../../src/cli/commands/attach.ts';
import { doctorCommand } from '../../src/cli/commands/doctor.ts';
import { invokeCommand } from '../../src/cli/commands/invoke.ts';
import { makeEventCommand } from '../../src/cli/commands/make-event.ts';
import { simulateCommand } from '../../src/cli/commands/simulate.ts';
import { transformCommand } from '../../src/cli/commands/transform.ts';
import { runCommand } from '../support/run-command.ts';

const EVENT = 'events/01-coredns-query.json';

/** What is typed, and what has to be said about it. Wrong use ends with 2, as the help promises. */
const WRONG: readonly (readonly [name: string, command: () => Command, args: string[], says: RegExp])[] = [
  ['no argument', invokeCommand, [], /missing required argument 'event'/],
  ['an option mistyped', attachCommand, ['--strem', 'x'], /Did you mean --stream\?/],
  ['a choice that is none', transformCommand, ['-f', 'xml'], /pretty, json, ndjson/],
  ['a file that is not there', transformCommand, ['absent.log'], /cannot read absent\.log: there is no/],
  [
    'a directory that is not there',
    transformCommand,
    ['-d', 'absent.json', EVENT],
    /cannot read absent\.json/,
  ],
  ['an environment that is no JSON', invokeCommand, [EVENT, '-n', 'LICENSE'], /no environment file\nfix: /],
  ['an event that is no JSON', invokeCommand, ['LICENSE'], /no Firehose event\nfix: make one/],
  ['words for a number', invokeCommand, [EVENT, '-t', 'long'], /a number from 1 to 900/],
  ['a number out of bounds', attachCommand, ['--buffer-mb', '5'], /a number from 0\.2 to 3/],
  ['an open bound', simulateCommand, ['-k', '0'], /a number from 1\./],
  ['an empty file', makeEventCommand, ['/dev/null'], /no log lines/],
];

it.each(WRONG)('%s is wrong use', async (_, command, args, says) => {
  const { code, stdout, stderr } = await runCommand(command(), args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/^\s+at /m);
});

it('help is no fault', async () => {
  expect((await runCommand(doctorCommand(), ['--help'])).code).toBe(0);
});

describe('transform', () => {
  it('fails when the directory it was given cannot be used', async () => {
    const { code, stderr } = await runCommand(transformCommand(), ['-d', 'package.json', EVENT]);
    expect(code).toBe(1);
    expect(stderr).toContain('warning: file: ');
  });

  it('says that nothing was a DNS line', async () => {
    const { code, stdout, stderr } = await runCommand(transformCommand(), ['LICENSE']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('no DNS log line was found');
  });

  it('prints JSON for scripts', async () => {
    const { stdout } = await runCommand(transformCommand(), ['--json', EVENT]);
    expect(JSON.parse(stdout)).toMatchObject([{ 'dns.question.name': 'www.dynatrace.com' }]);
  });
});

it('simulate prints its book as JSON for scripts, progress aside', async () => {
  const { stdout, stderr } = await runCommand(simulateCommand(), ['-e', '400', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ totals: { eventsIn: 400, lost: 0 }, violations: [] });
  expect(stderr).toContain('0 of 400 events');
});
