// Records as CloudWatch Logs puts them on the stream, every event marked so that the ledger finds it again.
import { gzipSync } from 'node:zlib';
import { type InputRecord, type Ledger, markerText, type Unit } from './ledger.ts';
import { LINES, type LineKind } from './lines.ts';
import type { Random } from './random.ts';

/** One event of a record to build: its message, given the marker, and what may become of it. */
export type Draft = {
  readonly message: (marker: string) => string;
  readonly isDns: boolean;
  readonly isDroppable?: boolean;
};

/** Members that an envelope has beside the usual ones, or instead of them. */
type EnvelopeChanges = Readonly<Record<string, unknown>>;

export type Traffic = {
  /** Lines of these kinds, mixed. */
  drafts(kinds: readonly LineKind[], count: number): readonly Draft[];
  /** An envelope, gzipped as a subscription filter does it, or plain as Firehose's decompression leaves it. */
  envelope(drafts: readonly Draft[], options?: { plain?: boolean; changes?: EnvelopeChanges }): InputRecord;
  /** Bare lines, as Firehose's message extraction leaves them. */
  lines(drafts: readonly Draft[]): InputRecord;
  /** Bytes that nobody looks into; `isDroppable` when a rule removes them. */
  opaque(build: (marker: string) => Buffer, isDroppable?: boolean): InputRecord;
  /** `DROP`'s first test: a `CONTROL_MESSAGE`. */
  control(): InputRecord;
};

/** Creates traffic that enters its events in `ledger`; `dropped` are the kinds a rule of the function removes. */
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
  logGroup: '/aws/containerinsights/shop/application',
  logStream: `ip-10-0-${random.int(4)}-${random.int(250)}.eu-central-1.compute.internal-application`,
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
