// Commands that the tools print run as they are printed.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { statusCommand } from '../../src/cli/commands/status.ts';
import { asStarted, startedAs } from '../../src/cli/lib/started-as.ts';
import { runCli } from '../support/cli-process.ts';
import { runCommand } from '../support/run-command.ts';
import { callsStubPerTest } from './support/calls-stub.ts';
import { commandsIn, shellPerTest } from './support/shell-run.ts';

const startStub = callsStubPerTest();

describe('a command is called again as it was started:', () => {
  it.each([
    ['cli', '/p/.cache/run/src-cli-main-ts.mjs', 'npm run -s cli --'],
    ['invoke', '/p/.cache/run/src-cli-main-ts.mjs', 'npm run -s cli --'],
    [undefined, '/usr/local/bin/eks-dns', 'eks-dns'],
    // The environment of a script that starts it, such as npm test.
    ['cli', '/usr/local/bin/eks-dns', 'eks-dns'],
    ['test', '/p/node_modules/jest/bin/jest.js', 'eks-dns'],
    [undefined, '/p/dist/cli.mjs', 'node dist/cli.mjs'],
    [undefined, "/p/it's here/cli.mjs", "node 'it'\\''s here/cli.mjs'"],
    // The shell would not find it.
    [undefined, '/p/node_modules/.bin/eks-dns', './node_modules/.bin/eks-dns'],
  ])('npm script %s, entry %s', (script, entry, words) => {
    expect(startedAs(script ?? '', entry, '/p', '/usr/bin:/usr/local/bin')).toBe(words);
  });

  it('only where a command follows', () => {
    const words = 'npm run -s cli --';
    expect(asStarted('`eks-dns attach --stream s`, then eks-dns doctor', words)).toBe(
      '`npm run -s cli -- attach --stream s`, then npm run -s cli -- doctor',
    );
    for (const text of [
      '--role-name eks-dns --path /',
      'the role eks-dns may not',
      'arn:aws:iam::1:role/eks-dns doctor',
    ])
      expect(asStarted(text, words)).toBe(text);
  });
});

describe('a Region that was named', () => {
  it.each([
    [
      'eks-dns attach --stream s, then eks-dns doctor',
      'X attach --region r --stream s, then X doctor --region r',
    ],
    [
      'eks-dns dynatrace apply U && eks-dns dynatrace status U',
      'X dynatrace apply --region r U && X dynatrace status U',
    ],
    ['`eks-dns transform --help`', '`X transform --help`'],
    [
      'aws logs delete-log-group --log-group-name g',
      'aws logs delete-log-group --region r --log-group-name g',
    ],
    ['aws eks create-access-entry --region own', 'aws eks create-access-entry --region own'],
    ['an aws connection', 'an aws connection'],
  ])('%s', (text, printed) => {
    expect(asStarted(text, 'X', 'r')).toBe(printed);
  });

  it('is that of the process', async () => {
    await startStub({ DescribeDeliveryStream: () => 'AccessDeniedException' });
    const status = async (...more: readonly string[]) =>
      (await runCommand(statusCommand(), ['--stream', 's', ...more])).stderr;
    expect(await status('--region', 'us-east-1')).toContain(
      'eks-dns status --region us-east-1 --print-policy',
    );
    expect(await status()).toContain('eks-dns status --print-policy');
  });
});

/** Source files of the command line. */
const sources = (readdirSync('src/cli', { recursive: true }) as string[])
  .filter((path) => path.endsWith('.ts'))
  .map((path) => [path, readFileSync(join('src/cli', path), 'utf8')] as const);

// `eks-dns dynatrace apply`, `eks-dns subscribe`, with the options behind it up to the end of the command.
const PRINTED = /eks-dns ((?:dynatrace )?[a-z][a-z-]+)((?: (?:--[a-z-]+|\$\{[^}]*\}|[\w'./,-]+))*)/g;

const printed = sources.flatMap(([path, source]) =>
  source
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
    .flatMap((line) =>
      [...line.matchAll(PRINTED)].map(([, command = '', rest = '']) => [path, command, rest] as const),
    ),
);

describe('every command in a message exists, with its options:', () => {
  const commands = [...new Set(printed.map(([, command]) => command))];
  it('there are some', () => {
    expect(commands.length).toBeGreaterThan(2);
  });
  it.each(commands)('%s', (command) => {
    const { code, stdout } = runCli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    for (const [, name, rest] of printed)
      if (name === command)
        for (const [option] of rest.matchAll(/--[a-z-]+/g))
          expect(stdout).toMatch(new RegExp(`${option}\\b`));
  });
});

it('no message has a placeholder that a shell takes for a redirection, and none names npx', () => {
  const wrong = sources.flatMap(([path, source]) =>
    source
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
      .filter((line) => /\bnpx\b/.test(line) || /(?:eks-dns|sam|aws) [^'"`]*<[a-z][^>]*>/.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
  expect(wrong).toEqual([]);
});

// What is not marked as a command would not be run by the tests of the printed fixes.
it('in a sentence, every command stands between backticks', () => {
  const bare =
    /(?<![`'"$\w/-]|&& |next: |what )(?:eks-dns (?:[a-z-]+-log|attach|detach|status|(?:un)?subscribe|doctor|dynatrace|setup|transform)|aws (?:[a-z0-9]+) [a-z]+-[a-z-]+|kubectl (?:apply|edit|rollout)|sam (?:build|deploy|logs))\b/;
  const wrong = sources.flatMap(([path, source]) =>
    source
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line) && bare.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
  expect(wrong).toEqual([]);
});

describe('the fix for a file of another kind runs:', () => {
  const shell = shellPerTest();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'files-'));
    const line = '[INFO] 10.0.0.1:1 - 1 "A IN a.example. udp 40 false 512" NOERROR qr,rd 80 0.1s\n';
    writeFileSync(join(folder, "dns's.log"), line);
    writeFileSync(join(folder, 'none.log'), 'no log of anything\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['correlate', `correlate "dns's.log"`],
    ['invoke', `invoke "dns's.log"`],
    ['report', 'report none.log'],
    ['allow-list', 'allow-list none.log'],
    ['a function that is not built', `invoke --bundle no.mjs ${resolve('events/01-coredns-query.json')}`],
  ])('%s', async (_, args) => {
    const { stderr } = await shell.run(`node '${resolve('dist/cli.mjs')}' ${args}`, process.env, folder);
    const commands = stderr.split('\n').flatMap((line) => commandsIn(line));
    expect(commands).toHaveLength(1);
    const [command = ''] = commands;
    // It would take a while, and builds what this test runs.
    if (command.startsWith('npm ')) return expect(command).toMatch(/^npm --prefix \S+ run build$/);
    expect(await shell.run(command, process.env, folder)).toMatchObject({ code: 0 });
  });
});
