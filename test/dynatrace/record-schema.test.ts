import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fieldTable } from '../../scripts/tools/dynatrace/field-table.ts';
import { recordSchema } from '../../scripts/tools/dynatrace/record-schema.ts';
import { RECORD_FIELDS } from '../../src/core/model/record-fields/index.ts';
import { recordFaults } from '../support/record-schema.ts';

const examples = recordSchema(true).examples as Record<string, unknown>[];
const [good = {}] = examples;

describe('record schema', () => {
  it('is up to date in the repository', () => {
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
    ['an empty string', { 'k8s.pod.name': '' }],
    ['an empty list', { 'dns.signals': [] }],
    ['an unknown signal', { 'dns.signals': ['odd-name'] }],
    ['33 answers', { 'dns.answers.data': Array.from({ length: 33 }, () => 'x') }],
    ['a string instead of a number', { 'client.port': '53' }],
    ['an unknown category', { 'dns.question.category': 'internal' }],
    ['a missing timestamp', { timestamp: undefined }],
  ])('rejects %s', (_name, change) => {
    expect(recordFaults(JSON.parse(JSON.stringify({ ...good, ...change })))).not.toEqual([]);
  });

  it('accepts static attributes that a test declares', () => {
    expect(recordFaults({ ...good, 'team.name': 'blue' }, ['team.name'])).toEqual([]);
    expect(recordFaults({ ...good, 'k8s.pod.label.team': 'blue', 'dt.cost.product': 'shop' })).toEqual([]);
  });
});

describe('record fields', () => {
  it('have unique names that Dynatrace does not interpret as something else', () => {
    const names = RECORD_FIELDS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    // Log ingest interprets these as time, level or content.
    const reserved = [
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
    expect(names.filter((name) => reserved.includes(name) || name.length > 100)).toEqual([]);
  });

  it('have one row each in the table', () => {
    expect(fieldTable().split('\n')).toHaveLength(RECORD_FIELDS.length + 2);
    expect(fieldTable()).toContain('| `dns.id` | string | C | logged | Message id of the query |');
  });
});
