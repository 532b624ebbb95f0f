import type { Fate, InputRecord } from '../../../src/cli/lib/simulate/ledger.ts';
import { MIXED } from '../../../src/cli/lib/simulate/lines.ts';
import type { Random } from '../../../src/cli/lib/simulate/random.ts';
import type { RunOptions } from '../../../src/cli/lib/simulate/run.ts';
import type { Traffic } from '../../../src/cli/lib/simulate/traffic.ts';

/** Something that the outside world may do, and how events may end when it does. */
export type Fault = {
  readonly name: string;
  /** Every one of these must occur, and no other. */
  readonly ends: readonly Fate[];
  /** Metric that the function must raise, so that somebody hears of it. */
  readonly tells?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** The fault's own records; healthy neighbours are put before, between and after them. */
  readonly records?: (traffic: Traffic, random: Random) => Iterable<InputRecord>;
  /** Starts what the function talks to; its variables are added to `env`. */
  readonly outside?: () => Promise<Outside>;
  /** Refuse (413) what inflates more than the same traffic does without the function, so much more at most. */
  readonly inflation?: number;
} & Pick<RunOptions, 'dropped' | 'stream' | 'timeoutMs'>;

/** Servers that a fault needs, and the configuration that points the function at them. */
export type Outside = {
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
};

/** How events end when nothing is wrong with them. */
export const HEALTHY: readonly Fate[] = ['normalised', 'passedThrough'];

/** An envelope as it comes by all day. */
export const healthy = (traffic: Traffic, events = 40): InputRecord =>
  traffic.envelope(traffic.drafts(MIXED, events));

/** The fault's records among healthy ones: what is wrong with one must not touch its neighbours. */
export function* amongHealthy(fault: Fault, traffic: Traffic, random: Random): Generator<InputRecord> {
  yield healthy(traffic);
  let neighbours = 0;
  for (const record of fault.records?.(traffic, random) ?? []) {
    yield record;
    if (neighbours++ < 50) yield healthy(traffic);
  }
  for (let i = 0; i < 10; i++) yield healthy(traffic);
}
