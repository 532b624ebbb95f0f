import { expect, it } from '@jest/globals';
import { isAttributeName } from '../../../src/core/model/attribute-name.ts';

it.each(['a', '_', 'env', 'k8s.pod.label.app.kubernetes.io/name', 'a:b', 'a-b', 'A9', 'x'.repeat(100)])(
  'accepts %s',
  (name) => {
    expect(isAttributeName(name)).toBe(true);
  },
);

it.each([
  '',
  '.',
  'aws.route53.',
  '9a',
  '-a',
  'a b',
  'a"b',
  'a\nb',
  'env\n',
  'a\\b',
  'aws.route53.x\u200b',
  'a.é',
  'a.\ud800',
  'a,b',
  'x'.repeat(101),
  'x'.repeat(1_000_000),
])('refuses %j', (name) => {
  expect(isAttributeName(name)).toBe(false);
});
