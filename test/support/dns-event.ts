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

/** The ids that a Resolver record names its client by. */
export const loggedIds = (
  instance: string | undefined,
  resolverEndpoint?: string,
): Pick<DnsEvent, 'sourceIds'> => ({
  sourceIds: { instance, resolverEndpoint, resolverNetworkInterface: undefined },
});

/** The pod that CoreDNS's metadata names, with a label of it. */
export const metadataHint = (
  namespace: string | undefined,
  pod: string | undefined,
): Pick<DnsEvent, 'clientMetadata'> => ({
  clientMetadata: { namespace, pod, labels: new Map([['app', 'x']]) },
});

const EVENT: DnsEvent = {
  ...emptyEvent('coredns'),
  proof: 'log-group',
  timeMs: ASKED_AT_MS,
  content: 'a line',
  name: 'www.example.com',
  type: 'A',
  responseCode: 'NOERROR',
  clientIp: '10.0.1.5',
  clientPort: 40_000,
  transport: 'udp',
};
