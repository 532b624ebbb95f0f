// Why a cluster did not answer, and what to do about it; the text goes to logs, so it carries no secret.
import { describeError } from '../describe-error.ts';
import { statusOf } from './api.ts';

/** Codes with which Node refuses a certificate. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
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

/** True when the endpoint's certificate is not signed by the cluster's CA. */
const isUntrusted = (error: unknown): boolean => UNTRUSTED.has(codeOf(error));

/** True when the cluster may be elsewhere by now: re-created ones have another endpoint, CA and access entry. */
export const mayHaveMoved = (error: unknown): boolean =>
  isUntrusted(error) || UNREACHABLE.has(codeOf(error)) || statusOf(error) === 401;

/** `pods: 403, bind the role's group (scripts/kubernetes/rbac.yaml): pods is forbidden: User ... cannot list ...`. */
export function reasonOf(error: unknown, part: string, clusterName: string, isAborted: boolean): string {
  const status = statusOf(error);
  const text = describeError(error);
  if (part === 'connection') {
    return isAborted ? 'EKS DescribeCluster did not answer in time' : `EKS DescribeCluster: ${text}`;
  }
  if (status === 401)
    return `${part}: 401, the function's role has no access entry in cluster ${clusterName}`;
  if (status === 403) return `${part}: 403, bind the role's group (scripts/kubernetes/rbac.yaml): ${text}`;
  if (status !== undefined) return `${part}: ${status} ${text}`;
  if (isUntrusted(error)) return `${part}: the certificate is not signed by the cluster's CA (${text})`;
  if (isAborted || UNREACHABLE.has(codeOf(error))) {
    const what = isAborted ? 'no answer in time' : text;
    return `${part}: ${what}; a private endpoint needs the function in its VPC and port 443 open to it`;
  }
  return `${part}: ${text}`;
}
