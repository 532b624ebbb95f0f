// The cluster of the bench: pods, nodes and instances, and their addresses.
import { SERVICES, SPACES } from './query-names.ts';

/** Address of pod number `index`. */
export const podIp = (index: number): string => `10.42.${(index >> 8) & 255}.${index & 255}`;
/** Address of node number `index`. */
export const nodeIp = (index: number): string => `10.41.${(index >> 8) & 255}.${index & 255}`;
/** Instance of node number `index`. */
export const instanceId = (index: number): string => `i-0${index.toString(16).padStart(16, '0')}`;

/** Pods of CoreDNS. */
export const COREDNS_PODS = ['coredns-7d58d485c9-4xkqz', 'coredns-7d58d485c9-r9vtm'] as const;

/** The inventory of these pods and nodes (`DIRECTORY_FILE`). */
export function createInventory(
  pods: number,
  { nodes = 200, annotations }: { nodes?: number; annotations?: number | undefined } = {},
) {
  const zones = ['a', 'b', 'c'];
  return {
    clusters: [
      {
        name: 'bench',
        uid: '6a1f7f7e-2d0b-4f5e-9d55-0f3c8a4b7e21',
        arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/bench',
        vpcId: 'vpc-0be9c7d15a2f48360',
        region: 'eu-west-1',
        accountId: '111122223333',
      },
    ],
    nodes: Array.from({ length: nodes }, (_, i) => ({
      cluster: 'bench',
      name: nodeName(i),
      ips: [nodeIp(i)],
      instanceId: instanceId(i),
    })),
    pods: [
      ...Array.from({ length: pods }, (_, i) => benchPod(i, nodes, annotations)),
      ...COREDNS_PODS.map(coreDnsPod),
    ],
    instances: Array.from({ length: nodes }, (_, i) => ({
      id: instanceId(i),
      privateIps: [nodeIp(i)],
      privateDnsName: nodeName(i),
      type: 'm7g.xlarge',
      availabilityZone: `eu-west-1${zones[i % 3]}`,
      vpcId: 'vpc-0be9c7d15a2f48360',
      launchTime: '2026-11-20T05:00:00Z',
      tags: { 'eks:cluster-name': 'bench', 'eks:nodegroup-name': 'apps' },
    })),
  };
}

const nodeName = (index: number): string =>
  `ip-${nodeIp(index).replaceAll('.', '-')}.eu-west-1.compute.internal`;

const coreDnsPod = (name: string, index: number) => ({
  cluster: 'bench',
  namespace: 'kube-system',
  name,
  uid: `0b8e6a52-7a0c-4c6e-8a52-0e9be6a3f10${index}`,
  ips: [] as string[],
  startTime: '2026-11-20T05:30:00Z',
  owner: { kind: 'ReplicaSet', name: 'coredns-7d58d485c9' },
  labels: { 'k8s-app': 'kube-dns', 'pod-template-hash': '7d58d485c9' },
});

function benchPod(index: number, nodes: number, annotations: number | undefined) {
  const service = SERVICES[index % SERVICES.length] ?? '';
  const hash = (0x6c9f7b5 + (index % 64)).toString(16);
  return {
    cluster: 'bench',
    namespace: SPACES[index % SPACES.length] ?? '',
    name: `${service}-${hash}-${index.toString(36).padStart(5, 'x')}`,
    uid: `5c7f1a90-4f2a-4a1e-b0f7-${index.toString(16).padStart(12, '0')}`,
    ips: [podIp(index)],
    node: nodeName(index % nodes),
    phase: 'Running',
    startTime: '2026-11-20T06:00:00Z',
    owner: { kind: 'ReplicaSet', name: `${service}-${hash}` },
    labels: { 'pod-template-hash': hash },
    annotations: annotations === undefined ? annotationOf(index) : annotationsOf(index, annotations),
  };
}

const annotationOf = (index: number) =>
  index % 3 === 0 ? { 'metadata.dynatrace.com/dt.security_context': 'team-a' } : {};

/** Annotations with values of the pod's own. */
const annotationsOf = (index: number, count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `metadata.dynatrace.com/team.label${i}`,
      `value-${i}-of-${index}`,
    ]),
  );
