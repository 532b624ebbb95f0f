// The storage of an API server, in memory: versions, lists in pages, watches from a version, compaction.
// The TLS stub serves it over a socket; the attribution benchmark uses it in simulated time.

/** An object as the API prints it; the storage reads only its metadata. */
export type KubernetesObject = {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
};

type Event = {
  readonly version: number;
  readonly atMs: number;
  readonly type: string;
  readonly object: KubernetesObject;
};

/** A page of a list; `gone` for an expired `continue` token. */
export type Page = { readonly metadata: object; readonly items: readonly KubernetesObject[] } | 'gone';

/** An empty storage. `path` is that of a collection (`/api/v1/pods`). */
export function createKubernetesCluster() {
  let version = 1000;
  let compactedVersion = 0;
  const objects = new Map<string, Map<string, KubernetesObject>>();
  let events: (Event & { readonly path: string })[] = [];
  const snapshots = new Map<
    string,
    { readonly version: number; readonly items: readonly KubernetesObject[] }
  >();

  const collection = (path: string): Map<string, KubernetesObject> => {
    const found = objects.get(path) ?? new Map<string, KubernetesObject>();
    objects.set(path, found);
    return found;
  };
  const keyOf = ({ metadata }: KubernetesObject) => `${metadata.namespace ?? ''}/${metadata.name}`;

  const record = (path: string, type: string, object: KubernetesObject, atMs: number): KubernetesObject => {
    version += 1;
    const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    events.push({ path, version, atMs, type, object: stamped });
    return stamped;
  };

  return {
    /** Creates or replaces an object. */
    put: (path: string, object: KubernetesObject, atMs = 0): void => {
      const all = collection(path);
      const type = all.has(keyOf(object)) ? 'MODIFIED' : 'ADDED';
      all.set(keyOf(object), record(path, type, object, atMs));
    },
    /** Deletes an object; the watch event shows it as `last`. */
    remove: (path: string, last: KubernetesObject, atMs = 0): void => {
      if (collection(path).delete(keyOf(last))) record(path, 'DELETED', last, atMs);
    },
    /** Increments the version, as a change of another collection does: no watch reports it. */
    touch: (): void => {
      version += 1;
    },
    /** Removes the events before `atMs`, and all lists in progress. */
    compact: (atMs: number): void => {
      const kept = events.findIndex((event) => event.atMs >= atMs);
      const dropped = kept < 0 ? events : events.slice(0, kept);
      events = kept < 0 ? [] : events.slice(kept);
      compactedVersion = dropped.at(-1)?.version ?? compactedVersion;
      snapshots.clear();
    },
    /** A page of a list; `token` is the `continue` value of the page before. */
    list: (path: string, limit: number, token: string | undefined): Page => {
      const [id = '', from = '0'] = token?.split(':') ?? [];
      const snapshot =
        token === undefined ? { version, items: [...collection(path).values()] } : snapshots.get(id);
      if (snapshot === undefined) return 'gone';
      const end = Number(from) + limit;
      const isLast = end >= snapshot.items.length;
      const nextId = id || `${path}@${snapshots.size}`;
      if (!isLast) snapshots.set(nextId, snapshot);
      const next = isLast ? {} : { continue: `${nextId}:${end}` };
      return {
        metadata: { resourceVersion: String(snapshot.version), ...next },
        items: snapshot.items.slice(Number(from), end),
      };
    },
    /** Watch events after a version, as known to a cache until `untilMs`; `gone` when some of them were compacted. */
    since: (
      path: string,
      after: number,
      untilMs = Number.POSITIVE_INFINITY,
    ): readonly { type: string; object: KubernetesObject }[] | 'gone' => {
      if (after < compactedVersion) return 'gone';
      return events
        .filter((event) => event.version > after && event.path === path && event.atMs <= untilMs)
        .map(({ type, object }) => ({ type, object }));
    },
    version: () => version,
  };
}

/** The storage that `createKubernetesCluster` returns. */
export type KubernetesCluster = ReturnType<typeof createKubernetesCluster>;
