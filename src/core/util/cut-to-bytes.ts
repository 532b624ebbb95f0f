/** Cuts a text to at most `maxBytes` of UTF-8, never inside a character. */
export function cutToBytes(value: string, maxBytes: number): string {
  if (value.length * 3 <= maxBytes || Buffer.byteLength(value) <= maxBytes) return value;
  // A character of UTF-16 has at most three bytes: no more than this is needed.
  const bytes = Buffer.from(value.slice(0, maxBytes + 1), 'utf8');
  let end = maxBytes;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
