import { expect, it } from '@jest/globals';
import type { Row } from './dql/values.ts';
import {
  arrived,
  type DnsRecord,
  FINDINGS,
  PIPELINE,
  processed,
  RECORD_KEY,
  recordsOf,
  securityEventsOf,
} from './tenant.ts';

const eventsOf = (records: readonly DnsRecord[]): Row[] =>
  securityEventsOf(
    records.map((record) =>
      processed(arrived(JSON.stringify({ ...record, 'dns.key': RECORD_KEY })), true, [PIPELINE, FINDINGS]),
    ),
  );

const RECORDS = recordsOf('route53-firewall', 'sample-09-firewall-block', 'sample-11-dns-tunnel', 'pair');
const HITS = RECORDS.filter((record) => record['aws.route53.firewall.action'] !== undefined);
const [hit = {}] = HITS;

it('makes a finding of every hit of the firewall, and of nothing else', () => {
  const events = eventsOf(RECORDS);
  expect(HITS.length).toBeGreaterThan(2);
  expect(events).toHaveLength(HITS.length);
  for (const event of events) {
    expect(event).toMatchObject({ 'event.kind': 'SECURITY_EVENT', 'event.type': 'DETECTION_FINDING' });
    expect(event['finding.severity']).toBe(
      event['aws.route53.firewall.action'] === 'BLOCK' ? 'HIGH' : 'MEDIUM',
    );
    for (const name of ['finding.id', 'finding.title', 'object.id', 'object.name', 'dns.question.name'])
      expect(event[name]).toEqual(expect.any(String));
  }
});

it('gives hits of one pod and rule in one hour the same id, and others another', () => {
  const id = (changed: DnsRecord) =>
    eventsOf([{ ...hit, timestamp: '2026-11-20T10:01:00.000Z', ...changed }])[0]?.['finding.id'];
  expect(id({ timestamp: '2026-11-20T10:59:59.000Z', 'dns.question.name': 'other.example.net' })).toBe(
    id({}),
  );
  const different = [
    { timestamp: '2026-11-20T11:00:00.000Z' },
    { 'k8s.pod.name': 'another' },
    { 'k8s.namespace.name': 'another' },
    { 'k8s.cluster.name': 'another' },
    { 'aws.route53.firewall.domain_list_id': 'rslvr-fdl-2' },
    { 'aws.route53.firewall.rule_group_id': 'rslvr-frg-2' },
  ];
  expect(new Set([id({}), ...different.map(id)]).size).toBe(different.length + 1);
});

it('keeps the content and the fields of the record', () => {
  const keyed = JSON.stringify({ ...hit, 'dns.key': RECORD_KEY });
  expect(processed(arrived(keyed), true, [PIPELINE, FINDINGS])).toMatchObject({
    content: hit.content,
    'client.ip': hit['client.ip'],
  });
});

it('has ids of findings', () => {
  for (const { processors } of Object.values(FINDINGS).filter((stage) => typeof stage === 'object'))
    for (const { id } of processors) expect(id).toMatch(/^processor_eks_dns_finding_\w+$/);
});
