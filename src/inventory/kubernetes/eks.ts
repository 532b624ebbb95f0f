// Endpoint and identity of a cluster from EKS. The EKS client also resolves the credentials, so that a token needs no
// other AWS client.
import type { Credentials } from './token.ts';

/** Endpoint, trust anchor and identity of a cluster. */
export type EksCluster = {
  readonly endpoint: string;
  /** PEM. */
  readonly ca: string;
  readonly arn: string | undefined;
  readonly vpcId: string | undefined;
  readonly region: string;
  readonly accountId: string | undefined;
  readonly credentials: () => Promise<Credentials>;
};

/**
 * Calls `DescribeCluster` with a client for this one call. Retries are off, because the next invocation retries.
 * Rejects with the client's error, or when the cluster has no endpoint yet.
 */
export async function describeCluster(
  name: string,
  region: string | undefined,
  signal: AbortSignal,
): Promise<EksCluster> {
  const { DescribeClusterCommand, EKSClient } = await import('@aws-sdk/client-eks');
  const client = new EKSClient({ maxAttempts: 1, ...(region === undefined ? {} : { region }) });
  try {
    const { cluster } = await client.send(new DescribeClusterCommand({ name }), { abortSignal: signal });
    const ca = cluster?.certificateAuthority?.data;
    if (!cluster?.endpoint || !ca)
      throw new Error(`the cluster is ${cluster?.status ?? 'unknown'}: no endpoint yet`);
    // arn:aws:eks:eu-west-1:111122223333:cluster/prod
    const [, , , arnRegion, accountId] = cluster.arn?.split(':') ?? [];
    return {
      endpoint: cluster.endpoint,
      ca: Buffer.from(ca, 'base64').toString(),
      arn: cluster.arn,
      vpcId: cluster.resourcesVpcConfig?.vpcId,
      region: arnRegion || (await client.config.region()),
      accountId: accountId || undefined,
      credentials: async () => client.config.credentials(),
    };
  } finally {
    client.destroy();
  }
}
