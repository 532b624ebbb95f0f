import { describe, expect, it } from '@jest/globals';
import { categoryOf, createDescribeQuestion } from '../../../src/core/question/index.ts';
import { corednsEvent } from '../../support/dns-event.ts';

const describeQuestion = createDescribeQuestion({
  clusterDomains: ['cluster.local', 'k8s.example.com'],
  searchDomains: ['office.example.net', 'lan', 'example.net'],
});

/** Category and intended name of a query with a response code. */
function judge(name: string, responseCode: string): readonly [string, string | undefined] {
  const { domain } = describeQuestion(name);
  return [categoryOf(corednsEvent({ name, responseCode }), domain), domain.intendedName];
}

describe('CLUSTER_DOMAINS', () => {
  it.each([
    ['web.shop.svc.k8s.example.com', 'NOERROR', 'cluster', undefined],
    ['web.shop.svc.cluster.local', 'NOERROR', 'cluster', undefined],
    ['web.shop.svc.clusterset.local', 'NOERROR', 'cluster', undefined],
    ['clusterset.local', 'NXDOMAIN', 'cluster', undefined],
    ['xclusterset.local', 'NXDOMAIN', 'external', undefined],
    ['www.example.org.shop.svc.k8s.example.com', 'NXDOMAIN', 'search-expansion', 'www.example.org'],
    ['www.example.org.svc.k8s.example.com', 'NXDOMAIN', 'search-expansion', 'www.example.org'],
    ['www.example.org.k8s.example.com', 'NXDOMAIN', 'search-expansion', 'www.example.org'],
    ['www.example.org.k8s.example.com', 'NOERROR', 'cluster', 'www.example.org'],
    [
      'web.shop.svc.cluster.local.shop.svc.k8s.example.com',
      'NXDOMAIN',
      'search-expansion',
      'web.shop.svc.cluster.local',
    ],
    ['db.example.com', 'NOERROR', 'external', undefined],
  ])('%s %s is %s', (name, code, category, intended) => {
    expect(judge(name, code)).toEqual([category, intended]);
  });

  it('has no registered domain below a domain of the cluster', () => {
    expect(describeQuestion('web.shop.svc.k8s.example.com').domain.registeredDomain).toBeUndefined();
  });
});

describe('SEARCH_DOMAINS', () => {
  it.each([
    ['www.example.org.office.example.net', 'NXDOMAIN', 'search-expansion', 'www.example.org'],
    ['www.example.org.lan', 'NXDOMAIN', 'search-expansion', 'www.example.org'],
    ['www.example.org.lan', 'NOERROR', 'external', 'www.example.org'],
    ['www.example.dev.lan', 'NXDOMAIN', 'search-expansion', 'www.example.dev'],
    ['sts.eu-west-1.amazonaws.com.lan', 'NXDOMAIN', 'search-expansion', 'sts.eu-west-1.amazonaws.com'],
    ['ip-10-0-0-7.ec2.internal.lan', 'NXDOMAIN', 'search-expansion', 'ip-10-0-0-7.ec2.internal'],
    ['web.shop.svc.cluster.local.lan', 'NXDOMAIN', 'search-expansion', 'web.shop.svc.cluster.local'],
    ['db.office.example.net', 'NXDOMAIN', 'external', undefined],
    ['db.office.example.net', 'NOERROR', 'external', undefined],
    ['replica.db.office.example.net', 'NXDOMAIN', 'external', undefined],
    // A stage of the network, not somebody's domain.
    ['db.prod.office.example.net', 'NXDOMAIN', 'external', undefined],
    ['db.internal.lan', 'NXDOMAIN', 'external', undefined],
    ['office.example.net', 'NXDOMAIN', 'external', undefined],
    ['lan', 'NXDOMAIN', 'single-label', undefined],
    ['db.office-example.net', 'NXDOMAIN', 'external', undefined],
  ])('%s %s is %s', (name, code, category, intended) => {
    expect(judge(name, code)).toEqual([category, intended]);
  });

  it('raises no signals, not even for a name that looks like a tunnel', () => {
    const data = 'xn--a.0123456789abcdef0123456789abcdef0123.q.w.e.r.t.y.u.i.o';
    expect(describeQuestion(`${data}.office.example.net`).signals).toEqual([]);
    expect(describeQuestion(`${data}.example.org`).signals).toEqual(['deep-name', 'hex-label', 'punycode']);
  });
});
