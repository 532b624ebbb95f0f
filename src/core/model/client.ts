import type { Attribution, Cluster, Instance, Pod, Workload } from './directory.ts';

/** Printed as `dns.client.kind`; docs/architecture.md, "The record", defines each. */
export type ClientKind = 'pod' | 'coredns' | 'node' | 'instance' | 'endpoint' | 'external' | 'unknown';

/** The DNS client of an event, as far as known. */
export type Client = {
  readonly kind: ClientKind;
  readonly attribution: Attribution;
  readonly cluster: Cluster | undefined;
  /** The directory's pod. Absent when only CoreDNS named it: then `namespace` and `podName` are set alone. */
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

/** The CoreDNS pod that answered (CoreDNS records) or queried (Resolver records); printed as `dns.resolver.*`. */
export type Resolver = {
  readonly ip: string | undefined;
  readonly pod: string | undefined;
  readonly instanceId: string | undefined;
};

/** The attribution of one event: its client, and the CoreDNS pod between client and Route 53 Resolver. */
export type AttributionResult = {
  readonly client: Client;
  readonly resolver: Resolver | undefined;
  /** A pod other than CoreDNS queried the VPC resolver directly. */
  readonly bypassesCoreDns: boolean;
};
