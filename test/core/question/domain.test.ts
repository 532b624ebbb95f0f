import { describe, expect, it } from '@jest/globals';
import { domainInfo } from '../../../src/core/question/domain.ts';

const info = domainInfo;

describe('registered domain', () => {
  it.each([
    ['www.shop.example.co.uk', 'example.co.uk'],
    ['example.com', 'example.com'],
    ['bucket.s3.eu-central-1.amazonaws.com', 'amazonaws.com'],
    ['_sip._tcp.example.org', 'example.org'],
    ['*.example.org', 'example.org'],
    ['bad\\032label.example.net', 'example.net'],
    ['left\\.right.example.net', 'example.net'],
    ['left\\.com', undefined],
    ['xn--bcher-kva.example', undefined],
    ['xn--bcher-kva.ch', 'xn--bcher-kva.ch'],
    ['com', undefined],
    ['.', undefined],
    ['host.invalid', undefined],
    ['9.2.0.192.in-addr.arpa', undefined],
    ['web.shop.svc.cluster.local', undefined],
    ['ip-10-0-1-5.ec2.internal', undefined],
    ['192.0.2.1', undefined],
  ])('of %s is %s', (name, registeredDomain) => {
    expect(info(name).registeredDomain).toBe(registeredDomain);
  });
});

describe('tenant domain', () => {
  it.each([
    ['files.acme.s3.eu-central-1.amazonaws.com', 'acme.s3.eu-central-1.amazonaws.com'],
    ['x.acme-c2.duckdns.org', 'acme-c2.duckdns.org'],
    ['beacon.acme.workers.dev', 'acme.workers.dev'],
    ['ec2-192-0-2-1.eu-west-1.compute.amazonaws.com', 'ec2-192-0-2-1.eu-west-1.compute.amazonaws.com'],
    ['duckdns.org', undefined],
    ['www.example.com', undefined],
    ['www.example.co.uk', undefined],
    ['left\\.right.acme.duckdns.org', 'acme.duckdns.org'],
    ['left\\.duckdns.org', undefined],
    ['acme.duckdns.org.cluster.local', undefined],
    ['.', undefined],
  ])('of %s is %s', (name, tenantDomain) => {
    expect(info(name).tenantDomain).toBe(tenantDomain);
  });
});

describe('category', () => {
  it.each([
    ['web.shop.svc.cluster.local', 'cluster'],
    ['cluster.local', 'cluster'],
    ['notcluster.local', 'external'],
    ['9.2.0.192.in-addr.arpa', 'reverse'],
    ['8.b.d.0.1.0.0.2.ip6.arpa', 'reverse'],
    ['sts.eu-west-1.amazonaws.com', 'aws'],
    ['sqs.cn-north-1.amazonaws.com.cn', 'aws'],
    ['notamazonaws.com', 'external'],
    ['sqs.eu-west-1.api.aws', 'aws'],
    ['ip-10-0-1-5.eu-west-1.compute.internal', 'aws'],
    ['ip-10-0-1-5.ec2.internal', 'aws'],
    ['instance-data', 'single-label'],
    ['www.example.com', 'external'],
    ['.', 'external'],
  ])('of %s is %s', (name, category) => {
    expect(info(name).category).toBe(category);
  });
});

describe('intended name', () => {
  it.each([
    ['www.example.com.shop.svc.cluster.local', 'www.example.com'],
    ['example.com.shop.svc.cluster.local', 'example.com'],
    ['example.com.svc.cluster.local', 'example.com'],
    ['www.example.co.uk.svc.cluster.local', 'www.example.co.uk'],
    ['www.example.com.de.svc.cluster.local', 'www.example.com'],
    ['api.example.dev.shop.svc.cluster.local', 'api.example.dev'],
    ['www.example.dev.cluster.local', 'www.example.dev'],
    ['example.com.eu-west-1.compute.internal', 'example.com'],
    ['example.com.ec2.internal', 'example.com'],
    ['ip-10-0-1-5.ec2.internal.shop.svc.cluster.local', 'ip-10-0-1-5.ec2.internal'],
    ['db.office.corp.cluster.local', 'db.office.corp'],
    ['web.shop.svc.cluster.local.default.svc.cluster.local', 'web.shop.svc.cluster.local'],
    ['web.shop.svc.cluster.local.svc.cluster.local', 'web.shop.svc.cluster.local'],
    ['web.shop.svc.cluster.local.ec2.internal', 'web.shop.svc.cluster.local'],
  ])('of %s is %s', (name, intendedName) => {
    expect(info(name).intendedName).toBe(intendedName);
  });

  it.each([
    ['a missing service in a namespace named like a top-level domain', 'web.shop.svc.cluster.local'],
    ['a country code that is team jargon', 'web.qa.svc.cluster.local'],
    ['a short service name tried in another namespace', 'web.dev.default.svc.cluster.local'],
    ['a pod of a headless service', 'kafka-0.kafka.dev.svc.cluster.local'],
    ['a service named like a top-level domain', '_http._tcp.store.prod.svc.cluster.local'],
    ['a pod address', '10-0-1-5.shop.pod.cluster.local'],
    ['a plain service', 'web.default.svc.cluster.local'],
    ['the service domain', 'svc.cluster.local'],
    ['a service without namespace', 'web.svc.cluster.local'],
    ['a host of the VPC', 'ip-10-0-1-5.eu-west-1.compute.internal'],
    ['a host of the VPC in us-east-1', 'ip-10-0-1-5.ec2.internal'],
    ['a region without host', 'eu-west-1.compute.internal'],
    ['a name without a search suffix', 'www.example.com'],
  ])('is absent for %s', (_, name) => {
    expect(info(name).intendedName).toBeUndefined();
  });
});

it.each([
  ['xn--bcher-kva.ch', true],
  ['www.xn--bcher-kva.ch', true],
  ['axn--b.example.com', false],
])('%s is punycode: %s', (name, isPunycode) => {
  expect(info(name).isPunycode).toBe(isPunycode);
});
