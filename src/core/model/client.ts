import type { Attribution, Cluster, Instance, Pod, Workload } from './directory.ts';

/** Printed as `dns.client.kind`; design section 4 says when which. */
export type ClientKind = 'pod' | 'coredns' | 'node' | 'instance' | 'endpoint' | 'external' | 'unknown';

/**
 * Who asked, as far as known. The same object is returned for the same answer within a batch, so that its text can be
 * memoised by identity.
 */
export type Client = {
  readonly kind: ClientKind;
  readonly attribution: Attribution;
  readonly cluster: Cluster | undefined;
  /** The directory's pod. Absent when only CoreDNS named it: then `namespace`, `podName` are set alone. */
  readonly pod: Pod | undefined;
  readonly namespace: string | undefined;
  readonly podName: string | undefined;
  readonly workload: Workload | undefined;
  /** Pod labels that CoreDNS logged (`{/kubernetes/client-label/<key>}`). */
  readonly loggedLabels: readonly (readonly [string, string])[];
  readonly nodeName: string | undefined;
  readonly instanceId: string | undefined;
  readonly instance: Instance | undefined;
};

/** The CoreDNS that answered (CoreDNS records) or asked (Resolver records); printed as `dns.resolver.*`. */
export type Resolver = {
  readonly ip: string | undefined;
  readonly pod: string | undefined;
  readonly instanceId: string | undefined;
};

/** What records say of a client as bytes, in two parts: what they say of the log comes between them. */
export type ClientText = {
  readonly client: Client;
  /** In how many JSON strings it stands. */
  readonly depth: 1 | 2;
  /** As the record logged it. */
  readonly vpcId: string | undefined;
  readonly who: Uint8Array;
  readonly where: Uint8Array;
  /** A value was cut: annotations may be longer than attributes. */
  readonly isCut: boolean;
};

/** Where the record writer leaves what it wrote last for an address: a Map costs every event three cache misses more. */
export type AddressNote = { clientText: ClientText | undefined };

/** What the directory adds to an event. */
export type AttributionResult = {
  readonly client: Client;
  /** Absent where an address tells nothing about who asks. */
  readonly note: AddressNote | undefined;
  readonly resolver: Resolver | undefined;
  /** A pod that is no CoreDNS asked the VPC resolver itself. */
  readonly bypassesCoreDns: boolean;
};
