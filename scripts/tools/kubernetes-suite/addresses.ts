// Addresses of the nodes' pods, as the VPC CNI hands them out: a released address is used again after its cooldown.

/** The cooldown of the VPC CNI. */
const COOLDOWN_MS = 30_000;

/** The addresses of a dual-stack pod, the IPv4 one first. */
export type Addresses = readonly [v4: string, v6: string];

/** The addresses of one node. */
export type AddressPool = {
  /** The address that was released last of those whose cooldown is over: the worst case. Undefined when there is none. */
  readonly take: (nowMs: number) => Addresses | undefined;
  readonly release: (addresses: Addresses, sinceMs: number) => void;
};

/** A pool of `size` addresses in a network of its own. */
export function createAddressPool(network: number, size: number): AddressPool {
  const addressOf = (host: number): Addresses => [
    `10.${network >> 8}.${network & 255}.${host}`,
    `fd00:${network.toString(16)}::${host.toString(16)}`,
  ];
  const free = Array.from({ length: size }, (_, host) => ({ addresses: addressOf(host + 2), sinceMs: 0 }));
  return {
    take: (nowMs) => {
      const index = free.findLastIndex(({ sinceMs }) => nowMs - sinceMs >= COOLDOWN_MS);
      return index < 0 ? undefined : free.splice(index, 1)[0]?.addresses;
    },
    release: (addresses, sinceMs) => {
      free.push({ addresses, sinceMs });
    },
  };
}
