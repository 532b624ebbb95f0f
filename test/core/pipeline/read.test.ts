import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createLookupKeys } from '../../../src/core/attribution/lookup-keys.ts';
import { createFastPath } from '../../../src/core/fast-path/index.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { NO_ACCELERATION } from '../../../src/core/pipeline/acceleration.ts';
import { createRecordReader } from '../../../src/core/pipeline/read.ts';
import { createSources } from '../../../src/core/sources/index.ts';

const QUERY =
  '172.31.47.132:40212 - 29008 "A IN example.org. udp 40 false 1232" NOERROR qr,rd,ra 56 0.000005874s';
const OTHER = QUERY.replace('example.org', 'other.test');

/** The result for messages that share a log stream: the queried name, or why there is none; the same on the fast path. */
function readAll(
  messages: readonly string[],
  corednsLogFormats: readonly string[] = [],
): readonly (string | undefined)[] {
  const settings = { ...DEFAULT_SETTINGS, corednsLogFormats };
  const logEvents = messages.map((message, i) => ({ id: String(i), timestamp: 1_795_168_860_000, message }));
  const data = gzipSync(
    JSON.stringify({ messageType: 'DATA_MESSAGE', logGroup: '/g', logStream: 's', logEvents }),
  );
  const input = { recordId: '1', data: data.toString('base64'), arrivalMs: 1_795_168_900_000 };
  const [ordinary, fast] = [NO_ACCELERATION, createFastPath(settings)].map((acceleration) => {
    const read = createRecordReader(createSources(settings), settings, acceleration);
    const record = read(input, createLookupKeys());
    if (record.kind !== 'envelope') throw new Error('the test builds envelopes');
    const { events } = record;
    return messages.map((_, i) => {
      const event = events.at(i);
      return typeof event === 'object' ? event.name : event;
    });
  });
  expect(fast).toEqual(ordinary);
  return ordinary ?? [];
}

describe('a split line of another container on the same stream', () => {
  const cri = (tag: string, text: string) => `2023-11-20T21:20:29.1Z stdout ${tag} ${text}`;
  it.each([
    ['text', 'x'.repeat(40)],
    ['text that looks like DNS', `[INFO] ${OTHER.slice(0, 60)}`],
    ['a whole line', `[INFO] ${OTHER}`],
  ])('loses no query: %s', (_name, first) => {
    const messages = [cri('P', first), cri('F', `[INFO] ${QUERY}`), cri('F', `[INFO] ${QUERY}`)];
    expect(readAll(messages)).toEqual(['not-dns', 'example.org', 'example.org']);
  });
});

