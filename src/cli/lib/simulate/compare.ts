// A record before and after the function: which of its events went on how, and what was altered that must not be.
import { gunzipSync } from 'node:zlib';
import { type Fate, type InputRecord, markerText, type Unit } from './ledger.ts';

/** How an event of the record left the function. */
export type Settled = { readonly marker: number; readonly fate: Fate };

type Violate = (text: string) => void;
type Event = { readonly message?: unknown } & Readonly<Record<string, unknown>>;

// All text here is binary (one character per byte): bytes that are no UTF-8 must survive too.
const textOf = (data: Buffer): string =>
  (data[0] === 0x1f && data[1] === 0x8b ? gunzipSync(data) : data).toString('latin1');

/** Compares what went in with the `Ok` data that came out. Events that are not in the answer were not sent on. */
export function compare(input: InputRecord, output: Buffer, violate: Violate): readonly Settled[] {
  if (output.equals(input.data)) return input.units.map(({ marker }) => ({ marker, fate: 'passedThrough' }));
  if (input.shape === 'opaque') {
    violate(`record of event ${input.units[0]?.marker} was altered`);
    return [];
  }
  const before = textOf(input.data);
  const after = textOf(output);
  if (input.shape === 'lines')
    return compareLines(input.units, before.split('\n'), after.split('\n'), violate);
  const envelope = parse(after) as { logEvents?: unknown } | undefined;
  if (!Array.isArray(envelope?.logEvents)) return readNdjson(input.units, after, violate);
  return compareEnvelopes(input.units, before, after, violate);
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

function compareEnvelopes(
  units: readonly Unit[],
  before: string,
  after: string,
  violate: Violate,
): Settled[] {
  const { logEvents: eventsBefore, ...headBefore } = JSON.parse(before) as { logEvents: Event[] };
  const { logEvents: eventsAfter, ...headAfter } = JSON.parse(after) as { logEvents: Event[] };
  if (JSON.stringify(headBefore) !== JSON.stringify(headAfter)) violate('envelope members were altered');
  // Byte for byte means the very literals, not texts that are equal once their escapes are undone.
  const literalsBefore = messageLiterals(before);
  const literalsAfter = messageLiterals(after);
  const settled: Settled[] = [];
  let at = 0;
  for (const [i, unit] of units.entries()) {
    const wanted = eventsBefore[i];
    const found = eventsAfter[at];
    const isHere = found !== undefined && sameButMessage(wanted, found);
    if (!isHere && !unit.isDroppable)
      violate(`event ${unit.marker} is missing or altered beside its message`);
    if (!isHere) continue;
    const isSame = literalsBefore[i] === literalsAfter[at];
    settled.push(settle(unit, isSame, String(found.message), violate));
    at += 1;
  }
  if (at !== eventsAfter.length) violate(`${eventsAfter.length - at} events out of place`);
  return settled;
}

const messageLiterals = (text: string): readonly string[] =>
  text.match(/"message":\s*"(?:[^"\\]|\\.)*"/g)?.map((literal) => literal.replace(/^"message":\s*/, '')) ??
  [];

const sameButMessage = (a: Event | undefined, b: Event): boolean =>
  JSON.stringify({ ...a, message: '' }) === JSON.stringify({ ...b, message: '' });

function compareLines(
  units: readonly Unit[],
  before: readonly string[],
  after: readonly string[],
  violate: Violate,
): Settled[] {
  const settled: Settled[] = [];
  let at = 0;
  for (const [i, unit] of units.entries()) {
    const isHere = after[at]?.includes(markerText(unit.marker)) ?? false;
    if (!isHere && !unit.isDroppable) violate(`line ${unit.marker} is missing or out of order`);
    if (!isHere) continue;
    settled.push(settle(unit, before[i] === after[at], after[at] ?? '', violate));
    at += 1;
  }
  return settled;
}

/** In `ndjson` nothing but the marker tells which event a line is. */
function readNdjson(units: readonly Unit[], text: string, violate: Violate): Settled[] {
  const byMarker = new Map(units.map((unit) => [unit.marker, unit]));
  const settled: Settled[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const markers = new Set([...line.matchAll(/zq(\d+)qz/g)].map((match) => Number(match[1])));
    const [marker = -1] = markers;
    const unit = byMarker.get(marker);
    if (markers.size !== 1 || unit === undefined) violate(`line with markers [${[...markers]}]`);
    else {
      const { 'log.source': source } = (parse(line) ?? {}) as { 'log.source'?: unknown };
      settled.push(settle(unit, source === undefined, line, violate));
    }
  }
  return settled;
}

function settle(unit: Unit, isSame: boolean, message: string, violate: Violate): Settled {
  const { marker } = unit;
  if (isSame) return { marker, fate: 'passedThrough' };
  const record = parse(message) as Record<string, unknown> | undefined;
  if (!unit.isDns) violate(`event ${marker} is no DNS log and was altered`);
  else if (typeof record?.timestamp !== 'string' || typeof record['log.source'] !== 'string') {
    violate(`event ${marker} was altered into something that is no normalized record`);
  } else if (!message.includes(markerText(marker))) violate(`event ${marker} became another one`);
  return { marker, fate: 'normalised' };
}
