import type { DnsEvent } from '../../src/model/dns-event.ts';

const NOTHING: DnsEvent = {
  source: 'coredns',
  timeMs: Date.UTC(2026, 0, 15, 9, 30),
  timeIsCertain: true,
  content: '',
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
  clientIp: '10.0.12.34',
  clientPort: 40395,
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

/** A plain event with what a test is about put on top. */
export const dnsEvent = (over: Partial<DnsEvent>): DnsEvent => ({ ...NOTHING, ...over });

/** When `dnsEvent` was asked. */
export const ASKED_AT_MS = NOTHING.timeMs;

/** The same question as a pod of VPC `vpc-1` asks it the Resolver. */
export const resolverEvent = (over: Partial<DnsEvent> = {}): DnsEvent =>
  dnsEvent({ source: 'aws.vpcdnsquerylogs', vpcId: 'vpc-1', clientIp: '10.0.1.5', ...over });