describe('lines that no source can read', () => {
  const kubernetes = {
    pod_name: 'coredns-7d9f5c6b8-qx2lm',
    namespace_name: 'kube-system',
    container_name: 'coredns',
  };
  const bare = (log: string) => log;
  const cri = (log: string) => `2023-11-20T21:20:29.1Z stdout F ${log}`;
  const docker = (log: string) => JSON.stringify({ log: `${log}\n`, stream: 'stdout' });
  const insights = (log: string) => JSON.stringify({ time: '2023-11-20T21:20:29.1Z', log, kubernetes });
  const wrappers = Object.entries({ bare, cri, docker, insights });

  it.each([
    'Loaded plugin cowsay',
    '{"level":"info","msg":"plugin started"}',
    '{"level":"INFO","msg":"plugin/reload: Running configuration SHA512 = abc","plugin":"reload"}',
    '[INFO] plugin/reload: Running configuration SHA512 = abc',
    '[INFO] plugin/ready: Plugins not ready: "kubernetes"',
    '[INFO] plugin/transfer: Outgoing transfer of 12 records of zone "example.org." to 10.0.0.9 for 42 SOA serial',
    '[INFO] plugin/file: Notify from 10.0.0.9 for example.org.: checking transfer',
    '2019-01-02T03:04:05.678Z [INFO] plugin/file: Notify from 10.0.0.9 for example.org.: checking transfer',
    '[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API',
    '2019-01-02T03:04:05.678Z [INFO] plugin/reload: Running configuration MD5 = abc',
    '[INFO] Reloading complete',
    '[INFO] SIGTERM: Shutting down servers then terminating',
    '[INFO] Connected to 10.0.0.5. Ready',
    '[INFO] Took 1.5s. Done',
    'Connected to db.example.org. at 10.0.0.5',
    '12:00:01 [main] [INFO] asked 10.0.0.5 for example.org. again',
    '[INFO] the plugin "reload" took plugin\\"x":"log" for another plugin',
    'client 10.0.0.5 asked for example.org. udp 40',
    '{"msg":"open","net":"tcp","on":"0.0.0.0:53"}',
    '{"line":"[INFO] 10.0.0.5 example.org."}',
    '{"plugin":"log","took":3}',
    '{"query_name":"example.org.","client":"10.0.0.5"}',
    '1.5 seconds elapsed',
    '1.0 2024-03-01T12:00:00Z Zone transfer done',
    '.:53',
    'CoreDNS-1.14.7',
  ])('are not counted if they do not look like DNS: %s', (log) => {
    for (const [name, wrap] of wrappers) expect([name, readAll([wrap(log)])]).toEqual([name, ['not-dns']]);
  });

  it.each([
    '[INFO] 172.31.47.132:53 - A IN a.org. NOERROR 56 0.1s',
    '[INFO] A a.org. from [fd00::1]',
    '2019-01-02T03:04:05.678Z [INFO] 172.31.47.132:53 - A IN a.org. NOERROR 56 0.1s',
    '[INFO] {"q":"a.b.example.","who":"10.0.0.5"}',
    '[INFO] 10.0.0.5,example.org.,A,NOERROR',
    '[INFO] 10.0.0.5\texample.org.\tA',
    '[ERROR] plugin/errors: out of words',
    '[FATAL] plugin/loop: Forwarding loop detected',
    '{"level":"ERROR","msg":"out of words","plugin":"errors"}',
    '{"level":"INFO","msg":"out of words","plugin": "log"}',
  ])('are counted if they look like DNS: %s', (log) => {
    for (const [name, wrap] of wrappers) expect([name, readAll([wrap(log)])]).toEqual([name, ['unparsed']]);
  });

  it('are counted if they are of Route 53, and of a version that is not known', () => {
    const record = { query_timestamp: '2024-03-01T12:00:00Z', query_name: 'a.', srcaddr: '10.0.0.5' };
    const zone = '1.0 2024-03-01T12:00:00Z Z0EXAMPLE1 in another order';
    expect(readAll([JSON.stringify({ ...record, version: '2.0' }), zone])).toEqual(['unparsed', 'unparsed']);
  });

  it('are not counted if another plugin printed them, with any FORMAT', () => {
    // The literals of this FORMAT are in every line.
    const formats = ['{name}\t{type}'];
    const lines = ['[INFO] example.org.\tA', '[INFO] 10.0.0.5 example.org. A', '[INFO] example.org. A'];
    expect(readAll(lines, formats)).toEqual(['example.org', 'unparsed', 'not-dns']);
    expect(readAll(['[INFO] plugin/ready: Plugins not ready: "kubernetes"'], formats)).toEqual(['not-dns']);
  });

  it('are not counted if they are a part of a split line', () => {
    expect(readAll(['2023-11-20T21:20:29.1Z stdout P [INFO] 10.0.0.5 a.org.'])).toEqual(['not-dns']);
  });
});

describe('odd ends of a wrapped line', () => {
  const kubernetes = { pod_name: 'coredns-7d9f5c6b8-qx2lm', container_name: 'coredns' };
  const wrapped = (log: string) =>
    JSON.stringify({ time: '2023-11-20T21:20:29.1Z', stream: 'stdout', _p: 'F', log, kubernetes });

  it.each([
    ['a newline', '\n'],
    ['two newlines', '\n\n'],
    ['a carriage return', '\r\n'],
    // Escaped twice, it ends like a newline.
    ['a backslash and n', '\\n'],
    ['a backslash', '\\'],
    ['a quote', '"'],
    ['an opcode', ' "0"'],
    ['an opcode and a newline', ' "0"\n'],
    ['half an opcode', ' "0'],
  ])('%s is read in place as it is decoded', (_, end) => {
    expect(readAll([wrapped(`[INFO] ${QUERY}${end}`)])).toEqual(['example.org']);
  });
});
