// One simulation run: traffic through a stream and the function behind it, with the outcome of every event.
import { createFunction } from './function.ts';
import { createLedger, type InputRecord, type Totals } from './ledger.ts';
import type { LineKind } from './lines.ts';
import { createRandom, type Random } from './random.ts';
import { openStream, type StreamOptions, type StreamStats } from './stream.ts';
import { createTraffic, type Traffic } from './traffic.ts';

/** What to simulate. */
export type RunOptions = {
  /** Path of the bundle that exports `handler`. */
  readonly bundle: string;
  /** The function's configuration. */
  readonly env: Readonly<Record<string, string>>;
  /** Input records; created lazily. */
  readonly records: (traffic: Traffic, random: Random) => Iterable<InputRecord>;
  /** Kinds of lines that the function's settings drop. */
  readonly dropped?: readonly LineKind[] | undefined;
  readonly seed?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly nodeArgs?: readonly string[] | undefined;
  readonly stream?: Partial<Omit<StreamOptions, 'lambda' | 'ledger'>> | undefined;
  /** Receives every line that the function prints. */
  readonly onLine?: ((line: string) => void) | undefined;
};

/** Outcomes, rule violations and statistics of a run. */
export type RunReport = {
  readonly totals: Totals;
  readonly violations: readonly string[];
  readonly stats: StreamStats;
};

/** The recommended `BufferSizeInMBs`, and the default of `RESPONSE_BUDGET_BYTES`. */
const DEFAULTS = { bufferBytes: 524_288, budgetBytes: 5_500_000 } as const;

/** Sends all records through a new stream and accounts for every event. */
export async function runStream(options: RunOptions): Promise<RunReport> {
  const ledger = createLedger();
  const random = createRandom(options.seed ?? 1);
  const lambda = createFunction({
    bundle: options.bundle,
    env: options.env,
    timeoutMs: options.timeoutMs ?? 60_000,
    nodeArgs: options.nodeArgs ?? [],
    onLine: (line) => {
      // Only names and messages contain markers, and the function must not log either.
      if (/zq\d+qz/.test(line)) ledger.violate(`the function logged content: ${line.slice(0, 200)}`);
      options.onLine?.(line);
    },
  });
  try {
    const stream = await openStream({ ...DEFAULTS, ...options.stream, lambda, ledger });
    for (const record of options.records(createTraffic(ledger, random, options.dropped), random)) {
      await stream.put(record);
    }
    const stats = await stream.close();
    return { totals: ledger.totals(), violations: ledger.violations(), stats };
  } finally {
    await lambda.stop();
  }
}
