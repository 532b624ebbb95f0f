// One run: a stream, the function behind it, traffic through both, and the book of where every event ended.
import { createFunction } from './function.ts';
import { createLedger, type InputRecord, type Totals } from './ledger.ts';
import type { LineKind } from './lines.ts';
import { createRandom, type Random } from './random.ts';
import { openStream, type StreamOptions, type StreamStats } from './stream.ts';
import { createTraffic, type Traffic } from './traffic.ts';

export type RunOptions = {
  /** Path of the bundle that exports `handler`. */
  readonly bundle: string;
  /** The function's configuration. */
  readonly env: Readonly<Record<string, string>>;
  /** What to put on the stream; records are made as they are taken. */
  readonly records: (traffic: Traffic, random: Random) => Iterable<InputRecord>;
  /** Kinds of lines that the configuration removes. */
  readonly dropped?: readonly LineKind[] | undefined;
  readonly seed?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly nodeArgs?: readonly string[] | undefined;
  readonly stream?: Partial<Omit<StreamOptions, 'lambda' | 'ledger'>> | undefined;
  /** Takes every line that the function prints. */
  readonly onLine?: ((line: string) => void) | undefined;
};

/** The book of a run, what broke a rule, and what it took. */
export type RunReport = {
  readonly totals: Totals;
  readonly violations: readonly string[];
  readonly stats: StreamStats;
};

/** `BufferSizeInMBs` that the README recommends, and the default of `RESPONSE_BUDGET_BYTES`. */
const DEFAULTS = { bufferBytes: 524_288, budgetBytes: 5_500_000 } as const;

/** Puts every record on a stream of its own and follows each event to its end. */
export async function runStream(options: RunOptions): Promise<RunReport> {
  const ledger = createLedger();
  const random = createRandom(options.seed ?? 1);
  const lambda = createFunction({
    bundle: options.bundle,
    env: options.env,
    timeoutMs: options.timeoutMs ?? 60_000,
    nodeArgs: options.nodeArgs ?? [],
    onLine: (line) => {
      // Markers stand in names and messages alone, and none of those may be logged.
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
