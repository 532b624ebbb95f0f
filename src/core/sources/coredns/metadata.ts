import type { AttributeValue, ClientMetadata } from '../../model/dns-event.ts';

/** The values of the `{/label}` placeholders of a line, by use. */
export type Metadata = {
  readonly upstream: string | undefined;
  readonly clientMetadata: ClientMetadata | undefined;
  readonly extra: readonly (readonly [name: string, value: AttributeValue])[];
};

const CLIENT_LABEL = 'kubernetes/client-label/';

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
      const name = `coredns.metadata.${label.replaceAll('/', '.')}`;
      if (!extra.some(([other]) => other === name)) extra.push([name, value]);
    }
  }
  const hasClient = namespace !== undefined || pod !== undefined || labels !== undefined;
  return { upstream, clientMetadata: hasClient ? { namespace, pod, labels } : undefined, extra };
}
