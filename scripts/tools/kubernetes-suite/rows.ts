// Functions that follow the cluster, each called in its own rhythm, and what they answer for queries of a certain age.
import type { SourceHealth } from '../../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { createDirectorySource } from '../../../src/inventory/index.ts';
import { parseClusterList } from '../../../src/lambda/cluster-list.ts';
import type { Fate } from './kubelet.ts';
import type { Query } from './simulation.ts';

/** A function: how often it is called, and how often new copies replace it. */
export type Row = {
  readonly name: string;
  readonly everyMs: number;
  readonly replacedEveryMs?: number;
  /** Its copies share a memory, and the schedule invokes one of them each minute. */
  readonly hasMemory?: boolean;
  /** Least share of right answers from a lag of a minute on, per cent. */
  readonly goal?: number;
};

/** Answers: the right pod, a wrong one, none. */
export type Score = { right: number; wrong: number; unknown: number };

/** The answers of one row at one lag. */
export type LagScore = {
  readonly lagSeconds: number;
  readonly byFate: Map<Fate, Score>;
  /** The first wrong answers, for people. */
  readonly examples: string[];
};

/** The result of a row. */
export type RowScore = {
  readonly row: Row;
  readonly lags: readonly LagScore[];
  /** Duration of each look-up that refreshed the directory, ms. */
  readonly tookMs: readonly number[];
  /** The last reason why something could not be read. */
  readonly lastError: string | undefined;
};

const NO_KEYS = { clientIps: new Set<string>(), vpcs: [] };
const MAX_EXAMPLES = 5;

const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';

/** A copy of a function for the cluster `suite`, with the settings that it has by default; each row has its own prefix. */
const createFunction = ({ name, hasMemory }: Row) => {
  const { clusters } = parseClusterList('suite', REGION);
  const state = hasMemory ? { stateBucket: 'state', statePrefix: `${name.replaceAll(/\W+/g, '-')}/` } : {};
  return createDirectorySource({ ...DEFAULT_SETTINGS, region: REGION, clusters, ec2Lookup: false, ...state });
};

/** Follows the cluster from `startMs` on; queries from before that are not scored. Call `invoke` in the row's rhythm. */
export function createRowRun(row: Row, lagsSeconds: readonly number[], startMs: number) {
  let source = createFunction(row);
  let bornMs = startMs;
  /** The copy that the schedule invokes. */
  let keeper = createFunction(row);
  let keeperBornMs = startMs;
  const isWornOut = (sinceMs: number): boolean =>
    row.replacedEveryMs !== undefined && Date.now() - sinceMs >= row.replacedEveryMs;
  const lags = lagsSeconds.map((lagSeconds) => ({
    lagSeconds,
    byFate: new Map<Fate, Score>(),
    examples: [] as string[],
    next: 0,
  }));
  const tookMs: number[] = [];
  let lastError: string | undefined;

  return {
    /** Invokes the function by the schedule. */
    keep: async (): Promise<void> => {
      if (isWornOut(keeperBornMs)) {
        keeper = createFunction(row);
        keeperBornMs = Date.now();
      }
      const pending = keeper.begin(Date.now(), ACCOUNT, 'keep');
      await pending.lookup(NO_KEYS);
      lastError = errorOf(pending.health()) ?? lastError;
    },
    /** Calls the function, and asks it for all queries that have reached each age. */
    invoke: async (queries: readonly Query[]): Promise<void> => {
      const nowMs = Date.now();
      if (isWornOut(bornMs)) {
        source = createFunction(row);
        bornMs = nowMs;
      }
      const pending = source.begin(nowMs, ACCOUNT);
      const directory = await pending.lookup(NO_KEYS);
      tookMs.push(Date.now() - nowMs);
      lastError = errorOf(pending.health()) ?? lastError;
      for (const lag of lags) {
        for (; lag.next < queries.length; lag.next += 1) {
          const query = queries[lag.next];
          if (query === undefined || query.trueMs + lag.lagSeconds * 1000 > nowMs) break;
          if (query.trueMs < startMs) continue;
          const owner = directory.ownerAt(directory.historyOf(directory.clusters, query.ip), query.stampedMs);
          const answer = owner?.kind === 'pod' ? owner.pod.name : undefined;
          const score = lag.byFate.get(query.pod.fate) ?? { right: 0, wrong: 0, unknown: 0 };
          lag.byFate.set(query.pod.fate, score);
          if (answer === undefined) score.unknown += 1;
          else if (answer === query.pod.name) score.right += 1;
          else {
            score.wrong += 1;
            if (lag.examples.length < MAX_EXAMPLES && owner?.kind === 'pod')
              lag.examples.push(
                `${row.name}, ${lag.lagSeconds} s: ${query.ip} at ${new Date(query.trueMs).toISOString()} was ${query.pod.name}, ` +
                  `not ${answer} (${owner.attribution}), asked at ${new Date(nowMs).toISOString()}`,
              );
          }
        }
      }
    },
    result: (): RowScore => ({ row, lags, tookMs, lastError }),
  };
}

const errorOf = ([cluster]: readonly SourceHealth[]): string | undefined =>
  cluster?.lastError ?? cluster?.state?.lastError;
