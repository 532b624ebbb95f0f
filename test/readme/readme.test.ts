// The README is held to what it says: its commands are run, its links, settings, scripts and sizes compared.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfiguration, VARIABLE_NAMES } from '../../src/config.ts';
import { compileFormat } from '../../src/sources/coredns/format.ts';
import { AWS_COMMAND, ELSEWHERE, RUNS, shellLines } from './commands.ts';
import { type Copy, copyProject } from './copy.ts';

const readme = readFileSync('README.md', 'utf8');
const template = readFileSync('template.yaml', 'utf8');
const lines = shellLines(readme);

type Package = { readonly version: string; readonly scripts: Readonly<Record<string, string>> };
const { version, scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as Package;

describe('commands', () => {
  let copy: Copy;
  beforeAll(() => {
    copy = copyProject();
  });
  afterAll(() => copy.remove());

  it('are run, or need what a test has not', () => {
    const unknown = lines.filter(
      (line) => !ELSEWHERE.test(line) && !AWS_COMMAND.test(line) && !RUNS.some(([run]) => run.test(line)),
    );
    expect(unknown).toEqual([]);
    expect(RUNS.filter(([run]) => !lines.some((line) => run.test(line)))).toEqual([]);
  });

  // In the order of the README: the demo builds what later lines use.
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

  it('of the program all stand in the table, at its version', () => {
    const help = copy.run('node dist/cli.mjs --help');
    const table = readme.slice(readme.indexOf('| command | does |'));
    const commands = [...help.matchAll(/^ {2}([a-z]+(?:-[a-z]+)*) .*\[options\]/gm)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(12);
    for (const command of commands) expect(table).toContain(`\`${command}\``);
    expect(copy.run('node dist/cli.mjs --version').trim()).toBe(version);
  });

  it('of npm exist', () => {
    const named = [...readme.matchAll(/npm run (?:-s )?([a-z][a-z:]*)/g)].map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('settings', () => {
  const ROW = /^\| `([A-Z0-9_]+)` \| `([A-Za-z0-9]+)` \| (none|`[^`]+`) \|/gm;
  const rows = [...readme.matchAll(ROW)].map(([, name = '', parameter = '', text = '']) => ({
    name,
    parameter,
    value: text === 'none' ? undefined : text.slice(1, -1),
  }));
  const settings = (environment: Record<string, string>) => loadConfiguration(compileFormat, environment);

  it('are those of the configuration, in its order', () => {
    expect(rows.map(({ name }) => name)).toEqual(VARIABLE_NAMES);
  });

  it.each(rows)('$name has that default here, in the function and in the template', (row) => {
    const { name, parameter, value } = row;
    expect(settings(value === undefined ? {} : { [name]: value })).toEqual(settings({}));
    expect(template).toContain(`          ${name}: !Ref ${parameter}\n`);
    const declared = new RegExp(`^  ${parameter}:\\n(?:    .*\\n)*?    Default: (.*)$`, 'm').exec(template);
    expect(declared?.[1]?.replaceAll("'", '')).toBe(value ?? '');
  });
});

describe('deploying', () => {
  const deploys = lines.filter((line) => line.startsWith('sam deploy'));

  it('asks nothing: the saved settings name all that sam wants, and no parameter', () => {
    const saved = readFileSync('samconfig.toml', 'utf8');
    for (const name of ['stack_name', 'capabilities', 'resolve_s3']) {
      expect(saved).toMatch(new RegExp(`^${name} = `, 'm'));
    }
    // Here they would come back with every deployment that names none.
    expect(saved).not.toMatch(/^\s*#?\s*parameter_overrides/m);
    // It asks for the token for ever, and saves every value.
    expect(readme).not.toContain('--guided');
  });

  it('names parameters that the template has', () => {
    const named = deploys.flatMap((line) => line.match(/(?<=[ '])[A-Z][A-Za-z0-9]+(?==)/g) ?? []);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(template).toMatch(new RegExp(`^  ${name}:\n    Type: `, 'm'));
  });

  it('takes of the application group what subscribe takes', () => {
    const groups = deploys.filter((line) => line.includes('SubscribeLogGroups=/aws/containerinsights/'));
    expect(groups.length).toBe(1);
    const pattern = /--filter-pattern '(.*)'/.exec(readme)?.[1] ?? '';
    // How sam wants a value with spaces and quotes.
    const quoted = pattern.replaceAll('"', '\\"');
    expect(groups[0]).toContain(`'SubscribeFilterPattern="${quoted}"'`);
  });
});

it('the transcript ends as doctor does', () => {
  const doctor = ['src/cli/doctor.ts', 'src/cli/doctor/verdict.ts']
    .map((file) => readFileSync(file, 'utf8'))
    .join('');
  const said =
    /^unknown {2}Dynatrace: (.*)\n +means (.*)\n +fix {3}(.*)\n\n(.*)$/m.exec(readme)?.slice(1) ?? [];
  expect(said.length).toBe(4);
  for (const text of said) expect(doctor).toContain(`'${text}'`);
});

describe('links and figures', () => {
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);
  const anchors = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );

  it.each([...new Set(links)].filter((link) => !link.startsWith('http')))('%s leads somewhere', (link) => {
    if (link.startsWith('#')) expect(anchors).toContain(link.slice(1));
    else expect(existsSync(link)).toBe(true);
  });

  it('files that are named are there', () => {
    const named = [...readme.matchAll(/`((?:events|src|scripts|test|dynatrace)\/[\w./-]+)`/g)];
    expect(named.map(([, file = '']) => file).filter((file) => !existsSync(file))).toEqual([]);
    const queries = readdirSync('dynatrace/queries');
    const asked = [...readme.matchAll(/`([a-z-]+\.dql)`/g)].map(([, file = '']) => file);
    expect(asked.filter((file) => !queries.includes(file))).toEqual([]);
  });

  const golden = (name: string): Readonly<Record<string, unknown>> => {
    const [record] = JSON.parse(readFileSync(`test/golden/${name}/expected.json`, 'utf8'));
    return record.events[0];
  };
  const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value)).toLocaleString('en');

  it('the record after is the one that the function makes', () => {
    const [, block = ''] = /^```json\n([\s\S]*?)^```$/m.exec(readme) ?? [];
    expect(JSON.parse(block)).toEqual(golden('sample-01-coredns-query'));
  });

  it.each([
    ['sample-01-coredns-query', ['A record is larger', '- **Record size**', '**2026-11-23, byte caps']],
    ['sample-02-resolver-query', ['A record is larger', '**2026-11-23, byte caps']],
    ['sample-03-container-insights', ['A record is larger']],
  ])('bytes of %s', (name, places) => {
    for (const place of places) {
      expect(readme.split('\n').find((line) => line.startsWith(place))).toContain(bytes(golden(name)));
    }
  });
});

it('the change log has an entry of this version', () => {
  const date = new RegExp(`^## \\[${version}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm');
  expect(readFileSync('CHANGELOG.md', 'utf8')).toMatch(date);
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
});
