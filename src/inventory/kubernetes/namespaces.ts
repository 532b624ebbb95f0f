// Attributes that pods take from the annotations of their namespace (`METADATA_FROM=namespace`).
import * as z from 'zod';
import type { IpOwnershipTable } from '../ip-ownership/table.ts';
import {
  type EnrichmentAttributes,
  enrichmentAttributes,
  isEnrichmentKey,
  NO_ATTRIBUTES,
} from './enrichment.ts';
import { boundedAttributes } from './metadata-bounds.ts';
import { shapeOf } from './shape.ts';
import type { SyncedTable } from './sync.ts';

/** A namespace with the attributes of its annotations. */
type NamespaceObservation = { readonly name: string; readonly attributes: EnrichmentAttributes };

/** Namespaces at a complete sync, for other copies of the function. */
export type SavedNamespaces = {
  readonly syncedMs: number;
  readonly entries: readonly (readonly [
    name: string,
    attributes: EnrichmentAttributes,
    isDeleted: boolean,
  ])[];
};

/** The namespaces of one cluster. */
export type NamespaceTable = SyncedTable<NamespaceObservation> & {
  /** Attributes of pods in that namespace; none where it is not known. */
  readonly attributesOf: (namespace: string) => EnrichmentAttributes;
  /** Gives pods that were observed before their namespace, or before it changed, its present attributes. */
  readonly updatePods: (pods: Pick<IpOwnershipTable, 'replaceOwners'>) => void;
  /** Forgets everything; after the next `updatePods`, pods have no attributes. */
  readonly clear: () => void;
  /** Undefined before the first complete sync. */
  readonly save: () => SavedNamespaces | undefined;
  /** Replaces the content by that of a later sync; pods have the attributes after the next `updatePods`. */
  readonly restore: (saved: SavedNamespaces) => void;
};

const namespaceSchema = z.object({
  metadata: z.object({
    name: z.string(),
    annotations: z.record(z.string(), z.string()).nullish(),
  }),
});

/** The members that `readNamespace` reads. */
export const NAMESPACE_SHAPE = shapeOf(namespaceSchema, isEnrichmentKey);

/** Reads a namespace of the Kubernetes API; undefined for an object that is not one. */
export function readNamespace(object: unknown): NamespaceObservation | undefined {
  const parsed = namespaceSchema.safeParse(object);
  if (!parsed.success) return undefined;
  const { name, annotations } = parsed.data.metadata;
  return { name, attributes: boundedAttributes(enrichmentAttributes(annotations ?? {})) };
}

/** Kubernetes is tested with 10,000 namespaces. https://github.com/kubernetes/community/blob/master/sig-scalability/configs-and-limits/thresholds.md */
const MAX_NAMESPACES = 10_000;

type Entry = { readonly attributes: EnrichmentAttributes; listSequence: number; isDeleted: boolean };

/** An empty table. */
export function createNamespaceTable(maxNamespaces = MAX_NAMESPACES): NamespaceTable {
  const entries = new Map<string, Entry>();
  /** Whether pods may have other attributes than their namespaces. */
  let isChanged = false;
  let listSequence = 0;
  let syncedMs: number | undefined;

  const attributesOf = (namespace: string): EnrichmentAttributes =>
    entries.get(namespace)?.attributes ?? NO_ATTRIBUTES;

  /** Deleted namespaces make room first. */
  const hasRoom = (): boolean => {
    if (entries.size < maxNamespaces) return true;
    for (const [name, { isDeleted }] of entries) if (isDeleted) entries.delete(name);
    return entries.size < maxNamespaces;
  };

  const clear = (): void => {
    isChanged ||= entries.size > 0;
    entries.clear();
    syncedMs = undefined;
  };

  return {
    attributesOf,
    observe: ({ name, attributes }) => {
      // Without this, a namespace that is listed again would replace the owner of each of its pods.
      const known = entries.get(name);
      if (known !== undefined && isSame(known.attributes, attributes)) {
        known.listSequence = listSequence;
        known.isDeleted = false;
        return;
      }
      if (known === undefined && !hasRoom()) return;
      entries.set(name, { attributes, listSequence, isDeleted: false });
      isChanged = true;
    },
    // Kept: the deletion of its last pods may be observed after that of the namespace.
    remove: ({ name }) => {
      const known = entries.get(name);
      if (known !== undefined) known.isDeleted = true;
    },
    beginList: () => {
      listSequence += 1;
    },
    endList: (atMs) => {
      for (const entry of entries.values()) entry.isDeleted ||= entry.listSequence !== listSequence;
      syncedMs = atMs;
    },
    syncedTo: (atMs) => {
      syncedMs = atMs;
    },
    syncedMs: () => syncedMs,
    updatePods: (pods) => {
      if (!isChanged) return;
      isChanged = false;
      pods.replaceOwners((owner, hasEnded) => {
        if (owner.kind !== 'pod') return owner;
        const { namespace, dynatrace } = owner.pod;
        // A pod that has ended keeps what its namespace said: the namespace may be another one of the same name by now.
        if (hasEnded && dynatrace !== NO_ATTRIBUTES && entries.has(namespace)) return owner;
        const attributes = attributesOf(namespace);
        return dynatrace === attributes
          ? owner
          : { kind: 'pod', pod: { ...owner.pod, dynatrace: attributes } };
      });
    },
    clear,
    save: () =>
      syncedMs === undefined
        ? undefined
        : {
            syncedMs,
            entries: [...entries].map(([name, { attributes, isDeleted }]) => [name, attributes, isDeleted]),
          },
    restore: (saved) => {
      clear();
      isChanged = true;
      syncedMs = saved.syncedMs;
      for (const [name, attributes, isDeleted] of saved.entries.slice(0, maxNamespaces)) {
        entries.set(name, { attributes, listSequence, isDeleted });
      }
    },
  };
}

const isSame = (a: EnrichmentAttributes, b: EnrichmentAttributes): boolean =>
  a.length === b.length && a.every(([name, value], i) => name === b[i]?.[0] && value === b[i]?.[1]);
