// The Kubernetes API of an EKS cluster, asked with the caller's own AWS identity, as `aws eks get-token` would.
import { request } from 'node:https';
import { describeCluster } from '../../../inventory/kubernetes/eks.ts';
import { createTokenSource } from '../../../inventory/kubernetes/token.ts';
import { fail } from '../../terminal.ts';

/** One request: `api('GET', '/api/v1/namespaces/kube-system/configmaps/coredns')`. */
export type ClusterApi = (method: string, path: string, body?: object) => Promise<Answer>;

/** Status and JSON body of an answer, whatever the status. */
export type Answer = { readonly status: number; readonly body: unknown };

const TIMEOUT_MS = 15_000;

/** Opens a cluster's API by name. */
export async function openCluster(name: string, region: string | undefined): Promise<ClusterApi> {
  const cluster = await describeCluster(name, region, AbortSignal.timeout(TIMEOUT_MS));
  const token = createTokenSource({
    clusterName: name,
    region: cluster.region,
    credentials: cluster.credentials,
    nowMs: Date.now,
  });
  return async (method, path, body) => {
    const answer = await send(cluster, await token(false), { method, path, body });
    if (answer.status === 401)
      throw fail(
        `cluster "${name}" does not know you: your AWS identity has no access entry there`,
        `aws eks create-access-entry and associate-access-policy for your role, or work with kubectl (see the README)`,
      );
    return answer;
  };
}

type Ask = { readonly method: string; readonly path: string; readonly body: object | undefined };

async function send(
  cluster: { readonly endpoint: string; readonly ca: string },
  token: string,
  { method, path, body }: Ask,
): Promise<Answer> {
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const options = { method, headers, ca: cluster.ca, signal: AbortSignal.timeout(TIMEOUT_MS), agent: false };
  try {
    return await new Promise((resolve, reject) => {
      request(new URL(path, cluster.endpoint), options, async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) });
        } catch (error) {
          reject(error);
        }
      })
        .on('error', reject)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
  } catch (error) {
    throw fail(
      `the Kubernetes API at ${cluster.endpoint} cannot be reached: ${error instanceof Error ? error.message : error}`,
      'run this where kubectl works for the cluster (VPN, bastion), if its endpoint is private',
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
