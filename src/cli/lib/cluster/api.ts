// Client of an EKS cluster's Kubernetes API. It authenticates with the caller's AWS identity, as `aws eks get-token`
// does.
import { describeError } from '../../../inventory/describe-error.ts';
import { readText } from '../../../inventory/kubernetes/body.ts';
import { describeCluster } from '../../../inventory/kubernetes/eks.ts';
import { sendRequest } from '../../../inventory/kubernetes/http.ts';
import { createTokenSource } from '../../../inventory/kubernetes/token.ts';
import { fail } from '../../terminal.ts';
import { parseJson } from '../io/json.ts';

/** One request: `api('GET', '/api/v1/namespaces/kube-system/configmaps/coredns')`. */
export type ClusterApi = (method: string, path: string, body?: object) => Promise<ApiResponse>;

/** Status and body of a response; the body is parsed if it is JSON. */
export type ApiResponse = { readonly status: number; readonly body: unknown };

const TIMEOUT_MS = 15_000;

/** Limit for an answer; a list of the deployments of kube-system has some hundred kilobytes. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Creates the API client of a cluster, by name. */
export async function openCluster(name: string, region: string | undefined): Promise<ClusterApi> {
  const cluster = await describeCluster({ name, region }, AbortSignal.timeout(TIMEOUT_MS));
  const token = createTokenSource({
    clusterName: name,
    region: cluster.region,
    credentials: cluster.credentials,
    nowMs: Date.now,
  });
  return async (method, path, body) => {
    const response = await send(cluster, await token(false), method, path, body);
    if (response.status === 401)
      throw fail(
        `cluster "${name}" rejected your AWS identity, which has no access entry there`,
        'give your role an access entry with an access policy in the cluster, or use kubectl (docs/deploy.md)',
      );
    return response;
  };
}

async function send(
  cluster: { readonly endpoint: string; readonly ca: string },
  token: string,
  method: string,
  path: string,
  body: object | undefined,
): Promise<ApiResponse> {
  try {
    const response = await sendRequest(
      { ...cluster, agent: false },
      {
        method,
        path,
        token,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' } }),
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
    );
    return { status: response.statusCode ?? 0, body: parseBody(await readText(response, MAX_BODY_BYTES)) };
  } catch (error) {
    throw fail(
      `the Kubernetes API at ${cluster.endpoint} cannot be reached: ${describeError(error, [token])}`,
      'if its endpoint is private, run this where kubectl can reach the cluster (VPN, bastion)',
    );
  }
}

function parseBody(body: string): unknown {
  return parseJson(body) ?? body;
}
