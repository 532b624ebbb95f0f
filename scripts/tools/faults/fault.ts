import type { RunOptions } from '../../../src/cli/lib/simulate/index.ts';
import type { InputRecord, Outcome } from '../../../src/cli/lib/simulate/ledger.ts';
import { MIXED } from '../../../src/cli/lib/simulate/lines.ts';
import type { Random } from '../../../src/cli/lib/simulate/random.ts';
import type { Traffic } from '../../../src/cli/lib/simulate/traffic.ts';

/** A fault, the metric that it must raise, and the outcomes that events may have. */
export type Fault = {
  readonly name: string;
  /** Each of these outcomes must occur, and no other. */
  readonly outcomes: readonly Outcome[];
  /** Metric that the function must raise, so that the fault is noticed. */
  readonly metric?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** The faulty records; healthy records are put before, between and after them. */
  readonly records?: (traffic: Traffic, random: Random) => Iterable<InputRecord>;
  /** Starts the services that the function calls; their variables are added to `env`. */
  readonly services?: () => Promise<Services>;
  /** Limit for the function's memory at any time, bytes. It has the heap of 512 MB and must not die. */
  readonly maxPeakBytes?: number;
  /** Limit for the CPU time of an invocation, ms. */
  readonly maxCpuMs?: number;
  /** Additional problems, such as too many requests to a service. */
  readonly check?: () => readonly string[];
  /** Text that the function must not print. */
  readonly secret?: RegExp;
} & Pick<RunOptions, 'dropped' | 'stream' | 'timeoutMs'>;

/** Services, and the variables with their endpoints. */
export type Services = {
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
};

/** Outcomes of events without a fault. */
export const HEALTHY: readonly Outcome[] = ['normalised', 'passedThrough'];

/** A usual envelope. */
export const healthy = (traffic: Traffic, events = 40): InputRecord =>
  traffic.envelope(traffic.drafts(MIXED, events));

/** The faulty records among healthy ones, which must not be affected. */
export function* amongHealthy(fault: Fault, traffic: Traffic, random: Random): Generator<InputRecord> {
  yield healthy(traffic);
  let neighbours = 0;
  for (const record of fault.records?.(traffic, random) ?? []) {
    yield record;
    if (neighbours++ < 50) yield healthy(traffic);
  }
  for (let i = 0; i < 10; i++) yield healthy(traffic);
}
