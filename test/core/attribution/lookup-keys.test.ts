import { expect, it } from '@jest/globals';
import { collectKeys, createLookupKeys } from '../../../src/core/attribution/lookup-keys.ts';
import { corednsEvent, loggedIds, resolverEvent } from '../../support/dns-event.ts';

const keysOf = (...events: readonly Parameters<typeof collectKeys>[1][]) => {
  const keys = createLookupKeys();
  for (const event of events) collectKeys(keys, event);
  const vpcs = keys.vpcs.map(({ vpcId, accountId, region, ips, instanceIds }) =>
    [vpcId, accountId ?? '-', region ?? '-', ...ips, ...instanceIds].join(' '),
  );
  return { clientIps: [...keys.clientIps], vpcs };
};
const NONE = { clientIps: [], vpcs: [] };

it.each([
  // What another source logs beside its address does not count.
  ['CoreDNS', corednsEvent({ vpcId: 'vpc-1', ...loggedIds('i-1') }), { ...NONE, clientIps: ['10.0.1.5'] }],
  ['CoreDNS without a client', corednsEvent({ clientIp: undefined, vpcId: 'vpc-1' }), NONE],
  [
    'a public zone',
    corednsEvent({ source: 'aws.route53.public', vpcId: 'vpc-1', ...loggedIds('i-1') }),
    NONE,
  ],
  ['the Resolver', resolverEvent(loggedIds('i-1')), { ...NONE, vpcs: ['vpc-1 - - 10.0.1.5 i-1'] }],
  [
    'the Resolver without a VPC',
    resolverEvent({ vpcId: undefined, ...loggedIds('i-1') }),
    { ...NONE, vpcs: [' - - i-1'] },
  ],
  ['the Resolver without a client', resolverEvent({ clientIp: undefined }), NONE],
  [
    'the Resolver without an instance',
    resolverEvent(loggedIds(undefined, 'r')),
    { ...NONE, vpcs: ['vpc-1 - - 10.0.1.5'] },
  ],
])('the keys of an event of %s', (_, event, expected) => {
  expect(keysOf(event)).toEqual(expected);
});

it('gathers each key once, by VPC and its owner', () => {
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
      resolverEvent({ accountId: '444455556666' }),
      resolverEvent({ region: 'us-east-1' }),
      resolverEvent(loggedIds('i-1')),
    ),
  ).toEqual({
    clientIps: ['10.0.1.5', '10.0.1.7'],
    vpcs: [
      'vpc-1 - - 10.0.1.5 10.0.1.6 i-1',
      'vpc-2 - - 10.0.1.6',
      'vpc-1 444455556666 - 10.0.1.5',
      'vpc-1 - us-east-1 10.0.1.5',
    ],
  });
});
