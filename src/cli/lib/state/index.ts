// The memory that the copies of the function share: which snapshots are in the bucket, and how old they are.
import type { _Object, S3 } from '@aws-sdk/client-s3';
import { placeOfKey } from '../../../inventory/snapshot/identity.ts';
import { parseClusterList } from '../../../lambda/cluster-list.ts';
import { arnParts } from '../aws/arn.ts';
import type { Aws } from '../aws/clients.ts';
import type { Grant } from '../aws/command.ts';
import { attempt, type Check, missing, ok, warning } from '../doctor/check.ts';
import { commandLine, inSentence } from '../shell.ts';
import type { DnsFunction } from '../stream/function.ts';

/** IAM permission to list the snapshots. */
export const LIST_STATE_GRANT: Grant = { actions: ['s3:ListBucket'], on: 'arn:aws:s3:::*' };

/** A snapshot in the bucket. */
export type SnapshotAge = {
  /** `111122223333/eu-west-1/shop` */
  readonly cluster: string;
  /** Since it was written, seconds. */
  readonly ageSeconds: number;
};

/** The schedule writes each minute; the alarm is raised beyond this. */
const OLD_SECONDS = 300;

const TITLE = 'shared memory';

/** Lists the snapshots of a function; undefined where it has no bucket. Rejects with the fault of S3. */
export async function readSnapshotAges(
  aws: Aws,
  variables: DnsFunction['variables'],
  nowMs = Date.now(),
): Promise<readonly SnapshotAge[] | undefined> {
  const { STATE_BUCKET: bucket, STATE_PREFIX: prefix = '' } = variables;
  if (!bucket) return undefined;
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const objects = await objectsIn(await aws.s3(), bucket, folder);
  return objects.flatMap(({ Key = '', LastModified }) => {
    const place = placeOfKey(folder, Key);
    if (place === undefined || LastModified === undefined) return [];
    const ageSeconds = Math.max(0, Math.round((nowMs - LastModified.getTime()) / 1000));
    return [{ cluster: `${place.accountId}/${place.region}/${place.name}`, ageSeconds }];
  });
}

/** Accounts that are listed on their own, as the function does. */
const MAX_ACCOUNTS = 50;

/** A page of objects; of more, a page of each account: a reader may have filled the folder of its own. */
async function objectsIn(s3: S3, Bucket: string, folder: string): Promise<readonly _Object[]> {
  const { Contents: first = [], IsTruncated } = await s3.listObjectsV2({ Bucket, Prefix: folder });
  if (IsTruncated !== true) return first;
  const { CommonPrefixes = [] } = await s3.listObjectsV2({ Bucket, Prefix: folder, Delimiter: '/' });
  const objects: _Object[] = [];
  for (const { Prefix } of CommonPrefixes.slice(0, MAX_ACCOUNTS))
    objects.push(...((await s3.listObjectsV2({ Bucket, Prefix })).Contents ?? []));
  return objects;
}

/** `shop 12 s, web 4 min`, one per line; `none` where there is none. */
export const agesText = (ages: readonly SnapshotAge[]): string =>
  ages.length === 0
    ? 'none'
    : ages.map(({ cluster, ageSeconds }) => `${cluster}: ${ageSeconds} s old`).join('\n');

/** Checks that each configured cluster has a fresh snapshot; no check without a bucket. */
export async function checkState(
  aws: Aws,
  dnsFunction: DnsFunction | undefined,
  nowMs = Date.now(),
): Promise<readonly Check[]> {
  if (dnsFunction === undefined || !dnsFunction.variables.STATE_BUCKET) return [];
  const { variables, arn, logGroup } = dnsFunction;
  const seeLog = `see state_degraded and directory_degraded in the log of the function or reader: ${inSentence(commandLine(['aws', 'logs', 'tail', logGroup], { since: '1h' }))}; parameter StateSchedule=on`;
  return attempt(TITLE, async () => {
    const ages = await readSnapshotAges(aws, variables, nowMs).catch((error: unknown) => {
      if ((error as { readonly name?: string }).name === 'NoSuchBucket') return 'no bucket' as const;
      throw error;
    });
    if (ages === 'no bucket') {
      const observed = `there is no bucket ${variables.STATE_BUCKET}`;
      const create = commandLine(['aws', 's3', 'mb', `s3://${variables.STATE_BUCKET}`]);
      return [missing(TITLE, observed, EACH_ALONE, create)];
    }
    const { region, accountId: account } = arnParts(arn);
    const expected = parseClusterList(variables.CLUSTERS ?? '', region).clusters.map(
      (setting) => `${setting.accountId ?? account}/${setting.region ?? region}/${setting.name}`,
    );
    const found = new Set((ages ?? []).map(({ cluster }) => cluster));
    const absent = expected.filter((cluster) => !found.has(cluster));
    if (absent.length > 0) return [warning(TITLE, `no snapshot of ${absent.join(', ')}`, EACH_ALONE, seeLog)];
    const old = (ages ?? []).filter(({ ageSeconds }) => ageSeconds > OLD_SECONDS);
    if (old.length > 0) return [warning(TITLE, agesText(old), UNKNOWN, seeLog)];
    return [ok(TITLE, agesText(ages ?? []))];
  });
}

const EACH_ALONE = 'each copy of the function learns for itself, and names fewer pods after a start';
const UNKNOWN =
  'pods of that time are unknown to new copies; a reader that stopped leaves records unattributed';
