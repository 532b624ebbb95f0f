import { expect, it } from '@jest/globals';
import { mergedIn } from '../../../../src/cli/lib/simulate/compare.ts';

it('finds the events that a record stands for, among events of any kind', () => {
  const record = {
    'dns.question.name': 'zq1qz.example.com',
    'dns.query.suffixes': ['zq1qz.svc.cluster.local', 'zq2qz.cluster.local'],
  };
  const logEvents = [null, 7, {}, { message: 'zq3qz' }, { message: JSON.stringify(record) }];
  expect(mergedIn(Buffer.from(JSON.stringify({ logEvents })))).toEqual([2]);
});
