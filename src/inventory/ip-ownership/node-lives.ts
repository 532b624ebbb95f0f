// How long the pods of each node are proved to have lived. The API lists the pods of a dead node as `Running` for minutes,
// so a listing proves nothing beyond the last sign of life of the node.

/** The life of one node as far as its pods depend on it; shared by them, and changed in place. */
export type NodeLife = {
  /** Last sign of life, epoch ms; Infinity while nothing speaks against what the API lists. */
  provedUntilMs: number;
  /** Pods that started later belong to a later node of the same name; Infinity while there is none. */
  startedByMs: number;
  /** Earliest start of a pod of this life. */
  firstStartMs: number;
};

/** The life of owners that depend on no node: nodes themselves, and pods whose node is unknown. */
export const ENDLESS_LIFE: NodeLife = {
  provedUntilMs: Number.POSITIVE_INFINITY,
  startedByMs: Number.POSITIVE_INFINITY,
  firstStartMs: Number.NEGATIVE_INFINITY,
};

/** Limit for node names; the ones seen first are forgotten first. */
const MAX_NAMES = 20_000;

/** Nodes that had the same name one after the other and are remembered. */
const MAX_LIVES = 4;

/** The lives of the nodes of one cluster. */
export type NodeLives = {
  /** The life of the node `name` on which a pod started at `startMs`. */
  readonly lifeOf: (name: string, startMs: number) => NodeLife;
  /** Sets the last sign of life of the present node; true when it is now proved for less time than before. */
  readonly prove: (name: string, untilMs: number) => boolean;
  /** The node is gone: pods that started after `startedByMs` belong to the next node of that name. */
  readonly close: (name: string, untilMs: number, startedByMs: number) => void;
  /** The earliest start of a pod on the present node of each name. */
  readonly firstStarts: () => Iterable<readonly [name: string, startMs: number]>;
  readonly clear: () => void;
  /** All lives by name, the oldest first. */
  readonly save: () => readonly SavedLives[];
  /** Takes over saved lives; call after `clear`. */
  readonly restore: (saved: readonly SavedLives[]) => void;
};

/** The lives of the nodes of one name, the oldest first. */
export type SavedLives = readonly [name: string, lives: readonly Readonly<NodeLife>[]];

/** No nodes yet. */
export function createNodeLives(): NodeLives {
  const byName = new Map<string, NodeLife[]>();

  const livesOf = (name: string): NodeLife[] => {
    let lives = byName.get(name);
    if (lives === undefined) {
      lives = [];
      byName.set(name, lives);
      for (const oldest of byName.keys()) {
        if (byName.size <= MAX_NAMES) break;
        byName.delete(oldest);
      }
    }
    return lives;
  };

  /** The life of the present node; undefined after the last known one is gone. */
  const present = (lives: readonly NodeLife[]): NodeLife | undefined => {
    const last = lives.at(-1);
    return last?.startedByMs === Number.POSITIVE_INFINITY ? last : undefined;
  };

  const open = (lives: NodeLife[]): NodeLife => {
    const life = { ...ENDLESS_LIFE, firstStartMs: Number.POSITIVE_INFINITY };
    lives.push(life);
    if (lives.length > MAX_LIVES) lives.shift();
    return life;
  };

  return {
    lifeOf: (name, startMs) => {
      const lives = livesOf(name);
      const life = lives.find(({ startedByMs }) => startMs <= startedByMs) ?? open(lives);
      life.firstStartMs = Math.min(life.firstStartMs, startMs);
      return life;
    },
    prove: (name, untilMs) => {
      const lives = livesOf(name);
      // The pods of a node that is gone stay with its last sign of life.
      const life = lives.length === 0 ? open(lives) : present(lives);
      if (life === undefined || life.provedUntilMs === untilMs) return false;
      const isLess = untilMs < life.provedUntilMs;
      life.provedUntilMs = untilMs;
      return isLess;
    },
    close: (name, untilMs, startedByMs) => {
      const lives = livesOf(name);
      const life = lives.length === 0 ? open(lives) : present(lives);
      if (life === undefined) return;
      life.provedUntilMs = untilMs;
      life.startedByMs = startedByMs;
    },
    firstStarts: function* () {
      for (const [name, lives] of byName) {
        const life = present(lives);
        if (life !== undefined) yield [name, life.firstStartMs];
      }
    },
    clear: () => byName.clear(),
    save: () => [...byName],
    restore: (saved) => {
      for (const [name, lives] of saved)
        livesOf(name).push(...lives.slice(-MAX_LIVES).map((life) => ({ ...life })));
    },
  };
}
