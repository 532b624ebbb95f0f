import type { AttributeValue, ClientMetadata } from '../../model/dns-event.ts';
import { isServer } from '../../util/ip-address.ts';

/** The values of the `{/label}` placeholders of a line, by use. */
export type Metadata = {
  readonly upstream: string | undefined;
  /** False where the upstream is not a server, such as masked text; it is then left out. */
  readonly isUpstreamValid: boolean;
  readonly clientMetadata: ClientMetadata | undefined;
  readonly extra: readonly (readonly [name: string, value: AttributeValue])[];
};

const CLIENT_LABEL = 'kubernetes/client-label/';

/**
 * The attribute that a label becomes: `log/type` -> `coredns.metadata.log.type`, `kubernetes/client-label/app` ->
 * `k8s.pod.label.app`. Labels with a use of their own, such as `forward/upstream`, have none.
 */
export function metadataAttribute(label: string): string | undefined {
  if (label.startsWith(CLIENT_LABEL)) return `k8s.pod.label.${label.slice(CLIENT_LABEL.length)}`;
  return USED_LABELS.has(label) ? undefined : `coredns.metadata.${label.replaceAll('/', '.')}`;
}

const USED_LABELS: ReadonlySet<string> = new Set([
  'kubernetes/client-namespace',
  'kubernetes/client-pod-name',
  'forward/upstream',
]);

/**
 * Sorts metadata values: the pod of the client, the upstream server, and attributes for all other labels
 * (`{/log/type}` -> `coredns.metadata.log.type`). CoreDNS prints `-` or nothing for a missing value. An attribute has
 * one value, so if a label occurs twice, its first value is kept.
 * https://coredns.io/plugins/metadata/
 */
export function readMetadata(values: readonly (readonly [label: string, value: string])[]): Metadata {
  let namespace: string | undefined;
  let pod: string | undefined;
  let upstream: string | undefined;
  let labels: Map<string, string> | undefined;
  const extra: (readonly [string, AttributeValue])[] = [];
  for (const [label, value] of values) {
    if (value === '' || value === '-') continue;
    if (label === 'kubernetes/client-namespace') namespace = value;
    else if (label === 'kubernetes/client-pod-name') pod = value;
    else if (label === 'forward/upstream') upstream = value;
    else if (label.startsWith(CLIENT_LABEL)) {
      labels ??= new Map();
      labels.set(label.slice(CLIENT_LABEL.length), value);
    } else {
      const name = metadataAttribute(label);
      if (name !== undefined && !extra.some(([other]) => other === name)) extra.push([name, value]);
    }
  }
  const hasClient = namespace !== undefined || pod !== undefined || labels !== undefined;
  const isUpstreamValid = upstream === undefined || isServer(upstream);
  return {
    upstream: isUpstreamValid ? upstream : undefined,
    isUpstreamValid,
    clientMetadata: hasClient ? { namespace, pod, labels } : undefined,
    extra,
  };
}
