// Where every event ended: each one that went in has exactly one fate, or it is lost.

/** One event of a record that goes in. */
export type Unit = {
  /** Number of the event in this run; its text holds `markerText(marker)`. */
  readonly marker: number;
  /** A DNS event may arrive normalized; anything else must arrive as it was. */
  readonly isDns: boolean;
  /** A rule (control message, `DROP`, `SAMPLE`) may remove it. */
  readonly isDroppable: boolean;
};

/** A record that goes in: an envelope with an event per unit, text with a line per unit, or bytes that are one unit. */
export type InputRecord = {
  readonly data: Buffer;
  readonly shape: 'events' | 'lines' | 'opaque';
  readonly units: readonly Unit[];
};

/** How an event ended: arrived as a normalized record, arrived byte for byte, removed by a rule, in the backup bucket. */
export type Fate = 'normalised' | 'passedThrough' | 'dropped' | 'backedUp';

const FATES: readonly Fate[] = ['normalised', 'passedThrough', 'dropped', 'backedUp'];

/** Events in numbers. */
export type Totals = Readonly<Record<Fate | 'eventsIn' | 'lost', number>>;

/** The book of a run. */
export type Ledger = {
  /** Numbers a new event. */
  enter(): number;
  settle(marker: number, fate: Fate): void;
  violate(text: string): void;
  totals(): Totals;
  /** What broke a rule, the first hundred. */
  violations(): readonly string[];
};

/** Text that makes an event findable: a legal DNS label, part of no word. */
export const markerText = (marker: number): string => `zq${marker}qz`;

/** Opens an empty book. Takes a byte an event, so that an hour of soak fits. */
export function createLedger(): Ledger {
  let fates = new Uint8Array(1 << 16);
  let entered = 0;
  const counts = FATES.map(() => 0);
  const violations: string[] = [];
  const violate = (text: string): void => {
    if (violations.length < 100) violations.push(text);
  };
  return {
    enter() {
      if (entered === fates.length) {
        const larger = new Uint8Array(fates.length * 2);
        larger.set(fates);
        fates = larger;
      }
      return entered++;
    },
    settle(marker, fate) {
      const before = fates[marker] ?? 0;
      if (before !== 0) return violate(`event ${marker}: ${FATES[before - 1]}, then ${fate} too`);
      const index = FATES.indexOf(fate);
      fates[marker] = index + 1;
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
