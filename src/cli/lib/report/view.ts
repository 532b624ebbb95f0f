// A summary as the page shows it: totals, colours and order.
import type { Series } from './charts.ts';
import { FORWARDED, UNATTRIBUTED } from './reading.ts';
import type { ClientSummary, FirewallHit, NdotsWaste, Summariser, Summary, TextAnswer } from './summarise.ts';
import { OTHERS } from './summarise.ts';
import type { Suspect } from './suspects.ts';

/** What the parts of the page share. */
export type View = {
  readonly summary: Summary;
  readonly queries: number;
  readonly failed: number;
  readonly wasted: number;
  readonly unattributed: number;
  readonly clusters: readonly string[];
  /** Clients, most queries first. */
  readonly clients: readonly (readonly [label: string, client: ClientSummary])[];
  /** Those that are known. */
  readonly named: readonly string[];
  readonly series: readonly Series[];
  /** The colour of a client, everywhere on the page. */
  readonly colorOf: (label: string) => number;
  readonly suspects: readonly Suspect[];
  readonly suspectsLeft: number;
  /** TXT answers with a signal, the latest first. */
  readonly textAnswers: readonly TextAnswer[];
  readonly hits: readonly FirewallHit[];
  readonly namespaces: readonly (readonly [namespace: string, waste: NdotsWaste])[];
  /** Clients that asked for a name, as far as known. */
  readonly clientsOf: (name: string) => readonly string[];
  /** Whether rare names were forgotten. */
  readonly isCut: boolean;
};

/** Clients with a colour of their own; the others share grey. */
const COLORS = 7;

/** Prepares a summary. */
export function viewOf(summariser: Summariser): View {
  const { summary } = summariser;
  const isShown = (label: string): boolean => label !== FORWARDED || !summariser.hasClients();
  const clients = [...summary.clients]
    .filter(([label]) => isShown(label))
    .sort(([, one], [, other]) => other.queries - one.queries);
  const sum = (of: (client: ClientSummary) => number): number =>
    clients.reduce((total, [, client]) => total + of(client), 0);
  const colored = clients
    .map(([label]) => label)
    .filter((label) => label !== UNATTRIBUTED && label !== OTHERS)
    .slice(0, COLORS);
  const colorOf = (label: string): number => {
    const index = colored.indexOf(label);
    return index < 0 ? COLORS : index;
  };
  const isColored = new Set(colored);
  const rest = (counts: ReadonlyMap<string, number>): number => {
    let total = 0;
    for (const [label, count] of counts)
      if (!isColored.has(label) && isShown(label) && !label.startsWith('\0')) total += count;
    return total;
  };
  const series: Series[] = colored.map((label, color) => ({
    label,
    color,
    countIn: ({ counts }) => counts.get(label) ?? 0,
  }));
  if (clients.length > colored.length)
    series.push({ label: 'others and unattributed', color: COLORS, countIn: ({ counts }) => rest(counts) });
  const { suspects, left } = summariser.suspects();
  return {
    summary,
    queries: sum(({ queries }) => queries),
    failed: sum(({ failed }) => failed),
    wasted: [...summary.namespaces.values()].reduce((total, { wasted }) => total + wasted, 0),
    unattributed: summary.clients.get(UNATTRIBUTED)?.queries ?? 0,
    clusters: summary.clusters.top(10).map(([cluster]) => cluster),
    clients,
    named: clients.map(([label]) => label).filter((label) => label !== UNATTRIBUTED),
    series,
    colorOf,
    suspects,
    suspectsLeft: left,
    textAnswers: [...summary.textAnswers.values()]
      .filter(({ isSignalled }) => isSignalled)
      .sort((one, other) => other.lastMs - one.lastMs),
    hits: [...summary.firewall.values()].sort((one, other) => other.hits - one.hits),
    namespaces: [...summary.namespaces]
      .filter(([, { wasted }]) => wasted > 0)
      .sort(([, one], [, other]) => other.wasted - one.wasted),
    clientsOf: (name) =>
      clients.filter(([label, { names }]) => label !== FORWARDED && names.has(name)).map(([label]) => label),
    isCut: clients.some(([, { names }]) => names.isCut()),
  };
}
