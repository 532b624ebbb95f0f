import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fieldTable } from '../../scripts/tools/dynatrace/field-table.ts';
import { recordSchema } from '../../scripts/tools/dynatrace/record-schema.ts';
import { RECORD_FIELDS } from '../../src/core/model/record-fields/index.ts';
import { recordFaults } from '../support/record-schema.ts';

const examples = recordSchema(true).examples as Record<string, unknown>[];
const [good = {}] = examples;

describe('schema of the record', () => {
  it('is current in the repository', () => {
    expect(JSON.parse(readFileSync('dynatrace/record.schema.json', 'utf8'))).toEqual(recordSchema(true));
  });

  it('accepts its own examples', () => {
    expect(examples.map((example) => recordFaults(example))).toEqual([[], []]);
    expect(JSON.stringify(good).length).toBeLessThanOrEqual(1200);
  });

  it('accepts the example of every field', () => {
    const all = Object.fromEntries(
      RECORD_FIELDS.map(({ name, example }) => [name.replace('*', 'team'), example]),
    );
    expect(recordFaults(all)).toEqual([]);
  });

  it.each([
    ['an unknown key', { 'dns.question.nam': 'x' }],
    ['null', { 'k8s.pod.name': null }],
    ['an empty text', { 'k8s.pod.name': '' }],
    ['an empty list', { 'dns.signals': [] }],
    ['a signal that nobody raises', { 'dns.signals': ['odd-name'] }],
    ['33 answers', { 'dns.answers.data': Array.from({ length: 33 }, () => 'x') }],
    ['a text for a number', { 'client.port': '53' }],
    ['an unknown category', { 'dns.question.category': 'internal' }],
    ['no time', { timestamp: undefined }],
  ])('refuses %s', (_name, change) => {
    expect(recordFaults(JSON.parse(JSON.stringify({ ...good, ...change })))).not.toEqual([]);
  });

  it('lets a test name the static attributes that it added', () => {
    expect(recordFaults({ ...good, 'team.name': 'blue' }, ['team.name'])).toEqual([]);
    expect(recordFaults({ ...good, 'k8s.pod.label.team': 'blue', 'dt.cost.product': 'shop' })).toEqual([]);
  });
});

describe('fields of the record', () => {
  it('names each once, in names that Dynatrace takes for nothing else', () => {
    const names = RECORD_FIELDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    // Ingest would read these as time, level or content.
    const hijacked = [
      '@timestamp',
      'date',
      'status',
      'severity',
      'level',
      'message',
      'payload',
      'body',
      'log',
      'time',
    ];
    expect(names.filter((name) => hijacked.includes(name) || name.length > 100)).toEqual([]);
  });

  it('gives each a row in the table', () => {
    expect(fieldTable().split('\n')).toHaveLength(RECORD_FIELDS.length + 2);
    expect(fieldTable()).toContain('| `dns.id` | string | C | logged | Message id of the query |');
  });
});
