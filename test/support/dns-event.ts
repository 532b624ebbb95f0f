import type { DnsEvent } from '../../src/model/dns-event.ts';

/** A moment inside the events below. */
export const ASKED_AT_MS = Date.UTC(2024, 2, 1, 12);

/** A CoreDNS event of a question for `www.example.com`, with members replaced. */
export function corednsEvent(members: Partial<DnsEvent> = {}): DnsEvent {
  return { ...EVENT, ...members };
}

/** A Resolver event of the same question. */
export function resolverEvent(members: Partial<DnsEvent> = {}): DnsEvent {
  return { ...EVENT, source: 'aws.vpcdnsquerylogs', vpcId: 'vpc-1', ...members };
}

const EVENT: DnsEvent = {
  source: 'coredns',
  timeMs: ASKED_AT_MS,
  timeIsCertain: true,
  content: 'a line',
  name: 'www.example.com',
  type: 'A',
  class: undefined,
  responseCode: 'NOERROR',
  responseSeen: true,
  id: undefined,
  headerFlags: undefined,
  requestBytes: undefined,
  responseBytes: undefined,
  durationNs: undefined,
  opCode: undefined,
  ednsDo: undefined,
  ednsUdpSize: undefined,
  upstream: undefined,
  clientIp: '10.0.1.5',
  clientPort: 40_000,
  transport: 'udp',
  clientHint: undefined,
  sourceIds: undefined,
  emitter: undefined,
  answers: undefined,
  answerCount: undefined,
  accountId: undefined,
  region: undefined,
  vpcId: undefined,
  firewallAction: undefined,
  isError: false,
  isPartial: false,
  extra: [],
};
