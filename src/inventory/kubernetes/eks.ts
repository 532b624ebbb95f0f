// Endpoint and identity of a cluster from EKS. The EKS client also resolves the credentials, so that a token needs no
// other AWS client.
import { awsOptions, limitAnswers } from '../aws.ts';
import type { Credentials, RoleCredentials } from '../role-credentials.ts';

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

/** The cluster to describe. */
export type EksClusterOptions = {
  readonly name: string;
  /** Undefined = the region of the environment. */
  readonly region: string | undefined;
  /** Where it is known, EKS must return this one. */
  readonly arn?: string | undefined;
  /** Undefined = the credentials of the environment. */
  readonly credentials?: RoleCredentials | undefined;
};

/** Limit for the answer, which has some kilobytes. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Calls `DescribeCluster` with a client for this one call.
 * Rejects with the client's error, with a `RoleFault`, or when the cluster has no endpoint yet.
 */
export async function describeCluster(
  { name, region, arn, credentials }: EksClusterOptions,
  signal: AbortSignal,
): Promise<EksCluster> {
  const { DescribeClusterCommand, EKSClient } = await import('@aws-sdk/client-eks');
  const client = limitAnswers(new EKSClient(awsOptions(region, credentials)), MAX_ANSWER_BYTES);
  try {
    const { cluster } = await client.send(new DescribeClusterCommand({ name }), { abortSignal: signal });
    const ca = cluster?.certificateAuthority?.data;
    if (!cluster?.endpoint || !ca)
      throw new Error(`the cluster is ${cluster?.status ?? 'unknown'}: no endpoint yet`);
    // The ARN is the cluster's identity: under it, no pods of another cluster of that name may be found.
    if (arn !== undefined && cluster.arn !== arn) throw new Error(`EKS returned ${cluster.arn}, not ${arn}`);
    // arn:aws:eks:eu-west-1:111122223333:cluster/prod
    const [, , , arnRegion, accountId] = cluster.arn?.split(':') ?? [];
    return {
      endpoint: cluster.endpoint,
      ca: Buffer.from(ca, 'base64').toString(),
      arn: cluster.arn,
      vpcId: cluster.resourcesVpcConfig?.vpcId,
      region: arnRegion || (await client.config.region()),
      accountId: accountId || undefined,
      credentials: credentials ?? (async () => client.config.credentials()),
    };
  } finally {
    client.destroy();
  }
}
