/** Measures of the part of a name before its registered domain, in symbols (an escape such as `\195` is one symbol). */
export type Subdomain = {
  /** Labels, without service labels (`_tcp`) and without a reversed address at the start. */
  readonly labels: number;
  /** Symbols in those labels, without the dots. */
  readonly symbols: number;
  /** Digits of the longest chunk that consists of hex digits only. */
  readonly longestHex: number;
  /** Digits of all hex chunks. */
  readonly hexDigits: number;
  /** Symbols of all other chunks. */
  readonly dataSymbols: number;
  /** Most runs of digits between letters in one of those chunks: `a2b` has one, names of machines rarely two. */
  readonly mostDigitRuns: number;
  /** Shannon entropy of those symbols, bits per symbol. A function, because few names are long enough to need it. */
  readonly entropyBits: () => number;
};

/**
 * Least length of a chunk, which is a run of symbols without dot, dash or underscore that could carry data. Shorter
 * runs are words, regions, numbers and the parts of a GUID.
 */
const MIN_CHUNK = 8;

/**
 * Measures the part of `name` (lower case) before `registeredDomain`. Without a registered domain (the Public Suffix
 * List has none for a name with raw bytes) it measures the part before the last two labels.
 * `2.0.0.127.zen.example.org` has 1 label and `_sip._tcp.example.org` 0, because reversed addresses (RFC 5782) and
 * service labels (RFC 8552) do not carry data.
 */
export function measureSubdomain(name: string, registeredDomain: string | undefined): Subdomain {
  const end = subdomainEnd(name, registeredDomain);
  const counts = { labels: 0, symbols: 0, longestHex: 0, hexDigits: 0, dataSymbols: 0, mostDigitRuns: 0 };
  const data: string[] = [];
  let start = end > 0 ? reversedAddressEnd(name, end) : 0;
  while (start < end) {
    const dot = nextDot(name, start, end);
    if (name.charCodeAt(start) !== 0x5f) addLabel(counts, name.slice(start, dot), data);
    start = dot + 1;
  }
  return { ...counts, entropyBits: () => entropyBits(data) };
}

type SymbolCounts = { -readonly [K in Exclude<keyof Subdomain, 'entropyBits'>]: Subdomain[K] };

const HEX = /^[0-9a-f]+$/;
const INNER_DIGITS = /[a-z][0-9]+(?=[a-z])/g;
const SEPARATOR = /[-_]/;
const ESCAPE = /\\(?:\d{3}|.)/g;

function addLabel(counts: SymbolCounts, label: string, data: string[]): void {
  const raw = label.includes('\\') ? unescaped(label) : label;
  counts.labels++;
  counts.symbols += raw.length;
  if (raw.length < MIN_CHUNK) return;
  for (const chunk of raw.split(SEPARATOR)) {
    if (chunk.length < MIN_CHUNK) continue;
    if (HEX.test(chunk)) {
      counts.hexDigits += chunk.length;
      if (chunk.length > counts.longestHex) counts.longestHex = chunk.length;
    } else {
      counts.dataSymbols += chunk.length;
      const digitRuns = chunk.match(INNER_DIGITS)?.length ?? 0;
      if (digitRuns > counts.mostDigitRuns) counts.mostDigitRuns = digitRuns;
      data.push(chunk);
    }
  }
}

/** `a\195\.b` -> `aÃ.b`: one character per byte, RFC 1035 section 5.1. */
const unescaped = (label: string): string =>
  label.replace(ESCAPE, (sequence) =>
    sequence.length === 4 ? String.fromCharCode(Number(sequence.slice(1))) : sequence.slice(1),
  );

/** Position of the dot before the registered domain; 0 or less when the name has no subdomain. */
function subdomainEnd(name: string, registeredDomain: string | undefined): number {
  if (registeredDomain !== undefined) return name.length - registeredDomain.length - 1;
  return name.lastIndexOf('.', name.lastIndexOf('.') - 1);
}

/** Position of the next dot that ends a label, or `end`. */
function nextDot(name: string, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const c = name.charCodeAt(i);
    if (c === 0x2e) return i;
    if (c === 0x5c) i++;
  }
  return end;
}

const REVERSED_V4 = /^(?:\d{1,3}\.){4}/;
const REVERSED_V6 = /^(?:[0-9a-f]\.){32}/;

/** Whether a name is one of a block list of addresses: `2.0.0.127.zen.example.org`, RFC 5782. */
export const startsWithReversedAddress = (name: string): boolean => reversedAddressEnd(name, name.length) > 0;

/** Position after a reversed address, as a name below the zone of a block list starts with; 0 without one. */
function reversedAddressEnd(name: string, end: number): number {
  if (end < 7) return 0;
  const address = REVERSED_V6.exec(name) ?? REVERSED_V4.exec(name);
  return address === null ? 0 : address[0].length;
}

function entropyBits(chunks: readonly string[]): number {
  const seen = new Uint16Array(256);
  let total = 0;
  for (const chunk of chunks) {
    for (let i = 0; i < chunk.length; i++) {
      const symbol = chunk.charCodeAt(i) & 0xff;
      seen[symbol] = (seen[symbol] ?? 0) + 1;
      total++;
    }
  }
  let bits = 0;
  for (const count of seen) {
    if (count > 0) bits -= (count / total) * Math.log2(count / total);
  }
  return bits;
}
