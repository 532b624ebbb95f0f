// What counts as an address and as a port in a log. Data protection of CloudWatch Logs masks addresses (`***********`),
// and text of others can be anything.
import { isIP, isIPv6 } from 'node:net';

/** Highest port number. */
export const MAX_PORT = 65_535;

/** Name or number of a network interface; Linux limits names to 15 characters. */
const ZONE = /^[0-9A-Za-z._-]{1,15}$/;

/**
 * Whether text is an IP address without brackets and port: `10.0.1.23`, `fd00::1`, `::ffff:10.0.0.1`, `fe80::1%eth0`.
 * False for `10.0.1.999`, `010.0.0.1` and masked text.
 */
export function isAddress(text: string): boolean {
  const percent = text.indexOf('%');
  if (percent < 0) return isIP(text) !== 0;
  return isIPv6(text.slice(0, percent)) && ZONE.test(text.slice(percent + 1));
}

/** A port as a number or as decimal text; undefined for anything else. */
export function portOf(value: unknown): number | undefined {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= MAX_PORT
    ? port
    : undefined;
}

/** Removes the brackets around an IPv6 address. */
export const withoutBrackets = (text: string): string =>
  text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;

// Neither alternative can match what the other does, so the search does not backtrack.
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:[\]]+):([^:]*)$/;

/**
 * Splits `10.0.1.23:40212`, `[fd00::1]:40212` or `***********:40212`; the host keeps its brackets. Undefined for text
 * without a port, such as `fd00::1`.
 */
export function splitHostAndPort(text: string): { readonly host: string; readonly port: string } | undefined {
  const [, host, port] = HOST_AND_PORT.exec(text) ?? [];
  return host === undefined || port === undefined ? undefined : { host, port };
}

const HOST_NAME = /^[A-Za-z0-9._-]+$/;
const LETTER = /[A-Za-z]/;

/** Whether text names a server: an address or the name of a host, with or without a port. */
export function isServer(text: string): boolean {
  const { host, port } = splitHostAndPort(text) ?? { host: text, port: undefined };
  if (port !== undefined && portOf(port) === undefined) return false;
  return isAddress(withoutBrackets(host)) || (HOST_NAME.test(host) && LETTER.test(host));
}
