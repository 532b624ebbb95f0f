// IP addresses as map keys (one spelling per address), the blocks that EC2 delegates, and private ranges.
import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net';

/**
 * One spelling per address: `2001:DB8:0::1%eth0` -> `2001:db8::1`, `::ffff:10.0.0.1` -> `10.0.0.1`.
 * Undefined when the text is not an IP address.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  return address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address;
}

/**
 * The block in which EC2 would have delegated a canonical address: `10.0.1.23` -> `10.0.1.16/28`,
 * `2001:db8::5:0:0:1` -> `2001:db8:0:0:5/80`. It is a map key; the IPv6 form is not valid CIDR notation.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html
 */
export function delegatedBlock(canonical: string): string {
  const dot = canonical.lastIndexOf('.');
  if (dot >= 0 && !canonical.includes(':')) {
    return `${canonical.slice(0, dot)}.${Number(canonical.slice(dot + 1)) & 0xf0}/28`;
  }
  return `${groupsOf(canonical).slice(0, 5).join(':')}/80`;
}

/**
 * The key of a delegated prefix as EC2 prints it (`10.0.1.16/28`, `2001:db8::/80`), as `delegatedBlock` gives it;
 * undefined for any other prefix length.
 */
export function blockOfPrefix(prefix: string): string | undefined {
  const slash = prefix.indexOf('/');
  const address = canonicalAddress(prefix.slice(0, Math.max(slash, 0)));
  if (address === undefined) return undefined;
  return prefix.slice(slash + 1) === (isIPv4(address) ? '28' : '80') ? delegatedBlock(address) : undefined;
}

/** The eight groups of a canonical IPv6 address. */
function groupsOf(canonical: string): readonly string[] {
  const gap = canonical.indexOf('::');
  if (gap < 0) return canonical.split(':');
  const head = canonical.slice(0, gap).split(':').filter(Boolean);
  const tail = canonical
    .slice(gap + 2)
    .split(':')
    .filter(Boolean);
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail];
}

const PRIVATE_RANGES = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE_RANGES.addSubnet(network, prefix, 'ipv4');
}

/**
 * Whether a VPC may assign this IPv4 address: RFC 1918, and the shared address space of RFC 6598, which EKS custom
 * networking uses. False for IPv6 and for text that is not an address.
 */
export const isPrivateIPv4 = (ip: string): boolean => isIPv4(ip) && PRIVATE_RANGES.check(ip, 'ipv4');
