import type { BatchLookupKeys, Directory } from './directory.ts';
import type { DnsEvent, LogSourceName } from './dns-event.ts';
import type { EscapedLine, Line, UnwrappedLine } from './log-line.ts';

/** A DNS log format. `parse` answers undefined for what is not its own; it never throws. */
export interface LogSource {
  readonly name: LogSourceName;
  /**
   * Whether the raw message (wrapper still on) could hold a line of this source: a substring test of well under a
   * microsecond that may err only towards true.
   */
  prefilter(text: string): boolean;
  parse(line: Line, unwrapped: UnwrappedLine): DnsEvent | undefined;
  /**
   * The short way for lines of the most common layout, which are read where they stand: the event that `parse` would
   * make of the decoded line, or undefined, which leaves the line to `prefilter` and `parse`. The event is good until the
   * next call: one object serves line after line.
   */
  parseInPlace?(raw: EscapedLine): DnsEvent | undefined;
  /**
   * What the look-up wants to know of a line that `parseInPlace` is likely to read, at a fraction of its cost; undefined for
   * any other line. Of a wrapped line only the start is known. Good until the next call.
   */
  scanKeys?(raw: EscapedLine): EventLookupKeys | undefined;
}

/** What tells the look-up whom to look for. */
export type EventLookupKeys = Pick<DnsEvent, 'source' | 'clientIp' | 'vpcId' | 'sourceIds'>;

/** Where pods, nodes and instances are known from (a file, or Kubernetes and EC2). */
export interface DirectorySource {
  /**
   * Starts catching up with the outside; called first in an invocation, so that it runs beside decoding.
   * Never throws. Nothing it starts is left running once `lookup` has resolved.
   */
  begin(nowMs: number): PendingDirectory;
}

/** A directory that is being brought up to date. */
export interface PendingDirectory {
  /**
   * Resolves within the look-up budget, and within `limitMs` from now, with what is known by then; never rejects.
   * Call exactly once.
   */
  lookup(keys: BatchLookupKeys, limitMs?: number): Promise<Directory>;
  /** State of each outside source after `lookup`, for metrics. */
  health(): readonly SourceHealth[];
}

/** How one outside source is doing. */
export type SourceHealth = {
  /** `file`, `ec2`, `kubernetes/<cluster>`. */
  readonly source: string;
  /** Time since the last complete sync, ms; undefined = never. */
  readonly ageMs: number | undefined;
  /** Owners or instances held. */
  readonly size: number;
  /** Refreshes that failed in this invocation. */
  readonly errors: number;
  /** True when the budget ran out before the refresh was complete. */
  readonly late: boolean;
  /** Short reason of the last failure, free of secrets. */
  readonly lastError: string | undefined;
};
