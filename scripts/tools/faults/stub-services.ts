// A Kubernetes API, EKS and EC2 on loopback sockets, with an owner for every address in the synthetic traffic.
import { awsEnvironment, startAwsStub } from '../../../test/support/aws-stub.ts';
import { nodeObject, podObject } from '../../../test/support/kubernetes-objects.ts';
import { STUB_CA, startKubernetesStub } from '../../../test/support/kubernetes-stub.ts';
import type { Services } from './fault.ts';

/** The services that the function calls. */
export type StubServices = {
  readonly aws: Awaited<ReturnType<typeof startAwsStub>>;
  readonly kubernetes: Awaited<ReturnType<typeof startKubernetesStub>>;
  /** Deletes a pod and gives its address to a new one. */
  churn(): void;
} & Services;

const HOUR_MS = 3_600_000;
const VPC = 'vpc-0a1b2c3d4e5f60718';

/** The client addresses of `lines.ts`. */
const ADDRESSES = Array.from({ length: 2000 }, (_, i) => `10.0.${Math.floor(i / 250)}.${(i % 250) + 1}`);

const pod = (index: number, generation: number, startMs: number) =>
  podObject({
    name: `web-${index}-${generation}`,
    ips: [ADDRESSES[index % ADDRESSES.length] ?? ''],
    readyMs: startMs,
    startedMs: startMs,
    owner: { kind: 'ReplicaSet', name: 'web-5d4f6c7b89' },
  });

/** Starts the services; a function with the variables `env` finds an owner for every address. */
export async function startStubServices(): Promise<StubServices> {
  const [aws, kubernetes] = [await startAwsStub(), await startKubernetesStub()];
  aws.putCluster('shop', { endpoint: kubernetes.endpoint, ca: STUB_CA, vpcId: VPC });
  aws.putInstance({ id: 'i-0aaaaaaaaaaaaaaaa', vpcId: VPC, ips: ['10.0.0.1'] });
  const { cluster } = kubernetes;
  cluster.put('/api/v1/nodes', nodeObject('node-a', '10.0.200.1', 'i-0aaaaaaaaaaaaaaaa'));
  for (const index of ADDRESSES.keys()) cluster.put('/api/v1/pods', pod(index, 0, Date.now() - HOUR_MS));
  let changes = 0;
  return {
    aws,
    kubernetes,
    churn() {
      const [index, generation] = [changes % ADDRESSES.length, Math.floor(changes / ADDRESSES.length)];
      changes += 1;
      cluster.remove('/api/v1/pods', pod(index, generation, Date.now() - HOUR_MS), Date.now());
      cluster.put('/api/v1/pods', pod(index, generation + 1, Date.now()), Date.now());
    },
    env: {
      ...awsEnvironment(aws.url),
      CLUSTERS: 'shop',
      EC2_LOOKUP: 'on',
      LOOKUP_BUDGET_MS: '2000',
      REFRESH_SECONDS: '1',
      // The simulated group holds lines of CoreDNS and of Resolver.
      COREDNS_LOG_GROUPS: '/simulated/*',
      RESOLVER_LOG_GROUPS: '/simulated/*',
    },
    async close() {
      await Promise.all([aws.close(), kubernetes.close()]);
    },
  };
}
