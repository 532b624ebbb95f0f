// Several records in one text: a log shipper joins lines, a producer leaves the line break out.
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { NO_ACCELERATION } from '../../../src/core/pipeline/acceleration.ts';
import { resolverRecord } from '../../support/resolver-record.ts';
import { envelopeOf, query, runBatch } from '../../support/run-batch.ts';
import { strictGunzip } from '../../support/strict-gzip.ts';

const namesIn = (text: string): readonly unknown[] =>
  text.split('\n').map((line) => (JSON.parse(line) as Record<string, unknown>)['dns.question.name']);

describe('a record without an envelope', () => {
  const resolver = (name: string) => resolverRecord({ query_name: `${name}.` });
  const wrapped = (name: string) => JSON.stringify({ log: `${query(name)}\n`, stream: 'stdout' });
  it.each([
    ['Resolver records', resolver('a.example') + resolver('b.example') + resolver('c.example')],
    ['with blanks between', `${resolver('a.example')} ${resolver('b.example')}\t${resolver('c.example')}`],
    ['lines of CoreDNS', query('a.example') + query('b.example') + query('c.example')],
    ['wrapped lines', wrapped('a.example') + wrapped('b.example') + wrapped('c.example')],
    ['some in lines of their own', `${query('a.example')}${query('b.example')}\n${query('c.example')}`],
  ])('has a record for each of several %s', async (_name, text) => {
    const { outcomes, summary } = await runBatch([Buffer.from(text)]);
    expect(namesIn(`${outcomes[0]?.data}`)).toEqual(['a.example', 'b.example', 'c.example']);
    expect(summary).toMatchObject({ eventsIn: 3, passedThrough: 0 });
  });

  it('loses those that DROP removes, and no other', async () => {
    const text = query('a.example') + query('web.shop.svc.cluster.local') + query('c.example');
    const { outcomes } = await runBatch([Buffer.from(text)], { settings: { drop: new Set(['cluster']) } });
    expect(namesIn(`${outcomes[0]?.data}`)).toEqual(['a.example', 'c.example']);
  });

  it.each([
    ['a record and another object', `${resolver('a.example')}{"level":"info"}`],
    ['a record and half of one', resolver('a.example') + resolver('b.example').slice(0, -1)],
    ['objects of an application', '{"a":1}{"b":2}'],
  ])('stays as it is: %s', async (_name, text) => {
    const { outcomes } = await runBatch([Buffer.from(text)]);
    expect(outcomes[0]).toMatchObject({ result: 'Ok', isUnchanged: true });
  });
});

describe('an event of an envelope', () => {
  it.each([
    ['Resolver records', resolverRecord() + resolverRecord()],
    ['Resolver records in lines', `${resolverRecord()}\n${resolverRecord()}`],
  ])('with several %s is left as it is, because it has one id', async (_name, message) => {
    const { outcomes, summary } = await runBatch([gzipSync(envelopeOf([message]))]);
    expect(outcomes[0]).toMatchObject({ result: 'Ok', isUnchanged: true });
    expect(summary).toMatchObject({ eventsIn: 1, passedThrough: 1, unparsed: 0 });
  });

  it.each([
    ['line', `${query('a.example')}\n${query('b.example')}`],
    ['wrapper', JSON.stringify({ log: `${query('a.example')}\n${query('b.example')}\n` })],
    ['line without a break', query('a.example') + query('b.example')],
  ])('with several queries in a %s is the first, and keeps the others', async (_name, message) => {
    const settings = { drop: new Set(['external'] as const) };
    const { outcomes } = await runBatch([gzipSync(envelopeOf([message]))], { settings });
    const envelope = JSON.parse(gunzipSync(outcomes[0]?.data ?? '').toString()) as {
      readonly logEvents: readonly { readonly message: string }[];
    };
    const record = JSON.parse(envelope.logEvents[0]?.message ?? '') as Record<string, unknown>;
    expect(record).toMatchObject({
      'dns.question.name': 'a.example',
      'dns.response_code': 'NOERROR',
      duration: 100_000,
      content: expect.stringContaining('b.example. udp'),
    });
    expect(record).not.toHaveProperty(['dns.parse.status']);
  });
});

