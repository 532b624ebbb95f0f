// Envelopes one after the other through one writer, and every combination of edits against the same edits on objects.

import { describe, expect, it } from '@jest/globals';
import { readEnvelope } from '../../../src/core/cloudwatch/envelope.ts';
import type { Envelope } from '../../../src/core/model/envelope.ts';
import { OUTPUTS } from '../../../src/core/outputs/index.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { originStub } from '../../support/origin-stub.ts';

const EDITS = ['keep', 'drop', 'replace'] as const;
type Edit = (typeof EDITS)[number];

const envelopeOf = (text: string): Envelope => {
  const envelope = readEnvelope(Buffer.from(text, 'latin1'));
  if (envelope === undefined) throw new Error('the test builds envelopes');
  return envelope;
};
const listOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: String(i), timestamp: 1000 * i, message: `line ${i}` }));
const textOf = (logEvents: readonly object[], space = 0) =>
  JSON.stringify({ messageType: 'DATA_MESSAGE', logGroup: '/g', logEvents, more: 'behind' }, null, space);

function create(format: keyof typeof OUTPUTS) {
  const out = createByteWriter();
  const writer = OUTPUTS[format].createWriter(out);
  return (envelope: Envelope, edits: readonly Edit[], region: string | undefined = 'r'): string => {
    const { owner: accountId, logGroup, logStream } = envelope;
    writer.begin(envelope, () => originStub({ accountId, region, logGroup, logStream }));
    for (const [index, edit] of edits.entries()) {
      if (edit !== 'replace') writer[edit](index);
      else {
        writer.beginRecord(index);
        out.addText('NEW');
        writer.endRecord(index);
      }
    }
    writer.end();
    return out.bytes().toString('latin1');
  };
}

/** Every list of so many edits. */
const allEdits = (count: number): Edit[][] =>
  count === 0 ? [[]] : allEdits(count - 1).flatMap((list) => EDITS.map((edit) => [...list, edit]));

describe('an envelope', () => {
  it('has every combination of edits, and every other byte as it was', () => {
    const write = create('cloudwatch-logs');
    const cases = [1, 2, 3, 4].flatMap((count) => allEdits(count));
    expect(cases).toHaveLength(3 + 9 + 27 + 81);
    for (const edits of cases) {
      const list = listOf(edits.length);
      const kept = list.flatMap((event, i) =>
        edits[i] === 'drop' ? [] : [edits[i] === 'keep' ? event : { ...event, message: 'NEW' }],
      );
      const expected = kept.length === 0 ? '' : textOf(kept);
      expect([edits, write(envelopeOf(textOf(list)), edits)]).toEqual([edits, expected]);
    }
  });

  it('has white space around its events as it was', () => {
    const write = create('cloudwatch-logs');
    const list = listOf(3);
    const text = textOf(list, 2);
    const [first, second, third] = list.map((event) =>
      JSON.stringify(event, null, 2).replaceAll('\n', '\n    '),
    );
    expect(text).toContain(`[\n    ${first},\n    ${second},\n    ${third}\n  ]`);
    const envelope = envelopeOf(text);
    expect(write(envelope, ['keep', 'keep', 'keep'])).toBe(text);
    expect(write(envelope, ['drop', 'keep', 'keep'])).toBe(text.replace(`${first},\n    `, ''));
    expect(write(envelope, ['keep', 'drop', 'keep'])).toBe(text.replace(`,\n    ${second}`, ''));
    expect(write(envelope, ['keep', 'keep', 'drop'])).toBe(text.replace(`,\n    ${third}`, ''));
    expect(write(envelope, ['drop', 'drop', 'keep'])).toBe(
      text.replace(`${first},\n    ${second},\n    `, ''),
    );
  });

  it('without events stays empty of them', () => {
    expect(create('cloudwatch-logs')(envelopeOf(textOf([])), [])).toBe('');
  });
});

describe('lines of JSON', () => {
  const ORIGIN = '"aws.log_group":"/g","aws.region":"r","cloud.provider":"aws"';
  const line = (i: number, seconds: string) =>
    `{"timestamp":"1970-01-01T00:00:0${seconds}Z","content":"line ${i}",${ORIGIN}}\n`;

  it('end each, and are nothing for a dropped event', () => {
    const write = create('ndjson');
    const envelope = envelopeOf(textOf(listOf(3)));
    expect(write(envelope, ['keep', 'drop', 'replace'])).toBe(`${line(0, '0.000')}NEW\n`);
    expect(write(envelope, ['drop', 'keep', 'keep'])).toBe(line(1, '1.000') + line(2, '2.000'));
    expect(write(envelope, ['drop', 'drop', 'drop'])).toBe('');
    // An index that the envelope does not have.
    expect(write(envelope, ['keep', 'drop', 'drop', 'keep'])).toBe(line(0, '0.000'));
  });

  it('name where each envelope came from', () => {
    const write = create('ndjson');
    const text = JSON.stringify({
      messageType: 'DATA_MESSAGE',
      owner: '1',
      logGroup: '/é"',
      logStream: 's',
      logEvents: [{ id: '1', timestamp: 0, message: 'a' }],
    });
    const envelope = envelopeOf(Buffer.from(text, 'utf8').toString('latin1'));
    const [first = ''] = write(envelope, ['keep']).split('\n');
    expect(Buffer.from(first, 'latin1').toString('utf8')).toBe(
      '{"timestamp":"1970-01-01T00:00:00.000Z","content":"a","aws.log_group":"/é\\"","aws.log_stream":"s","aws.account.id":"1","aws.region":"r","cloud.provider":"aws"}',
    );
    expect(write(envelopeOf(textOf(listOf(1))), ['keep'])).toBe(line(0, '0.000'));
  });
});
