import type { DnsEvent } from '../../src/core/model/dns-event.ts';
import { createResolverSource } from '../../src/core/sources/route53-resolver/index.ts';
import { bare, lineOf } from './log-line.ts';

/** A Resolver record as AWS prints it, with members replaced (undefined = left out). */
export function resolverRecord(members: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    version: '1.100000',
    account_id: '012345678910',
    region: 'eu-west-1',
    vpc_id: 'vpc-0a1b2c3d4e5f60718',
    query_timestamp: '2024-03-01T12:00:00Z',
    query_name: 'www.example.com.',
    query_type: 'A',
    query_class: 'IN',
    rcode: 'NOERROR',
    answers: [{ Rdata: '192.0.2.7', Type: 'A', Class: 'IN' }],
    srcaddr: '10.0.1.5',
    srcport: '48701',
    transport: 'UDP',
    srcids: { instance: 'i-0b486830192751535' },
    ...members,
  });
}

const source = createResolverSource();

/** The event of a bare line, as the source of Resolver logs reads it. */
export const parseResolverText = (text: string): DnsEvent | undefined =>
  source.parse(lineOf(text), bare(text));

/** The event of `resolverRecord`. */
export const parseResolverRecord = (members: Readonly<Record<string, unknown>> = {}): DnsEvent | undefined =>
  parseResolverText(resolverRecord(members));

/** The attribute of that name among an event's own ones. */
export function extraOf(event: DnsEvent | undefined, name: string): unknown {
  return event?.extra.find(([known]) => known === name)?.[1];
}
