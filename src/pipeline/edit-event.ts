import type { Attributed } from '../model/client.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { DROP, type EventEdit, KEEP } from '../model/edit.ts';
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

/** Decides about one event of a record; `idOf` is asked for its id only where a rule samples. */
export type EditEvent = (event: ReadEvent, index: number) => EventEdit;

type Name = { readonly facts: NameFacts; readonly signals: readonly Signal[] };

/** What is the same for all batches: rules, and what was found out about names. */
export type Judgement = ReturnType<typeof createJudgement>;

// More distinct names than a cluster asks in a busy minute.
const MAX_NAMES = 20_000;

/** Creates the `Judgement` of a configuration. */
export const createJudgement = (settings: Settings) => ({
  noise: createNoiseFilter(settings),
  nameOf: memoise((name: string): Name => {
    const facts = nameFacts(name);
    return { facts, signals: nameSignals(name, facts) };
  }, MAX_NAMES),
});

/** Everything that turns a parsed event into the text of its record, or decides that it has none. */
export function createEventEditor(
  { noise, nameOf }: Judgement,
  summary: BatchSummary,
): (
  attribute: (event: DnsEvent) => Attributed,
  text: RecordText,
  idOf: (index: number) => string,
) => EditEvent {
  return (attribute, text, idOf) =>
    ({ dns, looksLikeDns }, index) => {
      summary.eventsIn++;
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
          return DROP;
        }
      }
      summary.normalisedBySource[dns.source]++;
      summary.attributions[who.client.attribution]++;
      summary.clientsByKind[who.client.kind]++;
      return text(dns, facts, who, signals);
    };
}
