import { expect, it } from '@jest/globals';
import type { DnsEvent } from '../../../src/core/model/dns-event.ts';
import { logLevelOf } from '../../../src/core/question/log-level.ts';
import { corednsEvent } from '../../support/dns-event.ts';

it.each<[string, Partial<DnsEvent>]>([
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
  ['INFO', { firewallAction: 'ALLOW' }],
  ['INFO', { firewallAction: 'ALLOW', responseCode: 'NXDOMAIN' }],
  ['WARN', { firewallAction: 'QUARANTINE' }],
  ['WARN', { isError: true, printedLevel: 'WARN', responseCode: 'SERVFAIL' }],
  ['INFO', { isError: true, printedLevel: 'INFO', responseCode: 'REFUSED' }],
  ['FATAL', { isError: true, printedLevel: 'FATAL' }],
  ['ERROR', { isError: true, responseCode: 'NXDOMAIN' }],
  ['ERROR', { isError: true, responseCode: undefined }],
])('is %s for %j', (level, members) => {
  expect(logLevelOf(corednsEvent(members))).toBe(level);
});
