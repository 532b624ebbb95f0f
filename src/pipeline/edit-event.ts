import type { ByteWriter } from '../model/byte-writer.ts';
import type { Attributed } from '../model/client.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { DROP, type Editor, type EventEdit, KEEP, REPLACE } from '../model/edit.ts';
import { memoise } from '../model/memo.ts';
import type { Settings } from '../model/settings.ts';
import type { Signal } from '../model/signal.ts';
import type { BatchSummary } from '../model/summary.ts';
import { createNoiseFilter } from '../noise.ts';
import { logLevelOf } from '../normalise/log-level.ts';
import { type NameFacts, nameFacts } from '../normalise/names.ts';
import { isSearchExpansion, type RecordText } from '../normalise/record-text.ts';
import { eventSignals, nameSignals } from '../normalise/signals.ts';
import type { ReadEvent } from './read-record.ts';

type Name = { readonly facts: NameFacts; readonly signals: readonly Signal[] };

/** What is the same for all batches: rules, and what was found out about names. */
export type Judgement = ReturnType<typeof createJudgement>;

// More distinct names than a cluster asks in a busy minute.
const MAX_NAMES = 4096;

/** Creates the `Judgement` of a configuration. */
export const createJudgement = (settings: Settings) => ({
  noise: createNoiseFilter(settings),
  nameOf: memoise((name: string): Name => {
    const facts = nameFacts(name);
    return { facts, signals: nameSignals(name, facts) };
  }, MAX_NAMES),
});

/** What it takes to edit the events of one record. */
export type EditorParts = {
  readonly events: readonly ReadEvent[];
  readonly attribute: (event: DnsEvent) => Attributed;
  readonly text: RecordText;
  /** An event's id; asked for only where a rule samples. */
  readonly idOf: (index: number) => string;
  readonly out: ByteWriter;
};

/** Decides what becomes of each event of a record, writes the records, and counts both. */
export function createEventEditor(
  { noise, nameOf }: Judgement,
  summary: BatchSummary,
  { events, attribute, text, idOf, out }: EditorParts,
): Editor & { readonly counts: { readonly replaced: number; readonly dropped: number } } {
  const counts = { replaced: 0, dropped: 0 };
  let write = (): void => undefined;

  const decide = (index: number): EventEdit => {
    summary.eventsIn++;
    const { dns, looksLikeDns } = events[index] ?? NO_EVENT;
    if (dns === undefined) {
      summary.passedThrough++;
      if (looksLikeDns) summary.unparsed++;
      return KEEP;
    }
    const { facts, signals: ofName } = nameOf(dns.name ?? '');
    const who = attribute(dns);
    const ofEvent = eventSignals(dns, who.bypassesCoreDns);
    const signals = ofEvent.length === 0 ? ofName : [...ofName, ...ofEvent];
    if (noise !== undefined) {
      const category = isSearchExpansion(dns, facts) ? 'search-expansion' : facts.category;
      const isProtected = signals.length > 0 || logLevelOf(dns) !== 'INFO';
      const verdict = noise.verdict(category, idOf(index), isProtected);
      if (verdict !== 'keep') {
        summary[verdict === 'drop' ? 'droppedByCategory' : 'sampledOutByCategory'][category]++;
        counts.dropped++;
        return DROP;
      }
    }
    summary.normalisedBySource[dns.source]++;
    summary.attributions[who.client.attribution]++;
    summary.clientsByKind[who.client.kind]++;
    counts.replaced++;
    write = () => text(out, dns, facts, who, signals);
    return REPLACE;
  };
  return { decide, write: () => write(), counts };
}

const NO_EVENT: ReadEvent = { dns: undefined, looksLikeDns: false };
