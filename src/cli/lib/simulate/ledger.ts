// Accounts for every event: each has exactly one outcome, or it is lost.

/** One event of an input record. */
export type Unit = {
  /** Number of the event in this run; its text contains `markerText(marker)`. */
  readonly marker: number;
  /** A DNS event may arrive normalised; any other event must arrive unchanged. */
  readonly isDns: boolean;
  /** A rule (control message, `DROP`, `SAMPLE`) may remove it. */
  readonly isDroppable: boolean;
};

/** An input record: an envelope with an event per unit, text with a line per unit, or bytes that are one unit. */
export type InputRecord = {
  readonly data: Buffer;
  readonly shape: 'events' | 'lines' | 'opaque';
  readonly units: readonly Unit[];
};

/** Outcome of an event: delivered normalised, delivered unchanged, removed by a rule, or in the backup bucket. */
export type Outcome = 'normalised' | 'passedThrough' | 'dropped' | 'backedUp';

const OUTCOMES: readonly Outcome[] = ['normalised', 'passedThrough', 'dropped', 'backedUp'];

/** Numbers of events. */
export type Totals = Readonly<Record<Outcome | 'eventsIn' | 'lost', number>>;

/** The outcomes of a run's events, and the violated rules. */
export type Ledger = {
  /** Registers a new event; returns its number. */
  enter(): number;
  setOutcome(marker: number, outcome: Outcome): void;
  violate(text: string): void;
  totals(): Totals;
  /** Rule violations, at most 100. */
  violations(): readonly string[];
};

/** Text that identifies an event: a valid DNS label that is not part of any word. */
export const markerText = (marker: number): string => `zq${marker}qz`;

/** Creates an empty ledger. It uses one byte per event, so that hours of soak test fit in memory. */
export function createLedger(): Ledger {
  let outcomes = new Uint8Array(1 << 16);
  let entered = 0;
  const counts = OUTCOMES.map(() => 0);
  const violations: string[] = [];
  const violate = (text: string): void => {
    if (violations.length < 100) violations.push(text);
  };
  return {
    enter() {
      if (entered === outcomes.length) {
        const larger = new Uint8Array(outcomes.length * 2);
        larger.set(outcomes);
        outcomes = larger;
      }
      return entered++;
    },
    setOutcome(marker, outcome) {
      const before = outcomes[marker] ?? 0;
      if (before !== 0) return violate(`event ${marker}: ${OUTCOMES[before - 1]}, then also ${outcome}`);
      const index = OUTCOMES.indexOf(outcome);
      outcomes[marker] = index + 1;
      counts[index] = (counts[index] ?? 0) + 1;
    },
    violate,
    totals() {
      const [normalised = 0, passedThrough = 0, dropped = 0, backedUp = 0] = counts;
      const lost = entered - normalised - passedThrough - dropped - backedUp;
      return { eventsIn: entered, normalised, passedThrough, dropped, backedUp, lost };
    },
    violations: () => violations,
  };
}