describe('several gzip members', () => {
  const envelope = envelopeOf([query('a.example'), query('b.example')]);
  const half = envelope.length >> 1;
  const members = Buffer.concat([
    gzipSync(envelope.subarray(0, half)),
    Buffer.from('\n'),
    gzipSync(envelope.subarray(half)),
    Buffer.from('\r\n\0'),
  ]);

  it('become one that a strict reader takes', async () => {
    const { outcomes } = await runBatch([members]);
    expect(outcomes[0]?.result).toBe('Ok');
    const text = strictGunzip(outcomes[0]?.data ?? Buffer.alloc(0)).toString();
    expect(text).toContain('\\"dns.question.name\\":\\"b.example\\"');
  });

  it('keep their bytes where there is no DNS event', async () => {
    const other = Buffer.concat([gzipSync(envelopeOf(['hello'])), Buffer.from('\n')]);
    const { outcomes } = await runBatch([other]);
    expect(outcomes[0]).toMatchObject({ result: 'Ok', isUnchanged: true });
  });

  const other = (messages: readonly string[], members: object = {}) =>
    envelopeOf(messages, { logGroup: '/other', ...members });
  const messagesIn = (text: string): readonly (readonly [group: string, name: unknown])[] =>
    text
      .split(/(?<=\})\s*(?=\{"messageType")/)
      .map((part) => JSON.parse(part) as { logGroup: string; logEvents: { message: string }[] })
      .flatMap(({ logGroup, logEvents }) =>
        logEvents.map(({ message }) => [
          logGroup,
          message.startsWith('{')
            ? (JSON.parse(message) as Record<string, unknown>)['dns.question.name']
            : message,
        ]),
      );
  const PAIRS = [
    ['/g', 'a.example'],
    ['/g', 'hello'],
    ['/other', 'b.example'],
  ];

  it.each([
    ['a member each', [gzipSync, gzipSync], ''],
    ['a member each, with line breaks', [gzipSync, gzipSync], '\n'],
    ['no gzip', [Buffer.from, Buffer.from], ''],
    ['no gzip, with line breaks', [Buffer.from, Buffer.from], '\n'],
  ] as const)('of several envelopes: %s', async (_name, [packFirst, packSecond], separator) => {
    const first = packFirst(envelopeOf([query('a.example'), 'hello']));
    const second = packSecond(other([query('b.example')]));
    const data = Buffer.concat([first, Buffer.from(separator), second, Buffer.from(separator)]);
    for (const acceleration of [undefined, NO_ACCELERATION]) {
      const { outcomes, summary } = await runBatch([data], { ...(acceleration && { acceleration }) });
      const out = outcomes[0]?.data ?? Buffer.alloc(0);
      const text = (packFirst === gzipSync ? strictGunzip(out) : out).toString();
      expect(messagesIn(text)).toEqual(PAIRS);
      expect(summary).toMatchObject({ eventsIn: 3, passedThrough: 1 });
    }
  });

  it.each([
    ['nothing in them is DNS', [envelopeOf(['x']), other(['y'])], 'Ok', true],
    [
      'one is of an unknown type',
      [envelopeOf([query('a.example')]), other(['y'], { messageType: 'NEWS' })],
      'Ok',
      true,
    ],
    ['one is cut off', [envelopeOf([query('a.example')]), other(['y']).subarray(0, -1)], 'Ok', true],
    [
      'all events are dropped',
      [envelopeOf([query('a.example')]), other([query('b.example')])],
      'Dropped',
      true,
    ],
    ['one of them is dropped', [envelopeOf([query('a.example')]), other(['y'])], 'Ok', false],
  ] as const)('where %s', async (_name, envelopes, result, isUnchanged) => {
    const settings = { drop: new Set(result === 'Dropped' || !isUnchanged ? (['external'] as const) : []) };
    const data = Buffer.concat(envelopes.map((part) => gzipSync(part)));
    const { outcomes } = await runBatch([data], { settings });
    expect(outcomes[0]).toMatchObject({ result, isUnchanged });
    if (!isUnchanged)
      expect(strictGunzip(outcomes[0]?.data ?? Buffer.alloc(0)).equals(other(['y']))).toBe(true);
  });

  it('become lines of their own, also those without an event', async () => {
    const empty = other([]);
    const data = Buffer.concat([empty, envelopeOf([query('a.example')]), empty]);
    const { outcomes } = await runBatch([data], { settings: { outputFormat: 'ndjson' } });
    const lines = String(outcomes[0]?.data).trimEnd().split('\n');
    const names = lines
      .map((line) => JSON.parse(line))
      .map((line) => line['dns.question.name'] ?? line.logGroup);
    expect(names).toEqual(['/other', 'a.example', '/other']);
  });

  it('go back as they came where they would become too large together', async () => {
    const data = Buffer.concat([
      gzipSync(envelopeOf([query('a.example')])),
      gzipSync(other([query('b.example')])),
    ]);
    const { outcomes, summary } = await runBatch([data], { limits: { recordBytes: 1200 } });
    expect(outcomes[0]).toMatchObject({ result: 'Ok', isUnchanged: true });
    expect(summary).toMatchObject({ eventsIn: 0, degraded: { original: 1 } });
  });
});
