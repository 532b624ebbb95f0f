// Credentials of a role that reads clusters and instances of another account, from STS `AssumeRole`.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
import { awsOptions, limitAnswers } from './aws.ts';
import { describeError } from './describe-error.ts';

/** AWS credentials as every AWS client resolves them. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
};

/** Resolves to credentials that are valid for some minutes at least. Rejects with a `RoleFault`. */
export type RoleCredentials = () => Promise<Credentials>;

/** A role to assume. */
export type RoleOptions = {
  readonly roleArn: string;
  /** What the role's trust policy may ask for, as `sts:ExternalId`. */
  readonly externalId: string | undefined;
  /** The function's own region, whose STS is called: only that one is reachable by a VPC endpoint. */
  readonly region: string | undefined;
  readonly nowMs: () => number;
  /** Aborted at the end of the invocation, with every request that it started. */
  readonly signal: () => AbortSignal;
};

/** Limit for the answer, which has about 2 kB. */
const MAX_ANSWER_BYTES = 256 * 1024;

/** Names the session in CloudTrail of the other account. */
const SESSION_NAME = 'eks-dns-firehose';

/** Credentials are renewed this long before they expire: a request that is signed with them takes a while. */
const RENEW_BEFORE_MS = 5 * 60_000;

/** A role that could not be assumed. The message names the role and the cause. */
export type RoleFault = Error & { readonly roleArn: string };

/** Whether an error says that a role could not be assumed. */
export const isRoleFault = (error: unknown): error is RoleFault =>
  typeof error === 'object' && error !== null && 'roleArn' in error;

/**
 * Credentials of a role, assumed with the function's own credentials when they are first needed and renewed before they
 * expire.
 */
export function createRoleCredentials(options: RoleOptions): RoleCredentials {
  let current: { readonly credentials: Promise<Credentials>; untilMs: number } | undefined;
  return async () => {
    if (current === undefined || options.nowMs() >= current.untilMs) {
      const assumed = { credentials: assumeRole(options), untilMs: Number.POSITIVE_INFINITY };
      current = assumed;
      assumed.credentials.then(
        ({ expiration }) => {
          if (expiration) assumed.untilMs = expiration.getTime() - RENEW_BEFORE_MS;
        },
        () => {
          // The callers handle the error; the failed promise is not kept.
          if (current === assumed) current = undefined;
        },
      );
    }
    return current.credentials;
  };
}

async function assumeRole({ roleArn, externalId, region, signal }: RoleOptions): Promise<Credentials> {
  // Loaded on demand: the import takes as long as a request.
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  const client = limitAnswers(new STSClient(awsOptions(region)), MAX_ANSWER_BYTES);
  try {
    const { Credentials: found } = await client.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: SESSION_NAME,
        ...(externalId === undefined ? {} : { ExternalId: externalId }),
      }),
      { abortSignal: signal() },
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = found ?? {};
    if (!AccessKeyId || !SecretAccessKey) throw new Error('STS returned no credentials');
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  } catch (error) {
    throw Object.assign(new Error(`AssumeRole ${roleArn}: ${describeError(error)}`), { roleArn });
  } finally {
    client.destroy();
  }
}
