import type { Random } from '../../src/cli/lib/simulate/random.ts';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';
const BASE58 = '123456789abcdefghjklmnpqrstuvwxyz';
// CoreDNS and this project write names in lower case, so base64url becomes this alphabet.
const BASE64URL = `${BASE36}-_`;
const HEX = '0123456789abcdef';
const WORDS =
  'about after again amount before customer delivery every from have invoice last letter meeting never number order other people please price report server their there these they thing this through total under value water week when where which with would year'.split(
    ' ',
  );

/** A tunnel: how a tool encodes data in names and splits it. */
export type Tunnel = {
  readonly name: string;
  /** The name of one query, below `t.example.com`. */
  make(random: Random): string;
};

/**
 * Imitations of public tools' encodings: alphabet, label length and name length, which are all that a detector sees.
 */
export const TUNNELS: readonly Tunnel[] = [
  tunnel('hex, full name (dnscat2 data)', HEX, 60, [120, 220]),
  tunnel('hex, medium (beacon upload)', HEX, 56, [70, 168]),
  tunnel('hex, one label (xxd -p in a loop)', HEX, 60, [60, 60]),
  tunnel('hex, 40 digits (20 bytes at a time)', HEX, 40, [40, 40]),
  tunnel('base32, full name (iodine upstream)', BASE32, 57, [150, 210]),
  tunnel('base32, one label (exfiltration script)', BASE32, 63, [48, 63]),
  tunnel('base58, full name (implant upload)', BASE58, 63, [120, 200]),
  tunnel('base64url, full name (file over DNS)', BASE64URL, 63, [150, 210]),
  tunnel('base64url, chunks of 57 with counters', BASE64URL, 57, [114, 171]),
  tunnel('base64url, one label', BASE64URL, 63, [44, 63]),
  tunnel('base32, chunks of 12', BASE32, 12, [60, 144]),
  tunnel('hex, chunks of 16', HEX, 16, [80, 160]),
  { name: 'raw bytes as \\DDD (iodine base128)', make: (random) => `${escaped(random, 60)}.t.example.com` },
  { name: 'spelled out, one letter per label', make: (random) => spelled(random) },
];

/** What people steal, in place of random bytes: the encoded text has the regularities of the data. */
const REAL_DATA: Readonly<Record<string, (random: Random, bytes: number) => Buffer>> = {
  text: (random, bytes) => filled(bytes, () => `${random.pick(WORDS)}${random.int(12) === 0 ? '.' : ''} `),
  CSV: (random, bytes) =>
    filled(
      bytes,
      () =>
        `${random.int(99_999)},${random.pick(WORDS)},${random.int(999)}.${random.int(99)},2026-11-2${random.int(9)}\n`,
    ),
  JSON: (random, bytes) =>
    filled(
      bytes,
      () => `{"id":${random.int(9999)},"${random.pick(WORDS)}":"${random.pick(WORDS)}","ok":true},`,
    ),
};

const ENCODINGS: Readonly<Record<string, (data: Buffer) => string>> = {
  base32: (data) => base32(data),
  base64url: (data) => data.toString('base64url').toLowerCase(),
};

/** Tunnels of real data: one label, and full names. */
export const REAL_TUNNELS: readonly Tunnel[] = Object.entries(REAL_DATA).flatMap(([what, data]) =>
  Object.entries(ENCODINGS).flatMap(([encoding, encode]) =>
    (
      [
        ['one label', 63, [48, 63]],
        ['full name', 57, [150, 210]],
        ['chunks of 12', 12, [60, 144]],
      ] as const
    ).map(([shape, labelLength, lengths]) =>
      tunnelOf(
        `${what} in ${encoding}, ${shape}`,
        (random, length) => encode(data(random, length)),
        labelLength,
        lengths,
      ),
    ),
  ),
);

/**
 * Names with too little data to distinguish them from an id; detected by counting names per domain (hunting queries).
 */
export const SLOW_TUNNELS: readonly Tunnel[] = [
  tunnel('hex, 18 digits (dnscat2 poll)', HEX, 18, [18, 18]),
  tunnel('hex, 32 digits (one MD5 hash)', HEX, 32, [32, 32]),
  tunnel('base32, 20 symbols', BASE32, 20, [20, 20]),
  tunnel('hex, 8 digits (beacon check-in)', HEX, 8, [8, 8]),
];

function tunnel(
  name: string,
  alphabet: string,
  labelLength: number,
  lengths: readonly [number, number],
): Tunnel {
  return tunnelOf(name, (random, length) => random.text(alphabet, length), labelLength, lengths);
}

/** `encoded` returns at least `length` symbols. */
function tunnelOf(
  name: string,
  encoded: (random: Random, length: number) => string,
  labelLength: number,
  [least, most]: readonly [number, number],
): Tunnel {
  const make = (random: Random): string => {
    const length = least + random.int(most - least + 1);
    const labels =
      encoded(random, length)
        .slice(0, length)
        .match(new RegExp(`.{1,${labelLength}}`, 'g')) ?? [];
    return `${labels.join('.')}.t.example.com`;
  };
  return { name, make };
}

function filled(bytes: number, next: () => string): Buffer {
  let text = '';
  while (text.length < bytes) text += next();
  return Buffer.from(text.slice(0, bytes));
}

/** RFC 4648, lower case, without padding. */
function base32(data: Buffer): string {
  const bits = Array.from(data, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

function escaped(random: Random, bytes: number): string {
  return Array.from(random.bytes(bytes), (byte) => {
    const isPlain = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a);
    return isPlain ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`;
  }).join('');
}

const spelled = (random: Random): string =>
  `${[...random.text(BASE36, 16 + random.int(40))].join('.')}.t.example.com`;
