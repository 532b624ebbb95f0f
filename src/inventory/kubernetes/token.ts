// The bearer token of an EKS cluster: a presigned STS `GetCallerIdentity` request, signed here without a call to STS.
//   k8s-aws-v1.aHR0cHM6Ly9zdHMuZXUtd2VzdC0xLmFtYXpvbmF3cy5jb20vP0FjdGlvbj1HZXRDYWxsZXJJZGVudGl0eSZ...
// https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import type { Credentials } from '../role-credentials.ts';

/** EKS accepts a token for 15 minutes after its signature. */
const LIFETIME_MS = 14 * 60_000;

/** Cluster, signing key and clock of a token. */
export type TokenOptions = {
  readonly clusterName: string;
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  readonly nowMs: () => number;
};

/**
 * Returns a function that resolves to a token: a new one when the last is about to expire or was refused. It rejects
 * with the error of `credentials`.
 */
export function createTokenSource(options: TokenOptions): (isRefused: boolean) => Promise<string> {
  let current: { readonly token: Promise<string>; readonly untilMs: number } | undefined;
  return async (isRefused) => {
    const nowMs = options.nowMs();
    if (isRefused || current === undefined || nowMs >= current.untilMs) {
      const signed = sign(options, nowMs);
      current = { token: signed, untilMs: nowMs + LIFETIME_MS };
      // The caller handles the error; the failed promise is not kept as a token.
      signed.catch(() => {
        current = undefined;
      });
    }
    return current.token;
  };
}

type Bytes = string | ArrayBuffer | ArrayBufferView;

/** SHA-256, or HMAC-SHA-256 with a secret, in the form that `SignatureV4` takes. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: Bytes) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', viewOf(secret));
  }

  update(data: Bytes): void {
    this.#hash.update(viewOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

const viewOf = (data: Bytes): string | Uint8Array => {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
};

async function sign(options: TokenOptions, nowMs: number): Promise<string> {
  const [{ SignatureV4 }, credentials] = await Promise.all([
    import('@smithy/signature-v4'),
    options.credentials(),
  ]);
  const hostname = stsHost(options.region);
  const signer = new SignatureV4({ service: 'sts', region: options.region, sha256: Sha256, credentials });
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: hostname, 'x-k8s-aws-id': options.clusterName },
    },
    // STS and EKS check the signing date only; older authenticators require this expiry.
    { expiresIn: 60, signingDate: new Date(nowMs) },
  );
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${text.join('&')}`).toString('base64url')}`;
}

/** DNS suffixes of the non-commercial partitions by region prefix. */
const SUFFIXES = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov'],
] as const;

/** The regional STS host: EKS refuses tokens for other hosts. */
function stsHost(region: string): string {
  const suffix = SUFFIXES.find(([start]) => region.startsWith(start))?.[1] ?? 'amazonaws.com';
  return `sts.${region}.${suffix}`;
}
