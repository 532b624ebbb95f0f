// Tables of docs/ that list things of the code (settings, metrics, signals), and figures that the README repeats.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import { SIGNALS } from '../../src/core/model/signal.ts';
import { createSummary } from '../../src/core/model/summary.ts';
import { THRESHOLDS } from '../../src/core/question/signals.ts';
import { compileFormat } from '../../src/core/sources/coredns/format.ts';
import { loadConfiguration, VARIABLE_NAMES } from '../../src/lambda/config.ts';
import { createTelemetry } from '../../src/lambda/telemetry.ts';
import { readDocument } from './documents.ts';

describe('settings', () => {
  const template = readFileSync('template.yaml', 'utf8');
  const ROW = /^\| `([A-Z0-9_]+)` \| `([A-Za-z0-9]+)` \| (none|`[^`]+`) \|/gm;
  const rows = [...readDocument('docs/settings.md').matchAll(ROW)].map(
    ([, name = '', parameter = '', text = '']) => ({
      name,
      parameter,
      value: text === 'none' ? undefined : text.slice(1, -1),
    }),
  );
  const settings = (environment: Record<string, string>) => loadConfiguration(compileFormat, environment);

  it('are those of the configuration, in its order', () => {
    expect(rows.map(({ name }) => name)).toEqual(VARIABLE_NAMES);
  });

  it.each(rows)('$name has that default here, in the function and in the template', (row) => {
    const { name, parameter, value } = row;
    expect(settings(value === undefined ? {} : { [name]: value })).toEqual(settings({}));
    // `!If` adds what the stack itself makes.
    expect(template).toMatch(
      new RegExp(
        `^          ${name}: (?:!Ref ${parameter}\\n|!If\\n(?:            .*\\n)*            - !Ref ${parameter}\\n)`,
        'm',
      ),
    );
    const declared = new RegExp(`^  ${parameter}:\\n(?:    .*\\n)*?    Default: (.*)$`, 'm').exec(template);
    expect(declared?.[1]?.replaceAll("'", '')).toBe(value ?? '');
  });
});

describe('metrics', () => {
  const documented = [
    ...readDocument('docs/deploy.md').matchAll(/^\| `(\w+)` \| (count|bytes|milliseconds|seconds) \|/gm),
  ];

  it('are those that the function writes, with their units, in its order', () => {
    let line = '';
    const spy = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      line += String(chunk);
      return true;
    });
    try {
      createTelemetry({ logLevel: 'ERROR' }).batchFinished(createSummary(), 'invocation');
    } finally {
      spy.mockRestore();
    }
    const written: { readonly Name: string; readonly Unit: string }[] =
      JSON.parse(line)._aws.CloudWatchMetrics[0].Metrics;
    expect(documented.map(([, name, unit]) => `${name} ${unit}`)).toEqual(
      written.map(({ Name, Unit }) => `${Name} ${Unit.toLowerCase()}`),
    );
  });
});

describe('signals', () => {
  const rows = [...readDocument('docs/hunting.md').matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (.*) \|$/gm)];

  it('are those that the function raises', () => {
    const documented = rows.flatMap(([, names = '']) => names.replaceAll('`', '').split(', '));
    expect([...documented].sort()).toEqual([...SIGNALS].sort());
  });

  it.each([
    ['long-name', [THRESHOLDS.longNameSymbols]],
    ['deep-name', [THRESHOLDS.deepNameLabels]],
    ['high-entropy', [THRESHOLDS.entropyBits, THRESHOLDS.entropySymbols]],
    ['hex-label', [THRESHOLDS.hexLabelDigits, THRESHOLDS.hexNameDigits]],
  ])('%s has its thresholds', (name, thresholds) => {
    const text = rows.find(([, names]) => names === `\`${name}\``)?.[2] ?? '';
    expect((text.match(/\d+(?:\.\d+)?/g) ?? []).map(Number)).toEqual(expect.arrayContaining(thresholds));
  });
});

describe('figures that the README repeats', () => {
  const readme = readDocument('README.md');
  const cost = readDocument('docs/cost.md');

  it('are those of the cost page', () => {
    const [, sent = ''] = /sends ([\d.]+) % of the bytes/.exec(readme) ?? [];
    const [, bill = ''] = /the whole bill is (\d+) %/.exec(readme) ?? [];
    const row = (setting: string): string => cost.split('\n').find((line) => line.startsWith(setting)) ?? '';
    expect(row('| `AGGREGATE=lookup` `OMIT=lean` |')).toContain(`(${sent} %)`);
    expect(row('| `WRAP=/dns/direct` `AGGREGATE=lookup` `OMIT=lean` |')).toContain(`(${bill} %)`);
    const monthly = /about (\d+) USD per month/.exec(readme)?.[1];
    expect(cost).toMatch(new RegExp(`metrics of the function .* \\| ${monthly} per month \\|`));
  });

  it('count the sample events', () => {
    const samples = readdirSync('events').filter((name) => /^\d\d-/.test(name));
    expect(readme).toContain(`The demo sends ${samples.length} Firehose events`);
  });
});

it('types that the glossary names exist', () => {
  const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(`src/${path}`, 'utf8'))
    .join('\n');
  const bracketed = [...readDocument('docs/glossary.md').matchAll(/\((`[A-Z]\w+`(?:, `[A-Z]\w+`)*)\)/g)];
  const names = bracketed.flatMap(([, list = '']) => list.replaceAll('`', '').split(', '));
  expect(names.length).toBeGreaterThan(5);
  const isDeclared = (name: string) => new RegExp(`\\b(?:type|interface) ${name}\\b`).test(source);
  expect(names.filter((name) => !isDeclared(name))).toEqual([]);
});
