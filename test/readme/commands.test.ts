// The commands of README and docs/ are run, or compared with what the program and the template offer.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Copy, copyProject } from '../../scripts/tools/project-copy.ts';
import type { Check, CheckState } from '../../src/cli/lib/doctor/check.ts';
import { notChecked } from '../../src/cli/lib/doctor/dynatrace-checks.ts';
import { verdictOf } from '../../src/cli/lib/doctor/verdict.ts';
import { AWS_COMMAND, ELSEWHERE, RUNS, shellLines } from './commands.ts';
import { allGuides, DOCUMENTS, readDocument } from './documents.ts';

const guides = allGuides();
const lines = [...new Set(shellLines(guides))];
const template = readFileSync('template.yaml', 'utf8');

type Package = { readonly version: string; readonly scripts: Readonly<Record<string, string>> };
const { version, scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as Package;

describe('commands', () => {
  let copy: Copy;
  beforeAll(() => {
    copy = copyProject();
  });
  afterAll(() => copy.remove());

  it('are run, or need something that a test does not have', () => {
    const unknown = lines.filter(
      (line) => !ELSEWHERE.test(line) && !AWS_COMMAND.test(line) && !RUNS.some(([run]) => run.test(line)),
    );
    expect(unknown).toEqual([]);
    expect(RUNS.filter(([run]) => !lines.some((line) => run.test(line)))).toEqual([]);
  });

  // In the order of the documents: the demo builds what later lines use.
  it.each(lines.filter((line) => RUNS.some(([run]) => run.test(line))))('%s', (line) => {
    const prints = RUNS.find(([run]) => run.test(line))?.[1];
    expect(copy.run(line)).toMatch(prints ?? /^$/);
  });

  it('of AWS have every option that is used', () => {
    const used = new Map<string, string[]>();
    for (const line of lines.filter((one) => AWS_COMMAND.test(one))) {
      const command = AWS_COMMAND.exec(line)?.[1] ?? '';
      used.set(command, [...(used.get(command) ?? []), ...(line.match(/(?<= )--[a-z][a-z-]+/g) ?? [])]);
    }
    expect(used.size).toBeGreaterThan(5);
    for (const [command, options] of used) {
      const help = copy.run(`node dist/cli.mjs ${command} --help`);
      for (const option of options) expect(help).toMatch(new RegExp(`^ +${option}\\b`, 'm'));
    }
  });

  it('of the program are all in the table of the command line, at its version', () => {
    const help = copy.run('node dist/cli.mjs --help');
    const page = readDocument('docs/command-line.md');
    const table = page.slice(page.indexOf('| command | does |'), page.indexOf('```sh'));
    const commands = [...help.matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) .*\[options\]/gm)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(12);
    for (const command of commands) expect(table).toContain(`\`${command}\``);
    expect(copy.run('node dist/cli.mjs --version').trim()).toBe(version);
  });

  it('of npm exist', () => {
    const named = DOCUMENTS.flatMap((path) => [
      ...readDocument(path).matchAll(/npm run (?:-s )?([a-z][a-z:]*)/g),
    ]).map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('deploying', () => {
  const deploys = lines.filter((line) => line.startsWith('sam deploy'));

  it('asks nothing: the saved settings name all that sam needs, and no parameter', () => {
    const saved = readFileSync('samconfig.toml', 'utf8');
    for (const name of ['stack_name', 'capabilities', 'resolve_s3']) {
      expect(saved).toMatch(new RegExp(`^${name} = `, 'm'));
    }
    // A parameter saved here would be set again by every deployment that does not name it.
    expect(saved).not.toMatch(/^\s*#?\s*parameter_overrides/m);
    // Guided deployments cannot leave the token empty, and they save every value.
    expect(guides).not.toContain('--guided');
  });

  it('names parameters that the template has', () => {
    const named = deploys.flatMap((line) => line.match(/(?<=[ '])[A-Z][A-Za-z0-9]+(?==)/g) ?? []);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(template).toMatch(new RegExp(`^  ${name}:\n    Type: `, 'm'));
  });

  it('selects the same lines of the application group as subscribe', () => {
    const groups = deploys.filter((line) => line.includes('SubscribeLogGroups=/aws/containerinsights/'));
    expect(groups.length).toBe(1);
    const patterns = new Set(lines.flatMap((line) => /--filter-pattern '(.*)'/.exec(line)?.[1] ?? []));
    expect(patterns.size).toBe(1);
    for (const pattern of patterns) {
      // How sam expects a value with spaces and quotes.
      const quoted = pattern.replaceAll('"', '\\"');
      expect(groups[0]).toContain(`'SubscribeFilterPattern="${quoted}"'`);
    }
  });
});

describe('the transcript of doctor', () => {
  const transcript = readDocument('docs/deploy.md');

  it('has the texts of its last check', () => {
    const printed =
      /^unknown {2}Dynatrace: (.*)\n +impact (.*)\n +fix {4}(.*)$/m.exec(transcript)?.slice(1) ?? [];
    const [, url = ''] = /delivers to (https:\S+)/.exec(transcript) ?? [];
    const { observed, impact, fix } = notChecked(url);
    expect(printed).toEqual([observed, impact, fix]);
  });

  it('ends with the verdict of its checks', () => {
    const [, printed = '', verdict] = /-- doctor .*\n([\s\S]*?)\n\n(.*)\n/.exec(transcript) ?? [];
    const checks = [...printed.matchAll(/^(ok|unknown) +(.*)$/gm)].map(
      ([, state, name = '']): Check => ({ state: state as CheckState, name, observed: '' }),
    );
    expect(checks.length).toBeGreaterThan(10);
    expect(verdict).toBe(verdictOf(checks).text);
  });
});

it('the change log has an entry of this version', () => {
  const date = new RegExp(`^## \\[${version}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm');
  expect(readDocument('CHANGELOG.md')).toMatch(date);
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
});
