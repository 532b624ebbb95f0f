// What copies of the function tell each other about a cluster, by way of an object in S3.

import type { SavedInstance } from '../ec2/instance-index.ts';
import type { SavedTables } from '../ip-ownership/index.ts';
import type { SavedNamespaces } from '../kubernetes/namespaces.ts';
import type { SyncPosition } from '../kubernetes/sync.ts';

/** Version of the format; a snapshot of another version is ignored. */
export const SCHEMA_VERSION = 1;

/**
 * Limits for a snapshot as it is stored, after inflating, and for one of its lines, in bytes; and for the number
 * of lines, and of addresses and attributes in all of them: each costs ten times its bytes in memory.
 */
export const SNAPSHOT_LIMITS = {
  storedBytes: 16 * 1024 * 1024,
  inflatedBytes: 96 * 1024 * 1024,
  lineBytes: 64 * 1024,
  lines: 150_000,
  values: 500_000,
} as const;

/** Which cluster a snapshot is of, and which metadata of its pods it holds. */
export type SnapshotIdentity = {
  /** `arn:aws:eks:eu-west-1:111122223333:cluster/shop` */
  readonly arn: string;
  readonly endpoint: string;
  /** SHA-256 of the CA, hexadecimal. */
  readonly caDigest: string;
  /** uid of the `kube-system` namespace. */
  readonly uid: string | undefined;
  readonly vpcId: string | undefined;
  /** `selectionDigest` of the settings. */
  readonly selection: string;
};

/** A cluster at a complete sync: nothing in it is secret. */
export type Snapshot = {
  readonly identity: SnapshotIdentity;
  readonly tables: SavedTables;
  /** From where the watches go on. */
  readonly positions: {
    readonly pods: SyncPosition;
    readonly nodes: SyncPosition | undefined;
    readonly namespaces: SyncPosition | undefined;
  };
  /** Undefined unless `METADATA_FROM=namespace`. */
  readonly namespaces: SavedNamespaces | undefined;
  /** The instances in the cluster's VPC. */
  readonly instances: readonly SavedInstance[];
};

/** A snapshot that was read, and the size of its text after inflating: about what its values take in memory. */
export type ReadSnapshot = Snapshot & { readonly textBytes: number };

/** The moment of a snapshot: the last complete sync of its pods, epoch ms. */
export const momentOf = ({ tables }: Pick<Snapshot, 'tables'>): number => tables.pods.syncedMs;
