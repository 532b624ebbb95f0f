// A comparison is worth what the rival does for it: the straightforward version has to write the records that we do.
import { expect, it } from '@jest/globals';
import { createBatch, SHAPES } from '../../scripts/bench/batches.ts';
import { clientsOf, inflated, recordsOf, straightforward } from '../../scripts/bench/rivals.ts';
import { createBenchTransform } from '../../scripts/bench/setup.ts';

// What it does not find out: it knows no public suffixes, no search lists, and takes every answer as it stands.
const LEFT_OUT = [
  'loglevel',
  'dns.question.registered_domain',
  'dns.question.tenant_domain',
  'dns.question.category',
  'dns.question.intended_name',
  'dns.answers.data',
  'dns.resolved_ip',
];

it.each(SHAPES)('does the same work for %s', async (shape) => {
  const { event } = createBatch(shape, 16_000, 50);
  const { response } = await createBenchTransform(50).transform(event);
  const ours = inflated(response.records.map(({ data }) => data ?? ''));
  const theirs = inflated(straightforward(event, clientsOf(ours)));
  const records = recordsOf(theirs);
  expect(records.length).toBeGreaterThan(100);
  for (const [i, record] of recordsOf(ours).entries()) {
    for (const name of LEFT_OUT) delete record[name];
    for (const name of LEFT_OUT) delete records[i]?.[name];
    expect(records[i]).toEqual(record);
  }
});
