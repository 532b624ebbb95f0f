import { describe, expect, it } from '@jest/globals';
import { RECORD_FIELDS } from '../../../src/core/model/record-fields/index.ts';
import { createOmits, leanFields, omissionFault } from '../../../src/core/model/record-fields/omission.ts';

const PROTECTED = ['timestamp', 'dns.key', 'log.source', 'dns.question.name', 'dns.client.attribution'];

describe('omissionFault', () => {
  it.each([
    'lean',
    'dns.id',
    'dns.answers.*',
    'k8s.pod.label.*',
    'k8s.pod.label.team',
    'dt.cost.product',
    'aws.route53.firewall.*',
    'coredns.metadata.view.*',
  ])('accepts %s', (item) => {
    expect(omissionFault(item)).toBeUndefined();
  });

  it.each(PROTECTED)('refuses %s', (name) => {
    expect(omissionFault(name)).toBe(`"${name}" cannot be left out`);
  });

  it.each([
    ['dns.ids', '"dns.ids" is not a field of the record; did you mean "dns.id"?'],
    ['client_port', '"client_port" is not a field of the record; did you mean "client.port"?'],
    ['leen', '"leen" is not a field of the record; did you mean "lean"?'],
    ['dns.anwsers.*', '"dns.anwsers.*" is not a field of the record; did you mean "dns.answers.data"?'],
    ['zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz', '"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz" is not a field of the record'],
    ['*', '"*" is not a field of the record'],
    ['k8s.pod.label.', '"k8s.pod.label." is not a field of the record; did you mean "k8s.pod.label.*"?'],
    ['Dns.Id', '"Dns.Id" is not a field of the record; did you mean "dns.id"?'],
  ])('names the nearest field for %s', (item, fault) => {
    expect(omissionFault(item)).toBe(fault);
  });
});

describe('createOmits', () => {
  it('leaves out exact names and prefixes, and nothing that is protected', () => {
    const omits = createOmits(['dns.*', 'client.port', 'log.*']);
    const left = RECORD_FIELDS.map(({ name }) => name).filter((name) => omits(name));
    expect(left).toContain('dns.id');
    expect(left).toContain('client.port');
    expect(left).toContain('log.logger');
    expect(left).not.toContain('client.ip');
    expect(PROTECTED.filter(omits)).toEqual([]);
  });

  it('takes the names below an open set one by one', () => {
    const omits = createOmits(['k8s.pod.label.team']);
    expect([omits('k8s.pod.label.team'), omits('k8s.pod.label.tier')]).toEqual([true, false]);
  });
});

it('lean keeps the fields of the envelope where the output has no envelope', () => {
  expect(leanFields()).toContain('aws.log_group');
  expect(leanFields(['envelope'])).not.toContain('aws.log_group');
  expect(leanFields(['envelope'])).toContain('dt.entity.ec2_instance');
});
