// Objects that the copies of the function share, as a port; `s3.ts` is the adapter.

/** What a read found. `etag` identifies the version of the object. */
export type StoredObject =
  | { readonly kind: 'found'; readonly body: Buffer; readonly etag: string }
  /** The version that the reader already has. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'missing' };

/** A conditional write: `lost` where another copy was first. */
export type WriteResult = { readonly kind: 'written'; readonly etag: string } | { readonly kind: 'lost' };

/** Shared objects. Methods reject with the fault of the service, and when `signal` is aborted. */
export interface StateStore {
  /** Reads an object of at most `maxBytes`, unless it still is the version `etag`. */
  read(key: string, etag: string | undefined, maxBytes: number, signal: AbortSignal): Promise<StoredObject>;
  /** Writes an object in place of the version `etag`; undefined: only where there is none. */
  write(key: string, body: Buffer, etag: string | undefined, signal: AbortSignal): Promise<WriteResult>;
  /** Keys with a prefix, at most `max`. */
  list(prefix: string, max: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Closes idle connections: the function is frozen between invocations. */
  disconnect(): void;
}
