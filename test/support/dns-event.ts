import { type DnsEvent, emptyEvent } from '../../src/core/model/dns-event.ts';

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
  ...emptyEvent('coredns'),
  timeMs: ASKED_AT_MS,
  content: 'a line',
  name: 'www.example.com',
  type: 'A',
  responseCode: 'NOERROR',
  clientIp: '10.0.1.5',
  clientPort: 40_000,
  transport: 'udp',
};
