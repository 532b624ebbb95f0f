// Every entry of the lists by which names are told apart.
import { expect, it } from '@jest/globals';
import { domainInfo } from '../../../src/core/question/domain.ts';

it.each([
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'aws.amazon.com',
  'aws',
  'compute.internal',
  'ec2.internal',
])('names within %s are of AWS', (domain) => {
  expect(domainInfo(`x.${domain}`).category).toBe('aws');
  expect(domainInfo(`a.x.${domain}`).category).toBe('aws');
  expect(domainInfo(`a.x${domain}`).category).toBe('external');
  expect(domainInfo(`x.${domain}.example`).category).toBe('external');
});

it.each([
  ['cluster.local', 'cluster'],
  ['in-addr.arpa', 'reverse'],
  ['ip6.arpa', 'reverse'],
])('names within %s are of the category %s', (domain, category) => {
  expect([domain, `x.${domain}`].map((name) => domainInfo(name).category)).toEqual([category, category]);
  expect(domainInfo(`x${domain}`).category).toBe('external');
});

it.each(['internal', 'intranet', 'private', 'corp', 'home', 'lan'])('names of .%s may be meant', (top) => {
  expect(domainInfo(`db.office.${top}.cluster.local`).intendedName).toBe(`db.office.${top}`);
  expect(domainInfo(`db.${top}.cluster.local`).intendedName).toBe(`db.${top}`);
  expect(domainInfo(`db.office.${top}.svc.cluster.local`).intendedName).toBeUndefined();
  expect(domainInfo(`db.office.x${top}.cluster.local`).intendedName).toBeUndefined();
});

it.each(['com', 'org', 'net', 'edu', 'gov', 'mil', 'int', 'info', 'biz', 'de', 'fr'])(
  'no namespace is called %s',
  (top) => {
    const name = top === 'mil' || top === 'int' ? `a.example.${top}` : `example.${top}`;
    expect(domainInfo(`${name}.svc.cluster.local`).intendedName).toBe(name);
    expect(domainInfo(`${name}.shop.svc.cluster.local`).intendedName).toBe(name);
  },
);

it.each(['ai', 'cd', 'ci', 'ml', 'qa', 'dev', 'app', 'shop'])('a namespace may be called %s', (top) => {
  expect(domainInfo(`example.${top}.svc.cluster.local`).intendedName).toBeUndefined();
  expect(domainInfo(`example.${top}.x.svc.cluster.local`).intendedName).toBeUndefined();
  expect(domainInfo(`www.example.${top}.x.svc.cluster.local`).intendedName).toBe(`www.example.${top}`);
});

it.each([
  ['example.co.uk', 'example.co.uk'],
  ['www.example.co.uk', 'www.example.co.uk'],
  ['example.co.uk.shop', 'example.co.uk'],
  ['example.com.dev', 'example.com'],
])('%s in the service domain means %s', (name, intendedName) => {
  expect(domainInfo(`${name}.svc.cluster.local`).intendedName).toBe(intendedName);
});

it.each([
  ['a.github.io', 'github.io'],
  // A name is not a URL.
  ['www.example.com/x.org', 'com/x.org'],
  ['www.example.com:80.org', 'com:80.org'],
  ['github.io', 'github.io'],
  ['_dmarc.com', undefined],
  ['a._b.com', undefined],
  ['a\\\\.b.com', 'b.com'],
  ['a\\.b.com', 'a\\.b.com'],
])('the registered domain of %s', (name, registeredDomain) => {
  expect(domainInfo(name).registeredDomain).toBe(registeredDomain);
});

it.each([
  // As long as a suffix of the VPC, and not one.
  'www.example.com.region.compute.external',
  'www.example.com.eu-west-1.compute-internal',
  'www.example.com.xec2.internal',
  'www.example.com.cluster.locax',
])('%s is not a search expansion', (name) => {
  expect(domainInfo(name).intendedName).toBeUndefined();
});
