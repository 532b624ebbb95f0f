import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { correlate, readRecord } from '../../../../src/cli/lib/records/correlate.ts';

type Outcome = { readonly events: readonly Readonly<Record<string, unknown>>[] };
const outcomes: readonly Outcome[] = JSON.parse(readFileSync('test/golden/pair/expected.json', 'utf8'));
const printed = outcomes.flatMap(({ events }) => events);

it('has the join keys in both logs', () => {
  const [query] = printed;
  const answer = printed.find((record) => record['log.source'] === 'aws.vpcdnsquerylogs');
  for (const name of [
    'dns.question.name',
    'dns.question.type',
    'dns.resolver.ip',
    'dns.resolver.instance_id',
  ]) {
    expect(query?.[name]).toBeDefined();
    expect(answer?.[name]).toBe(query?.[name]);
  }
});

it('finds the requesters of the answer in the records of the pipeline', () => {
  const records = printed
    .map((record) => readRecord(JSON.stringify(record)))
    .filter((record) => record !== undefined);
  expect(records).toHaveLength(printed.length);
  expect(correlate(records, 30_000)).toMatchObject([
    {
      name: 'www.example.com',
      answers: ['198.51.100.21'],
      requesters: [
        {
          pod: 'checkout-6c9f7b5d48-m2xkp',
          match: 'exact',
          isCandidate: false,
          workload: 'deployment/checkout',
        },
        { pod: 'invoice-batch-29391720-q7w8x', match: 'cache', isCandidate: true },
      ],
    },
  ]);
});
