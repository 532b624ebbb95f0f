// Compares a record before and after the function: the outcome of each event, and illegal changes.
import { inflateIfGzip } from '../io/inflate.ts';
import { parseJson } from '../io/json.ts';
import { type InputRecord, markerText, type Outcome, type Unit } from './ledger.ts';

/** Outcome of one event of a record. */
export type EventOutcome = { readonly marker: number; readonly outcome: Outcome };

type Violate = (text: string) => void;
type Event = { readonly message?: unknown } & Readonly<Record<string, unknown>>;

// Texts are binary (one character per byte), because bytes that are not valid UTF-8 must be preserved too.
const textOf = (data: Buffer): string => inflateIfGzip(data).toString('latin1');

/**
 * Compares an input record with its `Ok` output data. Events missing from the result were not delivered, unless they are
 * among `merged`: those are counted in the record of another event.
 */
export function compare(
  input: InputRecord,
  output: Buffer,
  violate: Violate,
  merged: ReadonlySet<number> = NONE,
): readonly EventOutcome[] {
  const units = input.units.map((unit) => (merged.has(unit.marker) ? { ...unit, isDroppable: true } : unit));
  if (output.equals(input.data)) return units.map(({ marker }) => ({ marker, outcome: 'passedThrough' }));
  if (input.shape === 'opaque') {
    violate(`record of event ${input.units[0]?.marker} was altered`);
    return [];
  }
  const before = textOf(input.data);
  const after = textOf(output);
  if (input.shape === 'lines') return compareLines(units, before.split('\n'), after.split('\n'), violate);
  const envelope = parseJson(after) as { logEvents?: unknown } | undefined;
  if (!Array.isArray(envelope?.logEvents)) return readNdjson(units, after, violate);
  return compareEnvelopes(units, before, after, violate);
}

const NONE: ReadonlySet<number> = new Set();

const SUFFIXES = 'dns.query.suffixes';

/** The events that records in the output of one Firehose record stand for, besides their own. */
export function mergedIn(output: Buffer): readonly number[] {
  const text = textOf(output);
  const envelope = parseJson(text) as { logEvents?: unknown } | undefined;
  const messages = Array.isArray(envelope?.logEvents)
    ? (envelope.logEvents as (Event | null)[]).map((event) => String(event?.message))
    : text.split('\n');
  return messages.flatMap((message) => {
    if (!message.includes(SUFFIXES)) return [];
    const record = (parseJson(message) ?? {}) as Record<string, unknown>;
    const own = new Set(markersIn(String(record['dns.question.name'])));
    return markersIn(JSON.stringify(record[SUFFIXES])).filter((marker) => !own.has(marker));
  });
}

const markersIn = (text: string): readonly number[] =>
  [...text.matchAll(/zq(\d+)qz/g)].map((match) => Number(match[1]));

function compareEnvelopes(
  units: readonly Unit[],
  before: string,
  after: string,
  violate: Violate,
): EventOutcome[] {
  const { logEvents: eventsBefore, ...headBefore } = JSON.parse(before) as { logEvents: Event[] };
  const { logEvents: eventsAfter, ...headAfter } = JSON.parse(after) as { logEvents: Event[] };
  if (JSON.stringify(headBefore) !== JSON.stringify(headAfter)) violate('envelope members were altered');
  // Unchanged means identical JSON literals, not merely texts that are equal after decoding.
  const literalsBefore = messageLiterals(before);
  const literalsAfter = messageLiterals(after);
  const outcomes: EventOutcome[] = [];
  let at = 0;
  for (const [i, unit] of units.entries()) {
    const expected = eventsBefore[i];
    const found = eventsAfter[at];
    const isPresent = found !== undefined && sameExceptMessage(expected, found);
    if (!isPresent && !unit.isDroppable)
      violate(`event ${unit.marker} is missing or altered outside its message`);
    if (!isPresent) continue;
    const isSame = literalsBefore[i] === literalsAfter[at];
    outcomes.push(outcomeOf(unit, isSame, String(found.message), violate));
    at += 1;
  }
  if (at !== eventsAfter.length) violate(`${eventsAfter.length - at} events out of place`);
  return outcomes;
}

const messageLiterals = (text: string): readonly string[] =>
  text.match(/"message":\s*"(?:[^"\\]|\\.)*"/g)?.map((literal) => literal.replace(/^"message":\s*/, '')) ??
  [];

const sameExceptMessage = (a: Event | undefined, b: Event): boolean =>
  JSON.stringify({ ...a, message: '' }) === JSON.stringify({ ...b, message: '' });

function compareLines(
  units: readonly Unit[],
  before: readonly string[],
  after: readonly string[],
  violate: Violate,
): EventOutcome[] {
  const outcomes: EventOutcome[] = [];
  let at = 0;
  for (const [i, unit] of units.entries()) {
    const isPresent = after[at]?.includes(markerText(unit.marker)) ?? false;
    if (!isPresent && !unit.isDroppable) violate(`line ${unit.marker} is missing or out of order`);
    if (!isPresent) continue;
    outcomes.push(outcomeOf(unit, before[i] === after[at], after[at] ?? '', violate));
    at += 1;
  }
  return outcomes;
}

/** In `ndjson`, only the marker identifies the event of a line. */
function readNdjson(units: readonly Unit[], text: string, violate: Violate): EventOutcome[] {
  const byMarker = new Map(units.map((unit) => [unit.marker, unit]));
  const outcomes: EventOutcome[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const merged = new Set(mergedIn(Buffer.from(line, 'latin1')));
    const markers = new Set(markersIn(line).filter((marker) => !merged.has(marker)));
    const [marker = -1] = markers;
    const unit = byMarker.get(marker);
    if (markers.size !== 1 || unit === undefined) violate(`line with markers [${[...markers]}]`);
    else {
      const { 'log.source': source } = (parseJson(line) ?? {}) as { 'log.source'?: unknown };
      outcomes.push(outcomeOf(unit, source === undefined, line, violate));
    }
  }
  return outcomes;
}

function outcomeOf(unit: Unit, isSame: boolean, message: string, violate: Violate): EventOutcome {
  const { marker } = unit;
  if (isSame) return { marker, outcome: 'passedThrough' };
  const record = parseJson(message) as Record<string, unknown> | undefined;
  if (!unit.isDns) violate(`event ${marker} is not a DNS log and was altered`);
  else if (typeof record?.timestamp !== 'string' || typeof record['log.source'] !== 'string') {
    violate(`event ${marker} was altered, but is not a normalised record`);
  } else if (!message.includes(markerText(marker))) violate(`event ${marker} became another event`);
  return { marker, outcome: 'normalised' };
}
