import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readEnvelope } from '../../../src/core/cloudwatch/envelope.ts';
import type { Envelope } from '../../../src/core/model/envelope.ts';
import { createEnvelopeWriter } from '../../../src/core/outputs/cloudwatch-logs.ts';
import { createNdjsonWriter } from '../../../src/core/outputs/ndjson.ts';
import type { EnvelopeWriter } from '../../../src/core/outputs/output.ts';
import { type ByteWriter, createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { originStub } from '../../support/origin-stub.ts';

const KEEP = 'keep';
const DROP = 'drop';
const REPLACE = 'replace';
type EventEdit = typeof KEEP | typeof DROP | typeof REPLACE;

const make = (count: number, space: number) => {
  const logEvents = Array.from({ length: count }, (_, i) => ({
    id: `${i}`,
    timestamp: 1000 + i,
    message: `line ${i} "ü"`,
  }));
  const value = { messageType: 'DATA_MESSAGE', owner: '1', logGroup: '/g', logStream: 's', logEvents };
  const text = Buffer.from(JSON.stringify(value, null, space), 'utf8').toString('latin1');
  const envelope = readEnvelope(Buffer.from(text, 'latin1'));
  if (envelope === undefined) throw new Error('the test builds envelopes');
  return { value, text, envelope };
};

function writeWith(
  createWriter: (out: ByteWriter) => EnvelopeWriter,
  envelope: Envelope,
  list: readonly EventEdit[],
  record: string,
): string {
  const out = createByteWriter();
  const writer = createWriter(out);
  const { owner: accountId, logGroup, logStream } = envelope;
  writer.begin(envelope, () => originStub({ accountId, region: 'eu-west-1', logGroup, logStream }));
  for (const index of envelope.events.keys()) {
    const edit = list[index] ?? KEEP;
    if (edit !== REPLACE) writer[edit](index);
    else {
      writer.beginRecord(index);
      out.addText(record);
      writer.endRecord(index);
    }
  }
  writer.end();
  return out.bytes().toString('utf8');
}
const write = (envelope: Envelope, list: readonly EventEdit[]): string =>
  writeWith(createEnvelopeWriter, envelope, list, '{\\"a\\":1}');
const writeNdjson = (envelope: Envelope, list: readonly EventEdit[]): string =>
  writeWith(createNdjsonWriter, envelope, list, '{"a":1}');

const edits = fc.array(fc.constantFrom<EventEdit>(KEEP, DROP, REPLACE), { minLength: 1, maxLength: 8 });

describe('createEnvelopeWriter', () => {
  it('replaces and drops only the chosen events, in any layout', () => {
    fc.assert(
      fc.property(edits, fc.constantFrom(0, 2), (list, space) => {
        const { value, envelope } = make(list.length, space);
        const kept = value.logEvents.filter((_, i) => list[i] !== DROP);
        const logEvents = kept.map((event) => {
          const edit = list[Number(event.id)];
          return edit === KEEP ? event : { ...event, message: '{"a":1}' };
        });
        const text = write(envelope, list);
        if (kept.length === 0) expect(text).toBe('');
        else expect(JSON.parse(text)).toEqual({ ...value, logEvents });
      }),
    );
  });

  it('returns the same text when every event stays', () => {
    const { text, envelope } = make(3, 2);
    expect(Buffer.from(write(envelope, [KEEP, KEEP, KEEP]), 'utf8').toString('latin1')).toBe(text);
  });
});

describe('createNdjsonWriter', () => {
  it('writes a record or a plain line per event that stays', () => {
    const { envelope } = make(3, 0);
    const lines = writeNdjson(envelope, [KEEP, DROP, REPLACE]);
    expect(lines.split('\n').map((line) => (line === '' ? '' : JSON.parse(line)))).toEqual([
      {
        timestamp: '1970-01-01T00:00:01.000Z',
        content: 'line 0 "ü"',
        'aws.log_group': '/g',
        'aws.log_stream': 's',
        'aws.account.id': '1',
        'aws.region': 'eu-west-1',
        'cloud.provider': 'aws',
      },
      { a: 1 },
      '',
    ]);
  });

  it('keeps an event whose message is not a string', () => {
    const text = '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":5,"message":{"a":"b"}}]}';
    const envelope = readEnvelope(Buffer.from(text, 'latin1'));
    if (envelope === undefined) throw new Error('the test builds envelopes');
    const [line = ''] = writeNdjson(envelope, [KEEP]).split('\n');
    expect(JSON.parse(line).content).toBe('{"id":"1","timestamp":5,"message":{"a":"b"}}');
  });

  it.each(['', '"timestamp":null,', '"timestamp":1e300,', '"timestamp":-1,'])(
    'writes no timestamp for an event with the time %j',
    (member) => {
      const text = `{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1",${member}"message":"a"}]}`;
      const envelope = readEnvelope(Buffer.from(text, 'latin1'));
      if (envelope === undefined) throw new Error('the test builds envelopes');
      const [line = ''] = writeNdjson(envelope, [KEEP]).split('\n');
      expect(JSON.parse(line)).toEqual({ content: 'a', 'aws.region': 'eu-west-1', 'cloud.provider': 'aws' });
    },
  );
});
