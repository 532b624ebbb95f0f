import { expect, it } from '@jest/globals';
import { collectKeys, createLookupKeys } from '../../../src/core/attribution/lookup-keys.ts';
import { corednsEvent, loggedIds, resolverEvent } from '../../support/dns-event.ts';

const keysOf = (...events: readonly Parameters<typeof collectKeys>[1][]) => {
  const keys = createLookupKeys();
  for (const event of events) collectKeys(keys, event);
  const { clientIps, vpcIps, instanceIds } = keys;
  const byVpc = [...vpcIps].map(([vpc, ips]) => [vpc, [...ips]]);
  return { clientIps: [...clientIps], byVpc, instanceIds: [...instanceIds] };
};
const NONE = { clientIps: [], byVpc: [], instanceIds: [] };

it.each([
  // What another source logs beside its address does not count.
  ['CoreDNS', corednsEvent({ vpcId: 'vpc-1', ...loggedIds('i-1') }), { ...NONE, clientIps: ['10.0.1.5'] }],
  ['CoreDNS without a client', corednsEvent({ clientIp: undefined, vpcId: 'vpc-1' }), NONE],
  [
    'a public zone',
    corednsEvent({ source: 'aws.route53.public', vpcId: 'vpc-1', ...loggedIds('i-1') }),
    NONE,
  ],
  [
    'the Resolver',
    resolverEvent(loggedIds('i-1')),
    { clientIps: [], byVpc: [['vpc-1', ['10.0.1.5']]], instanceIds: ['i-1'] },
  ],
  [
    'the Resolver without a VPC',
    resolverEvent({ vpcId: undefined, ...loggedIds('i-1') }),
    { ...NONE, instanceIds: ['i-1'] },
  ],
  ['the Resolver without a client', resolverEvent({ clientIp: undefined }), NONE],
  [
    'the Resolver without an instance',
    resolverEvent(loggedIds(undefined, 'r')),
    { ...NONE, byVpc: [['vpc-1', ['10.0.1.5']]] },
  ],
])('the keys of an event of %s', (_, event, expected) => {
  expect(keysOf(event)).toEqual(expected);
});

it('gathers each key once, addresses by VPC', () => {
  const other = resolverEvent({ clientIp: '10.0.1.6', vpcId: 'vpc-2' });
  expect(
    keysOf(
      corednsEvent(),
      corednsEvent(),
      corednsEvent({ clientIp: '10.0.1.7' }),
      resolverEvent(),
      resolverEvent(),
      resolverEvent({ clientIp: '10.0.1.6' }),
      other,
      resolverEvent(loggedIds('i-1')),
      resolverEvent(loggedIds('i-1')),
    ),
  ).toEqual({
    clientIps: ['10.0.1.5', '10.0.1.7'],
    byVpc: [
      ['vpc-1', ['10.0.1.5', '10.0.1.6']],
      ['vpc-2', ['10.0.1.6']],
    ],
    instanceIds: ['i-1'],
  });
});
