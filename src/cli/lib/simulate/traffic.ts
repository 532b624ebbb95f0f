// Creates records as CloudWatch Logs sends them, with a marker in every event for the ledger.
import { gzipSync } from 'node:zlib';
import { type InputRecord, type Ledger, markerText, type Unit } from './ledger.ts';
import { LINES, type LineKind } from './lines.ts';
import type { Random } from './random.ts';

/** One event of a record to build: its message with the marker, and its allowed outcomes. */
export type Draft = {
  readonly message: (marker: string) => string;
  readonly isDns: boolean;
  readonly isDroppable?: boolean;
};

/** Members to add to an envelope or to replace in it. */
type EnvelopeChanges = Readonly<Record<string, unknown>>;

/** Builders of input records. */
export type Traffic = {
  /** Lines of these kinds, mixed. */
  drafts(kinds: readonly LineKind[], count: number): readonly Draft[];
  /** An envelope: gzipped as by a subscription filter, or plain as after Firehose's decompression. */
  envelope(drafts: readonly Draft[], options?: { plain?: boolean; changes?: EnvelopeChanges }): InputRecord;
  /** Bare lines, as after Firehose's message extraction. */
  lines(drafts: readonly Draft[]): InputRecord;
  /** Bytes that must stay unchanged; `isDroppable` if a rule removes them. */
  opaque(build: (marker: string) => Buffer, isDroppable?: boolean): InputRecord;
  /** A `CONTROL_MESSAGE`, which the function drops. */
  control(): InputRecord;
};

/** Creates builders that register events in `ledger`; `dropped` are the kinds that the function's settings drop. */
export function createTraffic(ledger: Ledger, random: Random, dropped: readonly LineKind[] = []): Traffic {
  const enter = (draft: Draft): Unit => ({
    marker: ledger.enter(),
    isDns: draft.isDns,
    isDroppable: draft.isDroppable ?? false,
  });
  const opaque = (build: (marker: string) => Buffer, isDroppable = false): InputRecord => {
    const unit = enter({ message: String, isDns: false, isDroppable });
    return { data: build(markerText(unit.marker)), shape: 'opaque', units: [unit] };
  };
  return {
    drafts: (kinds, count) =>
      Array.from({ length: count }, () => {
        const kind = random.pick(kinds);
        return {
          message: (marker) => LINES[kind].text(marker, random),
          isDns: LINES[kind].isDns,
          isDroppable: dropped.includes(kind),
        };
      }),
    envelope(drafts, { plain = false, changes = {} } = {}) {
      const units = drafts.map(enter);
      const json = JSON.stringify({
        ...envelopeHead(random),
        logEvents: eventsOf(drafts, units),
        ...changes,
      });
      return { data: plain ? Buffer.from(json) : gzipSync(json), shape: 'events', units };
    },
    lines(drafts) {
      const units = drafts.map(enter);
      const lines = drafts.map((draft, i) => draft.message(markerText(units[i]?.marker ?? -1)));
      return { data: Buffer.from(lines.join('\n')), shape: 'lines', units };
    },
    opaque,
    control: () =>
      opaque((marker) => {
        const logEvents = [{ id: '', timestamp: 0, message: `CWL CONTROL MESSAGE: ${marker}` }];
        const head = { ...envelopeHead(random), messageType: 'CONTROL_MESSAGE', logGroup: '', logStream: '' };
        return gzipSync(JSON.stringify({ ...head, logEvents }));
      }, true),
  };
}

const envelopeHead = (random: Random) => ({
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  // A group that may hold every kind of line.
  logGroup: '/simulated/all',
  logStream: `ip-10-0-${random.int(4)}-${random.int(250)}.eu-west-1.compute.internal-application`,
  subscriptionFilters: ['to-firehose'],
});

const eventsOf = (drafts: readonly Draft[], units: readonly Unit[]) =>
  drafts.map((draft, i) => {
    const marker = units[i]?.marker ?? -1;
    return {
      id: String(39_000_000_000_000_000_000n + BigInt(marker)).padStart(56, '3'),
      timestamp: Date.now(),
      message: draft.message(markerText(marker)),
    };
  });
