import { CLIENT_SCOPES, type LogSourceName } from '../../../core/model/log-sources.ts';
import type { JsonRecord } from '../io/firehose-response.ts';

/** A name that a record's client asked for. */
export type Question = {
  readonly name: string;
  readonly types: readonly string[];
  readonly queries: number;
  /** Whether the client's resolver made the name, and it does not exist. */
  readonly isExpansion: boolean;
};

// RFC 1035: 255 bytes; each may be printed as an escape of four characters.
const MAX_NAME_CHARS = 1020;

/**
 * The questions of a record: one, or one per name where the record stands for the look-up of several (`AGGREGATE=lookup`:
 * the name and its search expansions). Empty for public zones, whose clients are not ours, and for records without a name.
 */
export function questionsOf(record: JsonRecord): readonly Question[] {
  if (CLIENT_SCOPES[record['log.source'] as LogSourceName] === 'none') return [];
  const name = record['dns.question.name'];
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_CHARS) return [];
  const count = record['dns.query.count'];
  const queries = typeof count === 'number' && count >= 1 && Number.isFinite(count) ? count : 1;
  const type = record['dns.question.type'];
  const types = texts(record['dns.query.types'] ?? (type === undefined ? [] : [type]));
  const intended = record['dns.question.intended_name'];
  const base = typeof intended === 'string' ? intended : name;
  const suffixes = texts(record['dns.query.suffixes']);
  const expansions = suffixes.map((suffix) => normalised(`${base}.${suffix}`));
  const asked = normalised(name);
  const names = new Set([asked, ...expansions]);
  const isExpanded = record['dns.question.category'] === 'search-expansion';
  return [...names].map((one) => ({
    name: one,
    types,
    queries: queries / names.size,
    isExpansion: isExpanded || one !== asked,
  }));
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const normalised = (name: string): string => name.toLowerCase().replace(/(?<=[^.\\])\.$/, '');
