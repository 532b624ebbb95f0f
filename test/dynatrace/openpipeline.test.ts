import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describeWithJq, JQ } from '../readme/commands.ts';

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const processorIn = (pipeline: unknown) =>
  (pipeline as ReturnType<typeof read>)[0].value.processing.processors[0];

const shipped = read('dynatrace/openpipeline-processor.json');
const processor = processorIn(shipped);
const content: string = JSON.parse(processor.sampleData).content;

/** The pipeline as it is applied, with these record keys. */
const fill = (keys: string) =>
  processorIn(
    JSON.parse(
      execFileSync(
        JQ,
        ['--arg', 'keys', keys, '-f', 'dynatrace/fill-keys.jq', 'dynatrace/openpipeline-processor.json'],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      ),
    ),
  );

/** Events of golden outputs, as Dynatrace receives them in `content`. */
const eventsOf = (...cases: readonly string[]) =>
  cases.flatMap((name) =>
    (read(`test/golden/${name}/expected.json`) as { events?: unknown[] }[])
      .flatMap(({ events }) => events ?? [])
      .map((event) => (typeof event === 'string' ? event : JSON.stringify(event))),
  );
const EVENTS = eventsOf('pair', 'sample-03-container-insights', 'sample-04-mixed-applications');
const isRecord = (event: string): boolean =>
  event.startsWith('{') && 'dns.client.attribution' in JSON.parse(event);

const KEY = '00d1e2f3a4b5c6d7e8f9';
/** Records of the function with that key, one of them read back from the backup bucket. */
const KEYED = eventsOf('record-key').filter(isRecord);

/**
 * Evaluates a matcher on one `content`. `matchesPhrase` is "case-insensitive contains" where the phrase begins and ends
 * with other than letters and digits, `matchesValue` with a final asterisk is "starts with".
 * https://docs.dynatrace.com/docs/platform/openpipeline/reference/dql-matcher-in-openpipeline
 */
function matches(matcher: string, text: string): boolean {
  const lower = (value: string): string => value.toLowerCase();
  return runInNewContext(matcher.replaceAll(') and ', ') && ').replaceAll(') or ', ') || '), {
    content: text,
    matchesValue: (value: string, pattern: string) =>
      lower(value).startsWith(lower(pattern).replace(/\*$/, '')),
    matchesPhrase: (value: string, phrase: string) => lower(value).includes(lower(phrase)),
    isNull: (value: unknown) => value === undefined,
  }) as boolean;
}

it('is a settings object of the pipeline schema', () => {
  expect(shipped[0]).toMatchObject({ schemaId: 'builtin:openpipeline.logs.pipelines', scope: 'environment' });
  expect(processor.id).toMatch(/^\w{4,100}$/);
  expect(Buffer.byteLength(processor.dql.script)).toBeLessThan(8192);
});

it('has a sample that is a normalised record', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    read('dynatrace/record.schema.json'),
  );
  expect([validate(JSON.parse(content)), validate.errors]).toEqual([true, null]);
});

it('uses only functions and commands that OpenPipeline supports', () => {
  const functions = [...processor.matcher.matchAll(/(\w+)\(/g)].map(([, name]) => name);
  expect(new Set(functions)).toEqual(new Set(['matchesValue', 'matchesPhrase', 'isNull']));
  const commands = processor.dql.script.split('\n| ').map((line: string) => line.split(' ')[0]);
  expect(commands).toEqual(['parse', 'fieldsFlatten', 'fieldsAdd', 'fieldsRemove']);
});

it('removes the record key, also where the record has no content of its own', () => {
  expect(processor.dql.script).toMatch(/\| fieldsRemove record, dns\.key$/);
  expect(processor.dql.script).toMatch(/, content = coalesce\(record\[content\], concat\(/);
});

it('matches nothing as long as the placeholder is not filled, not even the placeholder', () => {
  for (const text of [content, ...EVENTS, ...KEYED]) expect(matches(processor.matcher, text)).toBe(false);
});

describeWithJq('filled', () => {
  it('with the key of the function: matches its records and no imitation', () => {
    const { matcher, sampleData } = fill(KEY);
    expect(KEYED).toHaveLength(2);
    for (const text of [...KEYED, JSON.parse(sampleData).content]) expect(matches(matcher, text)).toBe(true);
    // What pods can print: the same records without the key, or with another.
    for (const text of EVENTS) expect(matches(matcher, text)).toBe(false);
    for (const text of KEYED) expect(matches(matcher, text.replace(KEY, KEY.replace('f', 'e')))).toBe(false);
  });

  it('does not match a record inside the text of another', () => {
    const { matcher } = fill(KEY);
    for (const text of KEYED) {
      const quoted = { timestamp: '2026-11-20T10:00:00.000Z', msg: text, 'dns.client.attribution': 'exact' };
      expect(matches(matcher, JSON.stringify(quoted))).toBe(false);
      expect(matches(matcher, JSON.stringify({ timestamp: text }))).toBe(false);
      expect(matches(matcher, `restored: ${text}`)).toBe(false);
    }
  });

  it('with several keys: matches the records of any', () => {
    const { matcher } = fill(` fedcba9876543210\n${KEY},0123456789abcdef `);
    for (const text of KEYED) {
      expect(matches(matcher, text)).toBe(true);
      expect(matches(matcher, text.replace(KEY, '0123456789abcdef'))).toBe(true);
      expect(matches(matcher, text.replace(KEY, '0123456789abcdee'))).toBe(false);
    }
  });

  it('without a key: matches every record and no other line', () => {
    const { matcher } = fill('');
    const others = EVENTS.filter((event) => !isRecord(event));
    expect([EVENTS.length - others.length > 5, others.length > 0]).toEqual([true, true]);
    for (const event of EVENTS) expect(matches(matcher, event)).toBe(isRecord(event));
  });

  it.each(['None', KEY.toUpperCase(), `${KEY} x`, `${KEY}"`])('refuses the keys %j', (keys) => {
    expect(() => fill(keys)).toThrow();
  });
});

describe('the shipped file', () => {
  it('has the placeholder once in matcher and sample', () => {
    for (const text of [processor.matcher, processor.sampleData])
      expect(text.split('<RECORD_KEY>')).toHaveLength(2);
  });
});
