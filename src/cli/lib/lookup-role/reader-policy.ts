// The policy of a bucket into which readers of other accounts write the snapshots of their clusters.
import { arnParts } from '../aws/arn.ts';
import { commandLine } from '../shell.ts';

/** Where the snapshots are: `prefix` as in the setting `STATE_PREFIX`, with or without a slash at its end. */
export type SnapshotPlace = { readonly bucket: string; readonly prefix: string };

/** What the bucket needs, and the shell command that sets it, to be run with credentials of its account. */
export type ReaderPolicy = {
  readonly bucket: string;
  readonly bucketPolicy: object;
  readonly command: string;
};

const ROLE = /^arn:aws[a-z-]{0,20}:iam::\d{12}:role\/[\w+=.@/-]{1,512}$/;

/** Whether a text is the ARN of a role: `arn:aws:iam::444455556666:role/reader`. */
export const isRoleArn = (text: string): boolean => ROLE.test(text);

/**
 * The policy that lets each of these roles read and write the snapshots of its own account, and no other. It begins with
 * the statement of the bucket that the template makes: a bucket has one policy, and setting it replaces the former.
 */
export function readerPolicy(roleArns: readonly string[], { bucket, prefix }: SnapshotPlace): ReaderPolicy {
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const byAccount = new Map<string, string[]>();
  for (const roleArn of new Set(roleArns)) {
    const { accountId } = arnParts(roleArn);
    byAccount.set(accountId, [...(byAccount.get(accountId) ?? []), roleArn]);
  }
  const { partition } = arnParts(roleArns[0] ?? '');
  const arn = `arn:${partition}:s3:::${bucket}`;
  const tlsOnly = {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const statements = [...byAccount].flatMap(([accountId, roles]) => [
    {
      Sid: `Reader${accountId}`,
      Effect: 'Allow',
      Principal: { AWS: roles },
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: `${arn}/${folder}${accountId}/*`,
    },
    {
      // Without it, a snapshot that does not exist cannot be told from one that is denied.
      Sid: `List${accountId}`,
      Effect: 'Allow',
      Principal: { AWS: roles },
      Action: 's3:ListBucket',
      Resource: arn,
      Condition: { StringLike: { 's3:prefix': `${folder}${accountId}/*` } },
    },
  ]);
  const bucketPolicy = { Version: '2012-10-17', Statement: [tlsOnly, ...statements] };
  const command = commandLine(['aws', 's3api', 'put-bucket-policy'], {
    bucket,
    policy: JSON.stringify(bucketPolicy),
  });
  return { bucket, bucketPolicy, command };
}
