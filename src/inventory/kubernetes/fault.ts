// Causes of failed requests to a cluster and their remedies. The texts are logged, so they contain no secrets.

import type { ClusterSetting } from '../../core/model/settings.ts';
import { describeError } from '../describe-error.ts';
import { isRoleFault } from '../role-credentials.ts';
import { statusOf } from './api.ts';

/** Node's codes for a rejected certificate. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const UNTRUSTED = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const UNREACHABLE = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'ETIMEDOUT']);

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';

/** Whether the endpoint's certificate is not signed by the cluster's CA. */
const isUntrusted = (error: unknown): boolean => UNTRUSTED.has(codeOf(error));

/** Whether the cluster may have been re-created: a new one has another endpoint, CA and access entries. */
export const mayHaveMoved = (error: unknown): boolean =>
  isUntrusted(error) || UNREACHABLE.has(codeOf(error)) || statusOf(error) === 401;

/**
 * Cause and remedy as one line:
 * `pods: 403, bind the role's group (scripts/kubernetes/rbac.yaml): pods is forbidden: User ... cannot list ...`
 */
export function reasonOf(
  error: unknown,
  part: string,
  { name, roleArn }: Pick<ClusterSetting, 'name' | 'roleArn'>,
  isAborted: boolean,
): string {
  const status = statusOf(error);
  const text = describeError(error);
  // Also after the connection: a new token needs valid credentials.
  if (isRoleFault(error)) return `${error.message.slice(0, 300)} (eks-dns lookup-role prints the policies)`;
  if (part === 'connection') {
    const calls = roleArn === undefined ? 'EKS DescribeCluster' : 'STS AssumeRole or EKS DescribeCluster';
    return isAborted ? `${calls} did not answer in time` : `EKS DescribeCluster: ${text}`;
  }
  if (status === 401)
    return `${part}: 401, ${roleArn ?? "the function's role"} has no access entry in cluster ${name}`;
  if (status === 403) return `${part}: 403, bind the role's group (scripts/kubernetes/rbac.yaml): ${text}`;
  if (status !== undefined) return `${part}: ${status} ${text}`;
  if (isUntrusted(error)) return `${part}: the certificate is not signed by the cluster's CA (${text})`;
  if (isAborted || UNREACHABLE.has(codeOf(error))) {
    const cause = isAborted ? 'no answer in time' : text;
    return `${part}: ${cause}; a private endpoint needs the function in its VPC and port 443 open to it`;
  }
  return `${part}: ${text}`;
}
