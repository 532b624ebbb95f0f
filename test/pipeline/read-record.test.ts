import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { noKeys } from '../../src/enrich.ts';
import { DEFAULT_SETTINGS } from '../../src/model/settings.ts';
import { createRecordReader } from '../../src/pipeline/read-record.ts';
import { createSources } from '../../src/sources/index.ts';

const QUERY =
  '172.31.47.132:40212 - 29008 "A IN example.org. udp 40 false 1232" NOERROR qr,rd,ra 56 0.000005874s';
const OTHER = QUERY.replace('example.org', 'other.test');

/** What becomes of messages that share a log stream: the name that is asked for, or why there is none. */
function readAll(messages: readonly string[], logStream = 's'): readonly (string | undefined)[] {
  const reader = createRecordReader(createSources(DEFAULT_SETTINGS), 1 << 20);
  const logEvents = messages.map((message, i) => ({ id: String(i), timestamp: 1_795_168_860_000, message }));
  const data = gzipSync(
    JSON.stringify({ messageType: 'DATA_MESSAGE', logGroup: '/g', logStream, logEvents }),
  );
  const input = { recordId: '1', data: data.toString('base64'), arrivalMs: 1_795_168_900_000 };
  const record = reader.read(input, noKeys());
  return messages.map((_, i) => {
    const event = reader.eventAt(record, i);
    return typeof event === 'object' ? event.name : event;
  });
}

describe('a split line of another container on the same stream', () => {
  const cri = (tag: string, text: string) => `2023-11-20T21:20:29.1Z stdout ${tag} ${text}`;
  it.each([
    ['text', 'x'.repeat(40)],
    ['what looks like DNS', `[INFO] ${OTHER.slice(0, 60)}`],
    ['a whole line', `[INFO] ${OTHER}`],
  ])('swallows no query: %s', (_name, first) => {
    const messages = [cri('P', first), cri('F', `[INFO] ${QUERY}`), cri('F', `[INFO] ${QUERY}`)];
    expect(readAll(messages)).toEqual(['not-dns', 'example.org', 'example.org']);
  });
});
