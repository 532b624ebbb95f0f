// How many objects to request per page of a list. Anybody who may create pods can make them large, up to some megabytes
// each as JSON, so a page is also limited in bytes.

const MAX_OBJECTS = 500;
const MIN_OBJECTS = 10;

/** A page over this size is abandoned and requested with half the objects. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Limit for a page of the fewest objects, so that large ones cannot stop the list: etcd stores up to 1.5 MiB per object,
 * and JSON escapes a byte with up to six.
 */
const MAX_BYTES_OF_FEWEST = 128 * 1024 * 1024;

/** Pages in a row after which twice as many objects are tried, because the large ones may be in one place. */
const PAGES_BEFORE_GROWTH = 8;

/** The page size of one collection, remembered from list to list. */
export type PageSize = {
  /** The next `limit`. */
  readonly objects: () => number;
  /** The limit for the answer. */
  readonly maxBytes: () => number;
  /** A page was read. */
  readonly succeeded: () => void;
  /** A page was too large; false when it had the fewest objects already. */
  readonly halve: () => boolean;
};

/** Starts with 500 objects. */
export function createPageSize(): PageSize {
  let objects = MAX_OBJECTS;
  let pages = 0;
  return {
    objects: () => objects,
    maxBytes: () => (objects === MIN_OBJECTS ? MAX_BYTES_OF_FEWEST : MAX_BYTES),
    succeeded: () => {
      pages += 1;
      if (pages < PAGES_BEFORE_GROWTH) return;
      objects = Math.min(MAX_OBJECTS, objects * 2);
      pages = 0;
    },
    halve: () => {
      if (objects === MIN_OBJECTS) return false;
      objects = Math.max(MIN_OBJECTS, Math.floor(objects / 2));
      pages = 0;
      return true;
    },
  };
}
