// Remembers the batch that is being worked on in a file, because the next process of this environment must not die of it
// again: where memory or time run out, Lambda ends the process, keeps `/tmp`, and Firehose sends the same batch again.
import { createHash } from 'node:crypto';
import { readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A batch by its records. */
type Batch = readonly { readonly recordId: string; readonly data: string }[];

/**
 * Marks a batch as being worked on, and returns a function that removes the mark, once the process has survived it;
 * undefined where a process of this environment died of the batch before. Nothing throws: without a writable folder every
 * batch is worked on.
 */
export type PoisonGuard = (records: Batch) => (() => void) | undefined;

type Deps = {
  /** Folder that outlives the process and is not shared with other environments. */
  readonly folder: string;
  readonly pid?: number;
  /** Whether a process runs. */
  readonly isAlive?: (pid: number) => boolean;
  readonly now?: () => number;
};

// Firehose sends a batch again within minutes; an older mark is from another time.
const MAX_AGE_MS = 3_600_000;

/** Creates the guard of one process. */
export function createPoisonGuard({
  folder,
  pid = process.pid,
  isAlive = isRunning,
  now = Date.now,
}: Deps): PoisonGuard {
  /** Marks of this process. */
  const own = new Set<string>();

  const isMarked = (path: string): boolean => {
    const mark = statSync(path, { throwIfNoEntry: false });
    return mark !== undefined && now() - mark.mtimeMs <= MAX_AGE_MS;
  };
  const remove = (path: string): void => {
    own.delete(path);
    try {
      unlinkSync(path);
    } catch {
      // Nobody needs it any more.
    }
  };
  return (records) => {
    const path = join(folder, markName(records));
    if (own.has(path)) return NOTHING;
    try {
      if (isMarked(path)) {
        const owner = Number(readFileSync(path, 'utf8'));
        return owner !== pid && isAlive(owner) ? NOTHING : undefined;
      }
      writeFileSync(path, String(pid));
      own.add(path);
      return () => remove(path);
    } catch {
      // No mark is better than no work.
      return NOTHING;
    }
  };
}

const NOTHING = (): void => undefined;

/** Ids and lengths of a batch's records, as a name: the same batch has the same when it comes again. */
function markName(records: Batch): string {
  let text = '';
  for (const { recordId, data } of records) text += `${recordId}\n${data.length}\n`;
  return `eks-dns-firehose-${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
