import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { decodeRecord } from '../../../src/core/cloudwatch/decode-record.ts';

const MAX = 1_000_000;
const data = JSON.stringify({
  messageType: 'DATA_MESSAGE',
  owner: '1',
  logGroup: '/g',
  logStream: 's',
  logEvents: [],
});
const control = data.replace('DATA_MESSAGE', 'CONTROL_MESSAGE');
const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64');

describe('decodeRecord', () => {
  it.each([
    ['a gzipped envelope', gzipSync(data), 'envelope'],
    ['a plain envelope', data, 'envelope'],
    ['a control message', gzipSync(control), 'control'],
    ['a plain control message', control, 'control'],
    ['an unknown message type', gzipSync(data.replace('DATA_', 'NEWS_')), 'foreign'],
    ['gzip of something else', gzipSync('hello'), 'foreign'],
    ['bare lines', 'one\ntwo\n', 'text'],
    ['binary data that is not gzip', Buffer.from([0, 1, 2, 0xff]), 'text'],
    ['no data', '', 'text'],
    ['text that contains logEvents', 'about "logEvents"', 'text'],
  ])('recognises %s', (_, bytes, kind) => {
    expect(decodeRecord(base64(bytes), MAX).kind).toBe(kind);
  });

  it.each([
    ['broken inside', Buffer.concat([gzipSync(data).subarray(0, 20), Buffer.alloc(40, 7)]), 'GZIP_BROKEN'],
    ['cut off', gzipSync(data).subarray(0, -9), 'GZIP_TRUNCATED'],
    ['only the magic number', Buffer.from([0x1f, 0x8b]), 'GZIP_TRUNCATED'],
    ['a bomb', gzipSync(Buffer.alloc(MAX + 1)), 'GZIP_TOO_LARGE'],
  ])('classifies gzip that is %s', (_, bytes, code) => {
    expect(decodeRecord(base64(bytes), MAX)).toEqual({ kind: 'failed', code });
  });

  it('inflates up to the limit, and counts the received bytes', () => {
    const bytes = gzipSync(data);
    expect(decodeRecord(base64(bytes), data.length)).toMatchObject({ gzipped: true, bytes: bytes.length });
  });
});

describe('gzip as writers leave it behind', () => {
  const half = Math.floor(data.length / 2);
  const members = (...parts: (string | Buffer)[]): Buffer =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? gzipSync(part) : part)));
  const padding = (text: string): Buffer => Buffer.from(text, 'latin1');
  const damaged = (bytes: Buffer, fromEnd: number): Buffer => {
    bytes.writeUInt8(bytes.readUInt8(bytes.length - fromEnd) ^ 1, bytes.length - fromEnd);
    return bytes;
  };
  const first = data.slice(0, half);
  const second = data.slice(half);
  // As `gzip --name` writes it: flags for a name, a comment, extra bytes and the header's checksum.
  const withName = (text: string): Buffer => {
    const plain = gzipSync(text);
    const options = Buffer.from('\x03\x00abcname\0comment\0\x12\x34', 'latin1');
    const head = Buffer.from(plain.subarray(0, 10));
    head[3] = 0x1e;
    return Buffer.concat([head, options, plain.subarray(10)]);
  };

  it.each([
    ['a line break', members(data, padding('\n'))],
    ['CRLF', members(data, padding('\r\n'))],
    ['zeros', members(data, padding('\0\0\0'))],
    ['zeros and line breaks', members(data, padding('\0\n\0\r\n\0'))],
    ['two members', members(first, second)],
    ['a line break behind each member', members(first, padding('\n'), second, padding('\n'))],
    ['zeros between members', members(first, padding('\0\0'), second)],
    ['an empty member', members(data, '', padding('\n'), '')],
    ['every optional field', members(withName(data), padding('\n'))],
  ])('is read with %s', (_, bytes) => {
    const record = decodeRecord(base64(bytes), MAX);
    expect(record).toMatchObject({ kind: 'envelope', gzipped: true, bytes: bytes.length });
    expect(record.kind === 'envelope' && record.envelope.text).toBe(data);
  });

  it.each([
    ['text', members(data, padding('\nx'))],
    ['text behind zeros', members(data, padding('\0x'))],
    ['half a member', members(data, padding('\n'), gzipSync(second).subarray(0, -3))],
    ['a member with a wrong checksum', members(data, padding('\n'), damaged(gzipSync(second), 8))],
    ['a member with a wrong length', members(data, padding('\n'), damaged(gzipSync(second), 4))],
    ['only a header', members(data, padding('\n'), gzipSync('').subarray(0, 11))],
    [
      'a name without an end',
      members(data, padding('\n'), Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0, 65, 66])),
    ],
    [
      'more members than a record has',
      members(data, padding('\n'), Buffer.concat(new Array(1001).fill(gzipSync('')))),
    ],
  ])('fails with %s behind it', (_, bytes) => {
    expect(decodeRecord(base64(bytes), MAX)).toMatchObject({
      kind: 'failed',
      code: expect.stringMatching(/^GZIP_(?:BROKEN|TRUNCATED)$/),
    });
  });

  it('counts the members together against the limit', () => {
    const bytes = members(first, padding('\n'), second, padding('\n'));
    expect(decodeRecord(base64(bytes), data.length).kind).toBe('envelope');
    expect(decodeRecord(base64(bytes), data.length - 1)).toEqual({ kind: 'failed', code: 'GZIP_TOO_LARGE' });
  });
});
