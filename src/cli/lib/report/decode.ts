// The data in names: what a tunnel wrote into the labels before its domain.

/** Decoded data. `text` is undefined if the bytes are no text; `bytes` are its first ones. */
export type Decoded = {
  readonly encoding: 'hex' | 'base32' | 'base32hex' | 'base64url';
  readonly text: string | undefined;
  readonly bytes: Buffer;
};

/** Shortest label that is taken for data: shorter ones are counters, words and host names. */
const MIN_LABEL = 8;

/** Bytes of data that are kept per suspect. */
const MAX_BYTES = 4096;

const MIN_TEXT_SHARE = 0.9;

/**
 * Decodes the labels before `domain` of `names`, in their order, as one stream: hex, base32 and base32hex (RFC 4648), or base64url where
 * the names are as asked, with capitals. The encoding that gives text wins; hex also without text, because nothing else
 * looks like it. Undefined if none fits: base64 is lost where a log has the names in lower case.
 */
export function decodeNames(names: readonly string[], domain: string): Decoded | undefined {
  const payloads = names.map((name) => payloadOf(name, domain)).filter((payload) => payload !== '');
  if (payloads.length === 0) return undefined;
  const candidates = ENCODINGS.flatMap(({ encoding, alphabet, decode }) => {
    const fitting = payloads.filter((payload) => alphabet.test(payload));
    // A few names of another form, such as a first hello, do not hide the rest.
    if (fitting.length * 2 < payloads.length) return [];
    const bytes = joined(fitting.map(decode));
    return bytes.length === 0 ? [] : [{ encoding, bytes, text: textIn(bytes) }];
  });
  return (
    candidates.find(({ text }) => text !== undefined) ?? candidates.find(({ encoding }) => encoding === 'hex')
  );
}

/** `00.7573657220726f6f.sync.example.net` below `example.net` -> `7573657220726f6f`. */
function payloadOf(name: string, domain: string): string {
  const end = name.length - domain.length - 1;
  return name
    .slice(0, Math.max(0, end))
    .split('.')
    .filter((label) => label.length >= MIN_LABEL)
    .join('');
}

const ENCODINGS = [
  {
    encoding: 'hex',
    alphabet: /^[0-9a-f]+$/i,
    decode: (payload: string) => Buffer.from(payload.slice(0, payload.length & ~1), 'hex'),
  },
  {
    encoding: 'base32',
    alphabet: /^[a-z2-7]+$/i,
    decode: (payload: string) => fromBase32(payload, 'abcdefghijklmnopqrstuvwxyz234567'),
  },
  {
    encoding: 'base32hex',
    alphabet: /^[0-9a-v]+$/i,
    decode: (payload: string) => fromBase32(payload, '0123456789abcdefghijklmnopqrstuv'),
  },
  {
    encoding: 'base64url',
    alphabet: /^(?=.*[A-Z])[\w-]+$/,
    decode: (payload: string) => Buffer.from(payload, 'base64url'),
  },
] as const;

function fromBase32(payload: string, digits: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of payload.toLowerCase()) {
    value = ((value << 5) | digits.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}

function joined(pieces: readonly Buffer[]): Buffer {
  const kept: Buffer[] = [];
  let length = 0;
  for (const piece of pieces) {
    if (length >= MAX_BYTES) break;
    kept.push(piece);
    length += piece.length;
  }
  return Buffer.concat(kept).subarray(0, MAX_BYTES);
}

/** The text in bytes, if nearly all of them are printable; other bytes as a dot. */
function textIn(bytes: Buffer): string | undefined {
  let printable = 0;
  for (const byte of bytes)
    if ((byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09) printable++;
  const utf8 = bytes.toString('utf8');
  if (printable / bytes.length < MIN_TEXT_SHARE && (utf8.includes('\ufffd') || printable * 2 < bytes.length))
    return;
  return utf8
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Cc}\ufffd]/gu, (character) => (character === '\n' || character === '\t' ? character : '·'));
}
