import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

const [object] = read('dynatrace/openpipeline-processor.json');
const [processor] = object.value.processing.processors;
const content: string = JSON.parse(processor.sampleData).content;

/** Events of golden outputs, as Dynatrace receives them in `content`. */
const EVENTS = ['pair', 'sample-03-container-insights', 'sample-04-mixed-applications'].flatMap((name) =>
  (read(`test/golden/${name}/expected.json`) as { events?: unknown[] }[]).flatMap(
    ({ events }) => events ?? [],
  ),
);

const isRecord = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'dns.client.attribution' in event;

/** Evaluates the two conditions of the matcher as OpenPipeline does. */
function matches(text: string): boolean {
  const [start, phrase] = [...processor.matcher.matchAll(/, "((?:[^"\\]|\\.)*)"\)/g)].map(([, quoted]) =>
    JSON.parse(`"${quoted}"`),
  );
  return text.startsWith(start.replace(/\*$/, '')) && text.includes(phrase);
}

it('is a settings object of the pipeline schema', () => {
  expect(object).toMatchObject({ schemaId: 'builtin:openpipeline.logs.pipelines', scope: 'environment' });
  expect(processor.id).toMatch(/^\w{4,100}$/);
  expect(Buffer.byteLength(processor.dql.script)).toBeLessThan(8192);
});

it('has a sample that is a normalised record', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    read('dynatrace/record.schema.json'),
  );
  expect([validate(JSON.parse(content)), validate.errors]).toEqual([true, null]);
});

it('matches every normalised record and nothing else', () => {
  const records = EVENTS.filter(isRecord);
  const others = EVENTS.filter((event) => !isRecord(event));
  expect(records.length).toBeGreaterThan(5);
  expect(others.length).toBeGreaterThan(0);
  expect(matches(content)).toBe(true);
  for (const record of records) expect(matches(JSON.stringify(record))).toBe(true);
  for (const other of others)
    expect(matches(typeof other === 'string' ? other : JSON.stringify(other))).toBe(false);
});

it('uses only functions and commands that OpenPipeline supports', () => {
  const functions = [...processor.matcher.matchAll(/(\w+)\(/g)].map(([, name]) => name);
  expect(new Set(functions)).toEqual(new Set(['matchesValue', 'matchesPhrase']));
  const commands = processor.dql.script.split('\n| ').map((line: string) => line.split(' ')[0]);
  expect(commands).toEqual(['parse', 'fieldsFlatten', 'fieldsAdd', 'fieldsRemove']);
});
