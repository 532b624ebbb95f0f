// The bearer token of an EKS cluster: a presigned STS `GetCallerIdentity`, made here; STS itself is not asked.
//   k8s-aws-v1.aHR0cHM6Ly9zdHMuZXUtd2VzdC0xLmFtYXpvbmF3cy5jb20vP0FjdGlvbj1HZXRDYWxsZXJJZGVudGl0eSZ...
// https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go

/** EKS takes a token for 15 minutes after its signature. */
const LIFETIME_MS = 14 * 60_000;

/** AWS credentials, as every AWS client resolves them. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** What a token is signed with and for. */
export type TokenOptions = {
  readonly clusterName: string;
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
  readonly nowMs: () => number;
};

/** Answers with a token, a new one when the last is about to expire or was refused. */
export function createTokenSource(options: TokenOptions): (isRefused: boolean) => Promise<string> {
  let current: { readonly token: Promise<string>; readonly untilMs: number } | undefined;
  return async (isRefused) => {
    const nowMs = options.nowMs();
    if (isRefused || current === undefined || nowMs >= current.untilMs) {
      const signed = sign(options, nowMs);
      current = { token: signed, untilMs: nowMs + LIFETIME_MS };
      // A failure to sign is the caller's to see, and not to be kept.
      signed.catch(() => {
        current = undefined;
      });
    }
    return current.token;
  };
}

async function sign(options: TokenOptions, nowMs: number): Promise<string> {
  const [{ SignatureV4 }, { Sha256 }, credentials] = await Promise.all([
    import('@smithy/signature-v4'),
    import('@aws-crypto/sha256-js'),
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
    // What STS and EKS go by is the date; older authenticators insist on this value.
    { expiresIn: 60, signingDate: new Date(nowMs) },
  );
  const text = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${text.join('&')}`).toString('base64url')}`;
}

/** DNS suffixes of the partitions other than the commercial one, by the start of their regions' names. */
const SUFFIXES = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov'],
] as const;

/** The regional STS host; EKS refuses tokens for hosts that it does not know. */
function stsHost(region: string): string {
  const suffix = SUFFIXES.find(([start]) => region.startsWith(start))?.[1] ?? 'amazonaws.com';
  return `sts.${region}.${suffix}`;
}
