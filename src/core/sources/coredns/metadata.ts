import type { AttributeValue, ClientMetadata } from '../../model/dns-event.ts';

/** What `{/label}` values tell. */
export type Metadata = {
  readonly upstream: string | undefined;
  readonly clientMetadata: ClientMetadata | undefined;
  readonly extra: readonly (readonly [name: string, value: AttributeValue])[];
};

const CLIENT_LABEL = 'kubernetes/client-label/';

/**
 * Reads metadata values: the client's pod becomes a hint, the upstream a member of its own, everything else
 * `coredns.metadata.<label>` with dots for slashes (`{/log/type}` -> `coredns.metadata.log.type`).
 * `-` and empty mean that there was no value; of two with one name the first stays, since an attribute has one value.
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
      if (!extra.some(([known]) => known === name)) extra.push([name, value]);
    }
  }
  const hasHint = namespace !== undefined || pod !== undefined || labels !== undefined;
  return { upstream, clientMetadata: hasHint ? { namespace, pod, labels } : undefined, extra };
}
