// Addresses as map keys: one spelling per address, and the block that EC2 delegates to an interface.
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/**
 * One spelling per address: `2001:DB8:0::1%eth0` -> `2001:db8::1`, `::ffff:10.0.0.1` -> `10.0.0.1`.
 * Undefined for what is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  return address.startsWith('::ffff:') && isIPv4(address.slice(7)) ? address.slice(7) : address;
}

/**
 * The block that EC2 would have delegated an address in: `10.0.1.23` -> `10.0.1.16/28`,
 * `2001:db8::5:0:0:1` -> `2001:db8:0:0:5/80`; a key, not a CIDR to print.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html
 */
export function delegatedBlock(canonical: string): string {
  const dot = canonical.lastIndexOf('.');
  if (dot >= 0 && !canonical.includes(':')) {
    return `${canonical.slice(0, dot)}.${Number(canonical.slice(dot + 1)) & 0xf0}/28`;
  }
  return `${expanded(canonical).slice(0, 5).join(':')}/80`;
}

/** `10.0.1.16/28` or `2001:db8::/80` as EC2 prints a delegated prefix -> its key; undefined for other lengths. */
export function blockOfPrefix(prefix: string): string | undefined {
  const slash = prefix.indexOf('/');
  const address = canonicalAddress(prefix.slice(0, Math.max(slash, 0)));
  if (address === undefined) return undefined;
  return prefix.slice(slash + 1) === (isIPv4(address) ? '28' : '80') ? delegatedBlock(address) : undefined;
}

/** The eight groups of a canonical IPv6 address. */
function expanded(canonical: string): readonly string[] {
  const gap = canonical.indexOf('::');
  if (gap < 0) return canonical.split(':');
  const head = canonical.slice(0, gap).split(':').filter(Boolean);
  const tail = canonical
    .slice(gap + 2)
    .split(':')
    .filter(Boolean);
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail];
}
