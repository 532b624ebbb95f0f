// Lists and texts of exactly their limit, and one beyond.

import { describe, expect, it } from '@jest/globals';
import { EMPTY_CLIENT } from '../../../src/core/attribution/client-of-owner.ts';
import type { DnsEvent } from '../../../src/core/model/dns-event.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { describeQuestion } from '../../../src/core/question/index.ts';
import { createEncoders } from '../../../src/core/record/encoders.ts';
import { createJsonEncoder } from '../../../src/core/record/json-encoder.ts';
import { createRecordWriter } from '../../../src/core/record/writer.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { cutToBytes } from '../../../src/core/util/cut-to-bytes.ts';
import { corednsEvent, resolverEvent } from '../../support/dns-event.ts';
import { originStub } from '../../support/origin-stub.ts';

const ORIGIN = originStub();
const CLIENT = { ...EMPTY_CLIENT, kind: 'unknown', attribution: 'none', cluster: undefined } as const;

const json = createJsonEncoder(1);
const settings = { ...DEFAULT_SETTINGS, omit: ['content'] };
const write = createRecordWriter(json, createEncoders(json, settings), settings);
const recordOf = (event: DnsEvent): Record<string, unknown> => {
  const out = createByteWriter();
  const attribution = { client: CLIENT, resolver: undefined, bypassesCoreDns: false };
  write(out, event, describeQuestion(event.name), attribution, [], ORIGIN);
  return JSON.parse(out.bytes().toString('utf8')) as Record<string, unknown>;
};

describe.each([
  [32, undefined],
  [33, true],
])('%i values', (count, truncated) => {
  it('of an attribute', () => {
    const list = Array.from({ length: count }, (_, i) => `v${i}`);
    const record = recordOf(corednsEvent({ extra: [['x', list]] }));
    expect([record.x, record['dns.truncated']]).toEqual([list.slice(0, 32), truncated]);
  });

  it('of the answer', () => {
    const answers = Array.from({ length: 32 }, (_, i) => ({ data: `192.0.2.${i}`, type: 'A' }));
    const record = recordOf(resolverEvent({ answers, answerCount: count }));
    expect([record['dns.answers.count'], record['dns.truncated']]).toEqual([count, truncated]);
  });
});

it.each([
  [32_000, undefined],
  [32_001, true],
])('a text of %i bytes', (bytes, truncated) => {
  const record = recordOf(corednsEvent({ upstream: 'u'.repeat(bytes) }));
  expect([record['dns.upstream'], record['dns.truncated']]).toEqual(['u'.repeat(32_000), truncated]);
});

it('does not touch a long text within the limit, half a pair included', () => {
  const text = `\ud800${'a'.repeat(20_000)}`;
  expect(cutToBytes(text, 32_000) === text).toBe(true);
});

it('starts each record without truncation', () => {
  expect(recordOf(corednsEvent({ upstream: 'u'.repeat(40_000) }))['dns.truncated']).toBe(true);
  expect(recordOf(corednsEvent())['dns.truncated']).toBeUndefined();
});
