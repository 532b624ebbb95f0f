import type { BatchLookupKeys, Directory } from './directory.ts';
import type { DnsEvent } from './dns-event.ts';
import type { LogLine, UnwrappedLine } from './log-line.ts';
import type { LogSourceName } from './log-sources.ts';

/** A DNS log format. No method throws. */
export interface LogSource {
  readonly name: LogSourceName;
  /**
   * Whether the raw message (with its wrapper) may be a line of this source: a substring test of well under a
   * microsecond. It is true for every line of the source, and may be true for others.
   */
  prefilter(text: string): boolean;
  /** Parses a line into an event; undefined for a line of another format. */
  parse(line: LogLine, unwrapped: UnwrappedLine): DnsEvent | undefined;
  /** Whether a line that no source could parse looks like one of this source: it is counted (`EventsUnparsed`). */
  resembles(unwrapped: UnwrappedLine): boolean;
}

/** The members of an event by which its client is looked up. */
export type EventLookupKeys = Pick<
  DnsEvent,
  'source' | 'clientIp' | 'vpcId' | 'accountId' | 'region' | 'sourceIds'
>;

/** What an invocation is for: a batch of records, or to sync and to `keep` what is known for the other copies. */
export type DirectoryTask = 'batch' | 'keep';

/** The inventory of pods, nodes and instances: a file, or Kubernetes and EC2. */
export interface DirectorySource {
  /**
   * Starts to refresh the inventory; called first in an invocation, so that it runs beside decoding.
   * Never throws. Nothing that it starts is left running once `lookup` has resolved. `ownAccountId` is the account whose
   * credentials it uses where no role is configured, as far as known. `task`: by default `batch`.
   */
  begin(nowMs: number, ownAccountId?: string, task?: DirectoryTask): PendingDirectory;
}

/** A directory that is being refreshed. */
export interface PendingDirectory {
  /**
   * Resolves within the look-up budget, and within `limitMs` from now, with the state known by then; never rejects.
   * Call exactly once.
   */
  lookup(keys: BatchLookupKeys, limitMs?: number): Promise<Directory>;
  /** State of each external source after `lookup`, for metrics. */
  health(): readonly SourceHealth[];
}

/** State of one external source of the inventory. */
export type SourceHealth = {
  /** `file`, `ec2`, `ec2/<account>/<region>`, `kubernetes/<name or ARN>`. */
  readonly source: string;
  /** Time since the last complete sync, ms; undefined = never. */
  readonly ageMs: number | undefined;
  /** Number of owners or instances held. */
  readonly size: number;
  /** Refreshes that failed in this invocation. */
  readonly errors: number;
  /** True when the budget ran out before the refresh was complete. */
  readonly late: boolean;
  /** Short reason of the last failure, free of secrets. */
  readonly lastError: string | undefined;
  /** Its snapshot in the shared memory of the copies; undefined without one. */
  readonly state?: StateHealth | undefined;
};

/** The snapshot of one cluster in the shared memory, after an invocation. */
export type StateHealth = {
  /** Age of the snapshot, ms; undefined = none that can be used. */
  readonly ageMs: number | undefined;
  /** Reads and writes that failed in this invocation, and snapshots that were ignored. */
  readonly errors: number;
  /** Short reason of the last failure, free of secrets and of content. */
  readonly lastError: string | undefined;
};
