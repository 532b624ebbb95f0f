// Which server blocks answer which queries, by their addresses: `dns://cluster.local:53`.
import type { Block, Corefile } from './parse.ts';

/** A reference to an environment variable, which CoreDNS fills in: `{$PORT}`, `{%PORT%}`. Bounded, so that it is linear. */
const ENVIRONMENT = /\{\$[^{}]{1,200}\}|\{%[^{}%]{1,200}%\}/g;

/** Whether CoreDNS fills in environment variables in a text. */
export const usesEnvironment = (text: string): boolean => withoutEnvironment(text) !== text;

/** The text without its references to environment variables. */
export const withoutEnvironment = (text: string): string => text.replaceAll(ENVIRONMENT, '');

/**
 * The zone of an address: `.` for `dns://.:53`, `cluster.local` for `cluster.local:53`; CIDR ranges are unchanged.
 * Undefined if it depends on an environment variable: `{$ZONE}:53`.
 * https://github.com/coredns/coredns/blob/master/plugin/normalize.go
 */
export function zoneOf(key: string): string | undefined {
  const address = key.replace(/^(?:tls|dns|quic|grpc|https3?|unix):\/\//, '');
  const colon = address.lastIndexOf(':');
  const port = address.slice(colon + 1);
  const hasPort = colon !== -1 && /^[+-]?\d*$/.test(withoutEnvironment(port));
  const host = hasPort ? address.slice(0, colon) : address;
  return usesEnvironment(host) ? undefined : nameOf(host);
}

/** A domain name in lower case and without its final dot: `.`, `cluster.local`. */
export function nameOf(text: string): string {
  const name = text.replace(/\.$/, '').toLowerCase();
  return name === '' ? '.' : name;
}

/** Whether a name is in a zone. */
export const isWithin = (name: string, zone: string): boolean =>
  zone === '.' || name === zone || name.endsWith(`.${zone}`);

/**
 * A zone that nobody queries, because CoreDNS takes a forgotten space for a part of the name: `corp.example:53{`,
 * `a:53,b`.
 */
const isMistyped = (zone: string | undefined): boolean =>
  zone !== undefined && !zone.includes('/') && /[{},:"()]/.test(zone);

/** The addresses of a block that nobody queries. */
export const mistypedKeys = ({ keys }: Block): readonly string[] =>
  keys.filter((key) => isMistyped(zoneOf(key)));

/** The zones of a block, without mistyped ones. */
export const zonesOf = ({ keys }: Block): readonly (string | undefined)[] =>
  keys.map(zoneOf).filter((zone) => !isMistyped(zone));

/** Plugins that set up a server and take no part in answering. */
const WITHOUT_ANSWERS = new Set(
  'bind debug grpc_server health https https3 multisocket on pprof quic ready reload root timeouts tls'.split(
    ' ',
  ),
);

/**
 * Whether a block passes queries to plugins. One that does not is REFUSED all its queries and logs none of them; a log
 * directive would turn REFUSED to SERVFAIL.
 */
export const hasAnswers = ({ directives }: Block): boolean =>
  directives.some(({ name }) => !WITHOUT_ANSWERS.has(name));

/** Cluster zones: the zones of `kubernetes` plugins, without reverse zones, and `cluster.local`. */
function clusterZones({ blocks }: Corefile): ReadonlySet<string> {
  const zones = blocks.flatMap((block) =>
    block.directives
      .filter(({ name }) => name === 'kubernetes')
      // Without arguments, the zones of the block.
      .flatMap(({ args }) => (args.length === 0 ? block.keys : args.map(({ text }) => text)).map(zoneOf)),
  );
  const isForward = (zone: string | undefined): zone is string =>
    zone !== undefined && !zone.endsWith('.arpa') && !zone.includes('/');
  return new Set(['cluster.local', ...zones.filter(isForward)]);
}

/** Server blocks of the root zone and of cluster zones: those that every pod queries. */
export function podBlocks(corefile: Corefile): readonly Block[] {
  const ownZones = clusterZones(corefile);
  return corefile.blocks.filter((block) =>
    zonesOf(block).some((zone) => zone !== undefined && (zone === '.' || ownZones.has(zone))),
  );
}
