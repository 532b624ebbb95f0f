// Query logs of public hosted zones. A line has ten fields:
//   1.0 2017-12-13T08:15:50.235Z Z123412341234 example.com AAAA NOERROR TCP IAD12 192.0.2.53 198.51.100.0/24
//   version time zone name type rcode protocol edge resolver edns-client-subnet (or -)
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/query-logs.html
import type { Attributes, DnsEvent } from '../../model/dns-event.ts';
import type { LogSource } from '../../model/ports.ts';
import { isAddress } from '../../util/ip-address.ts';
import { route53Event } from '../route53-common/event.ts';
import { NAME_AS_ASKED, nameAsAsked, questionNameOf, timeMsOf, upperCaseOf } from '../route53-common/text.ts';

const FIELDS = 10;
const VERSION = /^1\.\d+$/;
const ZONE = /^Z[0-9A-Z]+$/;
const CODE = /^[0-9A-Za-z]+$/;
const PROTOCOL = /^(?:udp|tcp)$/i;
const LINE_START = /^1\.\d{1,6} \d{4}-\d\d-\d\dT[\d:.]{8,18}Z Z[0-9A-Z]{1,32} /;
/** Digits and punctuation of an address, or asterisks, which data protection of CloudWatch Logs prints instead. */
const IN_PLACE_OF_ADDRESS = /^[0-9A-Fa-f:.*]+$/;
const IN_PLACE_OF_SUBNET = /^(?:[0-9A-Fa-f:.*]+\/[0-9*]{1,3}|\*+)$/;

/** Creates the parser for version 1.x. A later minor version may add fields at the end. */
export function createPublicZoneSource(): LogSource {
  return {
    name: 'aws.route53.public',
    prefilter: (text) => text.startsWith('1.'),
    parse: (_line, { text }) => {
      if (!text.startsWith('1.')) return undefined;
      const fields = text.trimEnd().split(' ');
      return fields.length < FIELDS ? undefined : eventOf(fields, text);
    },
    resembles: ({ text }) => LINE_START.test(text),
  };
}

function eventOf(fields: readonly string[], content: string): DnsEvent | undefined {
  const [version = '', time = '', zone = '', name = '', type = ''] = fields;
  const [rcode = '', protocol = '', edge = '', resolver = '', subnet = ''] = fields.slice(5);
  const timeMs = timeMsOf(time);
  if (timeMs === undefined || !VERSION.test(version) || !ZONE.test(zone) || name === '') return undefined;
  if (!CODE.test(type) || !CODE.test(rcode) || !PROTOCOL.test(protocol)) return undefined;
  if (edge === '' || !IN_PLACE_OF_ADDRESS.test(resolver)) return undefined;
  if (subnet !== '-' && !IN_PLACE_OF_SUBNET.test(subnet)) return undefined;
  const clientIp = isAddress(resolver) ? resolver : undefined;
  const clientSubnet = isSubnet(subnet) ? subnet : undefined;
  const isPartial = clientIp === undefined || (clientSubnet === undefined && subnet !== '-');
  return route53Event({
    source: 'aws.route53.public',
    timeMs,
    timeIsCertain: true,
    content,
    name: questionNameOf(name),
    type: upperCaseOf(type),
    class: undefined,
    responseCode: upperCaseOf(rcode),
    clientIp,
    clientPort: undefined,
    transport: protocol.toLowerCase(),
    sourceIds: undefined,
    answers: undefined,
    answerCount: undefined,
    accountId: undefined,
    region: undefined,
    vpcId: undefined,
    firewallAction: undefined,
    isPartial: isPartial || fields.length > FIELDS,
    extra: attributesOf(name, version, zone, edge, clientIp, clientSubnet),
  });
}

/** `198.51.100.0/24` */
function isSubnet(text: string): boolean {
  const [ip = '', bits = ''] = text.split('/');
  return isAddress(ip) && /^\d{1,3}$/.test(bits) && Number(bits) <= (ip.includes(':') ? 128 : 32);
}

function attributesOf(
  name: string,
  version: string,
  zone: string,
  edge: string,
  resolver: string | undefined,
  subnet: string | undefined,
): Attributes {
  const asked = nameAsAsked(name);
  const out: [string, string][] = [
    ...(asked === undefined ? [] : [[NAME_AS_ASKED, asked] as [string, string]]),
    ['aws.route53.hostedzone_id', zone],
    ['aws.route53.edge_location_id', edge],
  ];
  if (resolver !== undefined) out.push(['aws.route53.resolver_ip_address', resolver]);
  if (subnet !== undefined) out.push(['aws.route53.edns_client_subnet', subnet]);
  if (version !== '1.0') out.push(['aws.route53.log_version', version]);
  return out;
}
