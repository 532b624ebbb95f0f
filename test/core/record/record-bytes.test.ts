// Bytes are billed: what one record may cost, measured on the golden cases.
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { JsonRecord } from '../../../src/cli/lib/io/firehose-response.ts';

type Expected = readonly { readonly events?: readonly (JsonRecord | string)[] }[];

const recordsOf = (name: string): JsonRecord[] =>
  (JSON.parse(readFileSync(`test/golden/${name}/expected.json`, 'utf8')) as Expected).flatMap(
    ({ events = [] }) => events.filter((event): event is JsonRecord => typeof event === 'object'),
  );

// The writer prints what JSON.stringify would: record-text.test.ts.
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

it.each([
  ['a CoreDNS record with all but annotations', coredns, 1650, 905],
  ['a Resolver record with two answers', resolver, 2150, 949],
])('%s stays within its bytes', (_, record = {}, maxBytes, maxFixedBytes) => {
  expect(bytesOf(record)).toBeGreaterThan(1000);
  expect(bytesOf(record)).toBeLessThanOrEqual(maxBytes);
  expect(fixedBytesOf(record)).toBeLessThanOrEqual(maxFixedBytes);
});
