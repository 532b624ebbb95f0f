// Bytes are billed: the size of a record is limited, measured on the golden cases.
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { JsonRecord } from '../../../src/cli/lib/io/firehose-response.ts';
import { createOmits, leanFields } from '../../../src/core/model/record-fields/omission.ts';

type Expected = readonly { readonly events?: readonly (JsonRecord | string)[] }[];

const recordsOf = (name: string): JsonRecord[] =>
  (JSON.parse(readFileSync(`test/golden/${name}/expected.json`, 'utf8')) as Expected).flatMap(
    ({ events = [] }) => events.filter((event): event is JsonRecord => typeof event === 'object'),
  );

// writer.test.ts shows that the writer prints the same bytes as JSON.stringify.
const bytesOf = (record: object): number => Buffer.byteLength(JSON.stringify(record));

const emptied = (_: string, value: unknown): unknown =>
  typeof value === 'string' ? '' : typeof value === 'number' ? 0 : value;

/** Keys and punctuation: what a record costs before it says anything. */
const fixedBytesOf = (record: object): number => Buffer.byteLength(JSON.stringify(record, emptied));

const isEnriched = (record: JsonRecord): boolean =>
  ['k8s.pod.uid', 'aws.ec2.instance_type', 'dns.resolver.instance_id'].every((name) => name in record);

const coredns = recordsOf('pair').find(
  (record) => record['log.source'] === 'coredns' && isEnriched(record) && !('dt.security_context' in record),
);
const resolver = recordsOf('route53-answers').find(
  (record) => record['dns.answers.count'] === 2 && isEnriched(record),
);

/** The limits that docs/record.md states, by record: bytes of all, bytes of keys and punctuation. */
const limits = new Map(
  [...readFileSync('docs/record.md', 'utf8').matchAll(/^\| (.+) \| ([\d,]+) \| ([\d,]+) \|$/gm)].map(
    ([, name, ...bytes]) => [name, bytes.map((text) => Number(text.replaceAll(',', '')))],
  ),
);

it('the sample record of a pod, with OMIT=lean, takes at most 750 bytes', () => {
  const sample = recordsOf('sample-01-coredns-query')[0] ?? {};
  const omits = createOmits(leanFields());
  const lean = Object.fromEntries(Object.entries(sample).filter(([name]) => !omits(name)));
  expect(Object.keys(lean)).toEqual(expect.arrayContaining(['k8s.pod.name', 'k8s.node.name', 'host.id']));
  expect(bytesOf(lean)).toBeLessThanOrEqual(750);
});

it.each([
  ['CoreDNS record with every field but annotations', coredns],
  ['Resolver record with two answers', resolver],
])('%s stays within its documented limits', (name, record = {}) => {
  const [maxBytes = 0, maxFixedBytes = 0] = limits.get(name) ?? [];
  expect(bytesOf(record)).toBeGreaterThan(1000);
  expect(bytesOf(record)).toBeLessThanOrEqual(maxBytes);
  expect(fixedBytesOf(record)).toBeLessThanOrEqual(maxFixedBytes);
});
