// Digests by which a snapshot names its cluster and its settings.
import { createHash } from 'node:crypto';
import type { Settings } from '../../core/model/settings.ts';
import { SCHEMA_VERSION, type SnapshotIdentity } from './snapshot.ts';

/** SHA-256 of a CA in PEM, hexadecimal. */
export const caDigest = (ca: string): string => createHash('sha256').update(ca).digest('hex');

/** Settings that choose what is kept of a pod's metadata, as 16 hexadecimal digits. */
export const selectionDigest = ({
  podLabels,
  podAnnotations,
  corednsNamespace,
  metadataFrom,
}: Pick<Settings, 'podLabels' | 'podAnnotations' | 'corednsNamespace' | 'metadataFrom'>): string =>
  createHash('sha256')
    .update(JSON.stringify([podLabels, podAnnotations, corednsNamespace, metadataFrom]))
    .digest('hex')
    .slice(0, 16);

/** Account, region and name of a cluster. */
export type ClusterPlace = { readonly accountId: string; readonly region: string; readonly name: string };

const CLUSTER_ARN = /^arn:[\w-]{1,20}:eks:([\w-]{1,32}):(\d{12}):cluster\/([\w-]{1,100})$/;

/** `arn:aws:eks:eu-west-1:111122223333:cluster/shop` -> its parts; undefined for any other text. */
function placeOfArn(arn: string): ClusterPlace | undefined {
  const [, region, accountId, name] = CLUSTER_ARN.exec(arn) ?? [];
  return region && accountId && name ? { accountId, region, name } : undefined;
}

/** The version of the format is part of the name, so that two versions of the function do not overwrite each other. */
const SUFFIX = `.v${SCHEMA_VERSION}.gz`;

/** The key of a cluster's snapshot: `eks-dns/111122223333/eu-west-1/shop.v1.gz`. */
export const keyOfPlace = (prefix: string, { accountId, region, name }: ClusterPlace): string =>
  `${prefix}${accountId}/${region}/${name}${SUFFIX}`;

/** The cluster that a key names; undefined for any other key. */
export function placeOfKey(prefix: string, key: string): ClusterPlace | undefined {
  if (!key.startsWith(prefix) || !key.endsWith(SUFFIX)) return undefined;
  const parts = key.slice(prefix.length, -SUFFIX.length).split('/');
  const [accountId, region, name] = parts;
  if (parts.length !== 3 || !accountId || !region || !name) return undefined;
  return placeOfArn(`arn:aws:eks:${region}:${accountId}:cluster/${name}`);
}

/** What a snapshot has to be of; a member that is undefined is not known yet. */
export type ExpectedIdentity = {
  readonly place: ClusterPlace;
  readonly arn: string | undefined;
  readonly endpoint: string | undefined;
  readonly caDigest: string | undefined;
  readonly uid: string | undefined;
  /** Undefined: a snapshot with other metadata is welcome. */
  readonly selection: string | undefined;
};

/** What does not fit, as text; undefined where all fits. */
export function identityFault(found: SnapshotIdentity, expected: ExpectedIdentity): string | undefined {
  const place = placeOfArn(found.arn);
  for (const part of ['accountId', 'region', 'name'] as const) {
    if (place?.[part] !== expected.place[part]) return 'it is of another cluster';
  }
  if (expected.arn !== undefined && found.arn !== expected.arn) return 'it is of another cluster';
  for (const member of ['endpoint', 'caDigest', 'uid'] as const) {
    const isKnown = expected[member] !== undefined && found[member] !== undefined;
    if (isKnown && found[member] !== expected[member]) return 'it is of an earlier cluster of this name';
  }
  const isOtherSelection = expected.selection !== undefined && found.selection !== expected.selection;
  return isOtherSelection ? 'it was written with other settings' : undefined;
}
