// Names that may carry data, by domain and client.
import type { JsonRecord } from '../io/firehose-response.ts';
import { type Decoded, decodeNames } from './decode.ts';
import { clientOf, FORWARDED, queriesOf, textOf, textsOf } from './reading.ts';

/** Queries of one client for suspicious names below one domain. */
export type Suspect = {
  readonly domain: string;
  readonly client: string;
  readonly signals: readonly string[];
  readonly types: readonly string[];
  readonly queries: number;
  /** Distinct names, as far as they are kept. */
  readonly names: readonly string[];
  readonly firstMs: number;
  readonly lastMs: number;
  readonly decoded: Decoded | undefined;
};

/** Signals that have a part of the report of their own. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'txt-answer',
  'firewall-alert',
  'firewall-block',
  'bypasses-coredns',
]);

/** Bounds of what is kept: the domains and clients seen first, and their earliest names. */
const MAX_SUSPECTS = 400;
const MAX_NAMES = 200;
const MAX_WITH_CAPITALS = 5000;

type Entry = {
  domain: string;
  client: string;
  signals: Set<string>;
  types: Set<string>;
  queries: number;
  names: Map<string, number>;
  firstMs: number;
  lastMs: number;
};

/** Collects the suspects of a log. */
export function createSuspects() {
  const entries = new Map<string, Entry>();
  const withCapitals = new Map<string, string>();
  let left = 0;
  return {
    add: (record: JsonRecord, timeMs: number): void => {
      const signals = textsOf(record, 'dns.signals').filter((signal) => !ELSEWHERE.has(signal));
      const name = textOf(record, 'dns.question.name');
      if (signals.length === 0 || name === undefined) return;
      // Route 53 keeps the capitals, without which base64 is lost, and CoreDNS knows who asked.
      const asAsked = textOf(record, 'dns.question.name_as_asked');
      if (asAsked !== undefined && withCapitals.size < MAX_WITH_CAPITALS) withCapitals.set(name, asAsked);
      const domain = domainOf(record, name);
      const client = clientOf(record);
      const key = JSON.stringify([domain, client]);
      let entry = entries.get(key);
      if (entry === undefined) {
        if (entries.size >= MAX_SUSPECTS) {
          left += queriesOf(record);
          return;
        }
        entry = {
          domain,
          client,
          signals: new Set(),
          types: new Set(),
          queries: 0,
          names: new Map(),
          firstMs: timeMs,
          lastMs: timeMs,
        };
        entries.set(key, entry);
      }
      for (const signal of signals) entry.signals.add(signal);
      const type = textOf(record, 'dns.question.type');
      if (type !== undefined && entry.types.size < 10) entry.types.add(type);
      entry.queries += queriesOf(record);
      entry.firstMs = Math.min(entry.firstMs, timeMs);
      entry.lastMs = Math.max(entry.lastMs, timeMs);
      const before = entry.names.get(name);
      if (before !== undefined || entry.names.size < MAX_NAMES)
        entry.names.set(name, Math.min(before ?? timeMs, timeMs));
    },
    /** The suspects, most queries first; without the forwarded copies if the clients' own queries are known. */
    result: (hasClients: boolean): { readonly suspects: readonly Suspect[]; readonly left: number } => ({
      suspects: [...entries.values()]
        .filter(({ client }) => !hasClients || client !== FORWARDED)
        .sort((one, other) => other.queries - one.queries)
        .map((entry) => suspectOf(entry, withCapitals)),
      left,
    }),
  };
}

function domainOf(record: JsonRecord, name: string): string {
  return (
    textOf(record, 'dns.question.tenant_domain') ??
    textOf(record, 'dns.question.registered_domain') ??
    name.split('.').slice(-2).join('.')
  );
}

function suspectOf(
  { signals, types, names, ...entry }: Entry,
  withCapitals: ReadonlyMap<string, string>,
): Suspect {
  const inOrder = [...names]
    .sort(([a, one], [b, other]) => one - other || (a < b ? -1 : 1))
    .map(([name]) => withCapitals.get(name) ?? name);
  return {
    ...entry,
    signals: [...signals].sort(),
    types: [...types].sort(),
    names: inOrder,
    decoded: decodeNames(inOrder, entry.domain),
  };
}
