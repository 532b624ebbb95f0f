import { describe, expect, it } from '@jest/globals';
import {
  covers,
  documentsAllow,
  grantDocument,
  grantName,
  roleName,
} from '../../../../src/cli/lib/stream/role-grant.ts';

const ARN = 'arn:aws:lambda:eu-west-1:111122223333:function:dns';

const document = (Action: unknown, Resource: unknown, more = {}) =>
  encodeURIComponent(JSON.stringify({ Statement: { Effect: 'Allow', Action, Resource, ...more } }));

describe('documentsAllow', () => {
  it.each([
    { name: 'our own grant', documents: [grantDocument(ARN)], expected: true },
    { name: 'none', documents: [], expected: false },
    { name: 'wildcards', documents: [document('lambda:*', '*')], expected: true },
    { name: 'the ARN without its versions', documents: [document('lambda:*', ARN)], expected: false },
    {
      name: 'one action in each of two policies',
      documents: [document('lambda:InvokeFunction', `${ARN}*`), document('lambda:getfunction*', `${ARN}*`)],
      expected: true,
    },
    { name: 'invocation alone', documents: [document(['lambda:InvokeFunction'], '*')], expected: false },
    { name: 'another function', documents: [document('lambda:*', `${ARN}2*`)], expected: false },
    { name: 'a condition', documents: [document('lambda:*', '*', { Condition: {} })], expected: false },
    { name: 'a denial', documents: [document('lambda:*', '*', { Effect: 'Deny' })], expected: false },
  ])('$name: $expected', ({ documents, expected }) => {
    expect(documentsAllow(documents, ARN)).toBe(expected);
  });
});

it.each([
  ['a.c*', 'abc', false],
  ['a?c', 'abc', true],
  ['*(x)', 'y(x)', true],
])('covers: %s, %s is %s', (pattern, text, expected) => {
  expect(covers(pattern, text)).toBe(expected);
});

it('names role and policy', () => {
  expect(roleName('arn:aws:iam::111122223333:role/service-role/delivery')).toBe('delivery');
  expect(grantName(ARN)).toBe('eks-dns-firehose-dns');
});
