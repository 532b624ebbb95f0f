// DNS rebinding: a name of an outsider resolves to an address of the client's own machine, so that a program that may only
// reach public names reaches the instance's metadata and credentials, or a service that listens on loopback.
// https://capec.mitre.org/data/definitions/275.html
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { DnsEvent } from '../model/dns-event.ts';
import { hasDataByDesign } from './data-by-design.ts';
import type { DomainInfo } from './domain.ts';
import { startsWithReversedAddress } from './subdomain.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** 169.254.169.254 and fd00:ec2::254 are the metadata of an EC2 instance, .170.23 and ::23 EKS Pod Identity. */
const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('fe80::', 10, 'ipv6');
linkLocal.addSubnet('fd00:ec2::', 32, 'ipv6');

/** How local addresses begin. Looked at first: a `BlockList` costs a call into Node for every answer of every record. */
const LOCAL_START = /^(?:127\.|169\.254\.|[:0fF])/;

/**
 * Whether the answers of an outside name hold a link-local or loopback address. Block lists answer with 127.0.0.0/8 by
 * design (RFC 5782), and `localhost.<domain>` is what its name says.
 */
export function hasMetadataAnswer({ answers, name = '' }: DnsEvent, domain: DomainInfo): boolean {
  if (answers === undefined || domain.category !== 'external' || domain.isPrivate) return false;
  for (const { type, data } of answers) {
    if ((type !== 'A' && type !== 'AAAA') || !LOCAL_START.test(data)) continue;
    if (contains(linkLocal, data)) return true;
    if (contains(loopback, data) && !isLoopbackUsual(name, domain)) return true;
  }
  return false;
}

const isLoopbackUsual = (name: string, { registeredDomain }: DomainInfo): boolean =>
  name.startsWith('localhost.') || startsWithReversedAddress(name) || hasDataByDesign(registeredDomain);

function contains(list: BlockList, address: string): boolean {
  if (isIPv4(address)) return list.check(address, 'ipv4');
  return isIPv6(address) && list.check(address, 'ipv6');
}
