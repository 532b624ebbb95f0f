import { expect, it } from '@jest/globals';
import { readEnvelope } from '../../../src/core/cloudwatch/envelope.ts';

const fieldsOf = (literal: string) => {
  const event = `{"id":"1","timestamp":1,"message":"m","extractedFields":${literal}}`;
  const text = `{"messageType":"DATA_MESSAGE","logGroup":"/g","logEvents":[${event}]}`;
  return readEnvelope(Buffer.from(text))?.events[0]?.systemFields;
};
const ALL = { accountId: '444455556666', region: 'us-west-2', logGroup: '/h' };

it.each([
  ['all', '{"@aws.account":"444455556666","@aws.region":"us-west-2","@source.log":"/h"}', ALL],
  ['one', '{"@aws.region":"us-west-2"}', { ...ALL, accountId: undefined, logGroup: undefined }],
  ['escapes', '{"@source.log":"\\u002fh"}', { accountId: undefined, region: undefined, logGroup: '/h' }],
  [
    'the last of two',
    '{"@source.log":"/a","@source.log":"/h"}',
    { accountId: undefined, region: undefined, logGroup: '/h' },
  ],
  ['white space', '{ "@aws.region" : "us-west-2" }', { ...ALL, accountId: undefined, logGroup: undefined }],
  [
    'an account that is none',
    '{"@aws.account":"me","@source.log":"/h"}',
    { accountId: undefined, region: undefined, logGroup: '/h' },
  ],
  ['other fields', '{"ip":"10.0.0.1"}', undefined],
  ['other types', '{"@aws.account":444455556666,"@aws.region":null,"@source.log":["/h"]}', undefined],
  ['empty texts', '{"@aws.account":"","@aws.region":"","@source.log":""}', undefined],
  ['no object', '"@source.log"', undefined],
  ['null', 'null', undefined],
  [
    'too long a group',
    `{"@source.log":"/${'h'.repeat(600)}","@aws.region":"r"}`,
    { accountId: undefined, region: 'r', logGroup: undefined },
  ],
  [
    'too long a region',
    `{"@aws.region":"${'r'.repeat(99)}","@source.log":"/h"}`,
    { accountId: undefined, region: undefined, logGroup: '/h' },
  ],
])('%s', (_, literal, expected) => {
  expect(fieldsOf(literal)).toEqual(expected);
});

it('neighbours share the same fields', () => {
  const event = '{"id":"1","timestamp":1,"message":"m","extractedFields":{"@aws.region":"us-west-2"}}';
  const text = `{"messageType":"DATA_MESSAGE","logEvents":[${event},${event}]}`;
  const [first, second] = readEnvelope(Buffer.from(text))?.events ?? [];
  expect(first?.systemFields).toBeDefined();
  expect(first?.systemFields).toBe(second?.systemFields);
});
