// Objects that the copies of the function share, as a port; `s3.ts` is the adapter.

/** What a read found. `etag` identifies the version of the object. */
export type StoredObject =
  | { readonly kind: 'found'; readonly body: Buffer; readonly etag: string }
  /** The version that the reader already has. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'missing' };

/** A conditional write: `lost` where another copy was first. */
export type WriteResult = { readonly kind: 'written'; readonly etag: string } | { readonly kind: 'lost' };

/** Keys in their order; `isComplete` where there are no more. */
export type KeyPage = { readonly keys: readonly string[]; readonly isComplete: boolean };

/** Shared objects. Methods reject with the fault of the service, and when `signal` is aborted. */
export interface StateStore {
  /** Reads an object of at most `maxBytes`, unless it still is the version `etag`. */
  read(key: string, etag: string | undefined, maxBytes: number, signal: AbortSignal): Promise<StoredObject>;
  /** Writes an object in place of the version `etag`; undefined: only where there is none. */
  write(key: string, body: Buffer, etag: string | undefined, signal: AbortSignal): Promise<WriteResult>;
  /** The first keys with a prefix, by one request. */
  list(prefix: string, signal: AbortSignal): Promise<KeyPage>;
  /** The folders right below a prefix, `dns/111122223333/`, by a few requests at most. */
  folders(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Closes idle connections: the function is frozen between invocations. */
  disconnect(): void;
}
