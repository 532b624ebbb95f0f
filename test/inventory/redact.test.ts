import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redact } from '../../src/inventory/redact.ts';

/** Random bytes that are the same in every run. */
const bytes = (seed: string): Buffer =>
  Buffer.concat([0, 1, 2, 3].map((part) => createHash('sha512').update(`${seed}${part}`).digest()));
const presigned = `https://sts.eu-west-1.amazonaws.com/?X-Amz-Signature=${bytes('t').toString('hex')}`;
const TOKEN = `k8s-aws-v1.${Buffer.from(presigned).toString('base64url')}`;
const SESSION = bytes('session').toString('base64');

it.each([
  'pods is forbidden: User "arn:aws:sts::111122223333:assumed-role/dns-prod-TransformFunctionRole-1QF4Z8XK2ABCD/dns" cannot list resource "pods" in API group "" at the cluster scope',
  'ENOTFOUND: getaddrinfo ENOTFOUND 0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com',
  'User: arn:aws:iam::111122223333:role/x is not authorized to perform: eks:DescribeCluster on resource: arn:aws:eks:eu-west-1:111122223333:cluster/prod',
  'No cluster found for name: my-very-long-cluster-name-of-the-payments-team-in-production-1.',
  'The token included in the request is expired',
  'instance i-0a6453b0c36d4b9c0 of vpc-0a1b2c3d4e5f60718, request 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
  'EACCES: permission denied, open "/opt/nodejs/node_modules/@aws-sdk/client-eks/package.json"',
])('keeps %s', (text) => {
  expect(redact(text, [TOKEN, SESSION])).toBe(text);
});

describe('removes', () => {
  const base64 = TOKEN.slice(11);
  it.each([
    ['the token', `no ${TOKEN} here`, []],
    ['the token in JSON', JSON.stringify({ headers: { authorization: `Bearer ${TOKEN}` } }), []],
    ['the token in JSON in JSON', JSON.stringify(JSON.stringify({ token: TOKEN })), []],
    ['the token without its prefix', `no ${base64} here`, []],
    ['the end of the token', `no ${TOKEN.slice(-60)} here`, []],
    ['the URL of the token', presigned, []],
    ['the URL in a query', encodeURIComponent(presigned), []],
    ['a session token', `x-amz-security-token: ${SESSION}`, []],
    ['a session token without a name', `no ${SESSION} here`, []],
    ['the token with a space after each 12 characters', TOKEN.replace(/.{12}/g, '$& '), [TOKEN]],
    ['the token with a quote after each 5', TOKEN.replace(/.{5}/g, '$&"+"'), [TOKEN]],
    ['the token as escapes', [...TOKEN].map(escaped).join(''), [TOKEN]],
    ['the token letter by letter', [...TOKEN].join(' '), [TOKEN]],
    ['a piece of the token', `no ${TOKEN.slice(100, 114)} here`, [TOKEN]],
    ['a token that is cut off', `${'word '.repeat(790)}${TOKEN}`, []],
  ])('%s', (_, text, secrets) => {
    const plain = redact(text, secrets).replace(/[^A-Za-z0-9]/g, '');
    for (const secret of [TOKEN, SESSION, bytes('t').toString('hex')]) {
      const letters = secret.replace(/[^A-Za-z0-9]/g, '');
      for (let at = 11; at + 12 <= letters.length; at += 1)
        expect(plain).not.toContain(letters.slice(at, at + 12));
    }
    expect(redact(text, secrets).length).toBeLessThanOrEqual(4000);
  });

  it.each([
    [
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/eks/aws4_request, Signature=abcdef',
      /AKIDEX|abcdef/,
    ],
    ['key AKIAIOSFODNN7EXAMPLE', /IOSF/],
    ['{"secretAccessKey":"wJalrXUtnFEMI/K7MDENG"}', /wJalr/],
    ['Authorization: Basic dXNlcjpwYXNz', /dXNl/],
    ['dt0c01.ABCDEFGH.0123', /ABCD/],
  ])('%s', (text, secret) => {
    expect(redact(text)).not.toMatch(secret);
    expect(redact(text)).toContain('[redacted]');
  });
});

it('leaves no ten letters of a known secret, wherever it stands', () => {
  const secret = bytes('known').toString('base64url');
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.constantFrom('', ' ', '\n', '"', '\\', '%'),
      fc.integer({ min: 1, max: 40 }),
      fc.nat({ max: 100 }),
      (before, after, divider, every, from) => {
        const piece = secret.slice(from).replace(new RegExp(`.{${every}}`, 'g'), `$&${divider}`);
        const letters = redact(`${before}${piece}${after}`, [secret]).replace(/[^A-Za-z0-9]/g, '');
        const whole = secret.replace(/[^A-Za-z0-9]/g, '');
        for (let at = 0; at + 10 <= whole.length; at += 1)
          expect(letters).not.toContain(whole.slice(at, at + 10));
      },
    ),
  );
});

it('takes time in proportion to the text', () => {
  for (const text of ['a'.repeat(1e6), 'x-amz-'.repeat(2e5), 'Bearer '.repeat(2e5), '\\u0041'.repeat(2e5)]) {
    expect(redact(text, [TOKEN]).length).toBeLessThanOrEqual(4000);
  }
});

function escaped(letter: string): string {
  return `\\u00${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
