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

/** Usage errors and their messages. Their exit code is 2, as documented in the help. */
const WRONG: readonly (readonly [name: string, command: () => Command, args: string[], message: RegExp])[] = [
  ['no argument', invokeCommand, [], /missing required argument 'event'/],
  ['an option mistyped', attachCommand, ['--strem', 'x'], /Did you mean --stream\?/],
  ['an invalid choice', transformCommand, ['-f', 'xml'], /pretty, json, ndjson/],
  ['a missing file', transformCommand, ['absent.log'], /cannot read absent\.log: there is no/],
  ['a missing directory file', transformCommand, ['-d', 'absent.json', EVENT], /cannot read absent\.json/],
  [
    'an environment that is not JSON',
    invokeCommand,
    [EVENT, '-n', 'LICENSE'],
    /not an environment file\nfix: /,
  ],
  [
    'an event that is not JSON',
    invokeCommand,
    ['LICENSE'],
    /not a Firehose event\nfix: of log lines: `eks-dns make-event LICENSE > LICENSE\.event\.json`/,
  ],
  ['text for a number', invokeCommand, [EVENT, '-t', 'long'], /a number from 1 to 900/],
  ['a number out of bounds', attachCommand, ['--buffer-mb', '5'], /a number from 0\.2 to 3/],
  ['an open bound', simulateCommand, ['-k', '0'], /a number from 1\./],
  ['an empty file', makeEventCommand, ['/dev/null'], /\/dev\/null is empty/],
];

it.each(WRONG)('%s is a usage error', async (_, command, args, message) => {
  const { code, stdout, stderr } = await runCommand(command(), args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

it('help is not an error', async () => {
  expect((await runCommand(doctorCommand(), ['--help'])).code).toBe(0);
});

describe('transform', () => {
  it('fails if the directory file is invalid', async () => {
    const { code, stderr } = await runCommand(transformCommand(), ['-d', 'package.json', EVENT]);
    expect(code).toBe(1);
    expect(stderr).toContain('warning: file: ');
  });

  it('warns if there is no DNS line', async () => {
    const { code, stdout, stderr } = await runCommand(transformCommand(), ['LICENSE']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('no DNS log line found');
  });

  it('prints JSON', async () => {
    const { stdout } = await runCommand(transformCommand(), ['--json', EVENT]);
    expect(JSON.parse(stdout)).toMatchObject([{ 'dns.question.name': 'www.dynatrace.com' }]);
  });
});

it('simulate prints its results as JSON on stdout, and progress on stderr', async () => {
  const { stdout, stderr } = await runCommand(simulateCommand(), ['-e', '400', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ totals: { eventsIn: 400, lost: 0 }, violations: [] });
  expect(stderr).toContain('0 of 400 events');
});
