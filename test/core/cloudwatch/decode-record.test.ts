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
