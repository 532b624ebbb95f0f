// A CiliumNetworkPolicy per workload: the names that its pods may ask CoreDNS for, and connect to.
// https://docs.cilium.io/en/stable/security/policy/language/#dns-based
import { stringify } from 'yaml';
import type { Dialect, FoldedList } from './fold.ts';

// `*` stands for letters, digits, dashes and underscores, so for one label. `**.` for several exists from 1.19 on, and means
// one label before that: patterns name as many labels as they cover, which every version reads alike.
const NAME = /^[-a-z0-9_]{1,63}(?:\.[-a-z0-9_]{1,63})*$/;

/** What `matchName` and `matchPattern` of Cilium can hold. */
export const CILIUM: Dialect = {
  isWritable: (name) => name.length <= 253 && NAME.test(name),
  wildcard: (parent, depth) => `${'*.'.repeat(depth)}${parent}`,
  isPerDepth: true,
  coversUnwritable: false,
};

/** The policy of one workload. */
export type CiliumPolicy = {
  /** Of `workloadKey`. */
  readonly key: string;
  readonly cluster: string | undefined;
  readonly namespace: string;
  readonly kind: string;
  readonly workload: string;
  /** Label by which the policy selects the pods; `isAssumed`: no record has it, so the workload's name is taken. */
  readonly selector: { readonly key: string; readonly value: string; readonly isAssumed: boolean };
  /** Whether all records of the workload are only `inferred`. */
  readonly isInferred: boolean;
  /** Names that may be asked. */
  readonly dns: FoldedList;
  /** Names that may be connected to. */
  readonly fqdns: FoldedList;
};

const KUBERNETES_NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Whether a policy can be written: its names come from records, and become names of objects and files. */
export const isWritablePolicy = ({ namespace, kind, workload, selector }: CiliumPolicy): boolean =>
  [namespace, kind, workload].every((name) => KUBERNETES_NAME.test(name)) && LABEL_VALUE.test(selector.value);

const entryOf = (text: string): object => (text.includes('*') ? { matchPattern: text } : { matchName: text });

/**
 * The policy as YAML. Two rules besides the names: connections within the cluster stay as they are, because a DNS log does
 * not show them; but not to the DNS pods, since a rule without names beside the one with names would allow every query:
 * https://docs.cilium.io/en/stable/security/policy/layer7/
 */
export function policyYaml(policy: CiliumPolicy, about: string): string {
  const { namespace, kind, workload, selector, dns, fqdns } = policy;
  const namespaceLabel = 'k8s:io.kubernetes.pod.namespace';
  const ports = [{ port: '53', protocol: 'ANY' }];
  // An empty list of names would allow every name; nothing but CoreDNS answers for this one.
  const names = dns.entries.length > 0 ? dns.entries : ['cluster.local'];
  const dnsRule = {
    toEndpoints: [{ matchLabels: { [namespaceLabel]: 'kube-system', 'k8s:k8s-app': 'kube-dns' } }],
    toPorts: [{ ports, rules: { dns: names.map(entryOf) } }],
  };
  const insideRules = [
    {
      toEndpoints: [
        {
          matchExpressions: [
            { key: namespaceLabel, operator: 'Exists' },
            { key: 'k8s:k8s-app', operator: 'NotIn', values: ['kube-dns'] },
          ],
        },
      ],
    },
    { toEntities: ['host', 'remote-node', 'kube-apiserver'] },
  ];
  const document = {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: `dns-${kind}-${workload}`.slice(0, 253).replace(/[-.]+$/, ''), namespace },
    spec: {
      endpointSelector: { matchLabels: { [`k8s:${selector.key}`]: selector.value } },
      egress: [
        dnsRule,
        ...insideRules,
        ...(fqdns.entries.length > 0 ? [{ toFQDNs: fqdns.entries.map(entryOf) }] : []),
      ],
    },
  };
  return `# ${about}\n${stringify(document, { lineWidth: 0 })}`;
}
