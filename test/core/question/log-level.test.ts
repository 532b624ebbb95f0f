import { expect, it } from '@jest/globals';
import { logLevelOf } from '../../../src/core/question/log-level.ts';
import { corednsEvent } from '../../support/dns-event.ts';

it.each([
  ['INFO', {}],
  ['INFO', { responseCode: 'NXDOMAIN' }],
  ['INFO', { responseCode: undefined }],
  ['ERROR', { responseCode: 'SERVFAIL' }],
  ['WARN', { responseCode: 'REFUSED' }],
  ['WARN', { responseCode: '3841' }],
  ['WARN', { responseCode: undefined, responseSeen: false }],
  ['WARN', { firewallAction: 'ALERT' }],
  ['WARN', { firewallAction: 'BLOCK', responseCode: 'NXDOMAIN' }],
  ['ERROR', { firewallAction: 'BLOCK', responseCode: 'SERVFAIL' }],
  ['ERROR', { isError: true, responseCode: 'NXDOMAIN' }],
  ['ERROR', { isError: true, responseCode: undefined }],
])('is %s for %j', (level, members) => {
  expect(logLevelOf(corednsEvent(members))).toBe(level);
});
