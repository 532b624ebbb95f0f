import type { ByteWriter } from '../model/byte-writer.ts';
import type { Attributed } from '../model/client.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { DROP, type Editor, type EventEdit, KEEP, REPLACE } from '../model/edit.ts';
import type { Signal } from '../model/signal.ts';
import type { BatchSummary } from '../model/summary.ts';
import type { NoiseFilter } from '../noise.ts';
import { logLevelOf } from '../normalise/log-level.ts';
import { isSearchExpansion, type Question } from '../normalise/questions.ts';
import type { RecordText } from '../normalise/record-text.ts';
import { eventSignals } from '../normalise/signals.ts';
import { type ReadEvents, UNPARSED } from './read-record.ts';

/** What it takes to edit the events of one record. */
export type EditorParts = {
  readonly events: ReadEvents;
  readonly attribute: (event: DnsEvent) => Attributed;
  readonly question: (name: string | undefined) => Question;
  readonly text: RecordText;
  /** An event's id; asked for only where a rule samples. */
  readonly idOf: (index: number) => string;
  readonly out: ByteWriter;
};

/** Decides what becomes of each event of a record, writes the records, and counts both. */
export function createEventEditor(
  noise: NoiseFilter | undefined,
  summary: BatchSummary,
  { events, attribute, question, text, idOf, out }: EditorParts,
): Editor & { readonly counts: { readonly replaced: number; readonly dropped: number } } {
  const counts = { replaced: 0, dropped: 0 };
  // What `decide` found out of the event that is to be written.
  let event: DnsEvent | undefined;
  let asked: Question;
  let who: Attributed;
  let signals: readonly Signal[];

  const decide = (index: number): EventEdit => {
    summary.eventsIn++;
    const dns = events.at(index);
    if (typeof dns !== 'object') {
      summary.passedThrough++;
      if (dns === UNPARSED) summary.unparsed++;
      return KEEP;
    }
    event = dns;
    asked = question(dns.name);
    who = attribute(dns);
    const ofEvent = eventSignals(dns, who.bypassesCoreDns);
    signals = ofEvent.length === 0 ? asked.signals : [...asked.signals, ...ofEvent];
    if (noise !== undefined) {
      const { facts } = asked;
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
    return REPLACE;
  };
  const write = (): void => {
    if (event !== undefined) text(out, event, asked, who, signals);
  };
  return { decide, write, counts };
}
