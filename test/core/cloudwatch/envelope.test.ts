import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventId, readEnvelope } from '../../../src/core/cloudwatch/envelope.ts';
import { stringValue } from '../../../src/core/util/json-scan.ts';
import { anyCharacter } from '../../support/characters.ts';

const envelope = (events: readonly object[], rest: object = {}) => ({
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup: '/g',
  logStream: 's',
  subscriptionFilters: ['f'],
  logEvents: events,
  ...rest,
});

/** The result of the scanner, as values. */
const read = (text: string) => {
  const found = readEnvelope(Buffer.from(text, 'utf8'));
  return found?.events.map(({ timestampMs, messageStart, messageEnd }, index) => ({
    id: eventId(found, index),
    timestamp: timestampMs,
    message: stringValue(found.text.slice(messageStart, messageEnd)),
  }));
};

const messages = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.constantFrom(
    '},{"id":"',
    '"}]}',
    '\\',
    '\\"',
    'ends in a comma,',
    '","timestamp":1,"message":"',
    '\u0000',
    '\ud800x',
  ),
  fc.string().map((text) => JSON.stringify({ log: text, kubernetes: { pod_name: 'p' } })),
);
const events = fc.array(
  fc.record({ id: fc.stringMatching(/^\d{1,56}$/), timestamp: fc.nat(), message: messages }),
  { maxLength: 6 },
);

describe('readEnvelope', () => {
  it('finds what JSON.parse finds, in the layout of CloudWatch', () => {
    fc.assert(
      fc.property(events, (list) => {
        expect(read(JSON.stringify(envelope(list)))).toEqual(toUtf8(list));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a member', { later: 'x' }],
    ['a member that resembles a list', { later: { logEvents: [1] }, owner: 'last' }],
  ])('reads members after the list: %s', (_, rest) => {
    const list = [{ id: '1', timestamp: 2, message: 'm' }];
    const text = JSON.stringify(envelope(list, rest));
    expect(read(text)).toEqual(list);
    expect(read(text.slice(0, -1))).toBeUndefined();
    expect(readEnvelope(Buffer.from(text, 'utf8'))?.owner).toBe(envelope(list, rest).owner);
  });

  it('finds the events in any layout: spaces, other members, another order', () => {
    fc.assert(
      fc.property(events, fc.boolean(), (list, isSpread) => {
        const odd = list.map(({ id, timestamp, message }) => ({
          message,
          extractedFields: { id: 'x' },
          timestamp,
          id,
        }));
        const text = JSON.stringify(envelope(odd, { policyLevel: 'ACCOUNT' }), null, isSpread ? 2 : 0);
        expect(read(text)).toEqual(toUtf8(list));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [
      'an extra member behind the message',
      '{"id":"1","timestamp":2,"message":"m","x":"},{\\"id\\":\\""}',
      'm',
    ],
    [
      'an extra member before a border',
      '{"id":"1","timestamp":2,"message":"m","x":"y"},{"id":"2","timestamp":3,"message":"n"}',
      'm',
    ],
  ])('reads %s correctly', (_, list, first) => {
    const text = `{"messageType":"DATA_MESSAGE","logEvents":[${list}]}`;
    expect(read(text)?.[0]?.message).toBe(first);
  });

  it('keeps an event without a text message in place', () => {
    const text = JSON.stringify(envelope([{ id: '1', timestamp: 2, message: { a: 1 } }]));
    expect(readEnvelope(Buffer.from(text, 'latin1'))?.events[0]?.messageStart).toBe(-1);
  });

  it.each([
    ['text that is not JSON', 'plain text'],
    ['an array', '[1]'],
    ['no message type', '{"logEvents":[]}'],
    [
      'cut off in a message',
      '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":2,"message":"m',
    ],
    [
      'cut off behind the list',
      '{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":2,"message":"m"}]',
    ],
    ['text after the envelope', '{"messageType":"DATA_MESSAGE","logEvents":[]}x'],
    ['a list that is not an array', '{"messageType":"DATA_MESSAGE","logEvents":7}'],
    ['a member without value', '{"messageType":,"logEvents":[]}'],
    ['a comma too many', '{"messageType":"DATA_MESSAGE","logEvents":[1,]}'],
    ['a missing colon', '{"messageType" "DATA_MESSAGE","logEvents":[]}'],
  ])('refuses %s', (_, text) => {
    expect(readEnvelope(Buffer.from(text, 'latin1'))).toBeUndefined();
  });

  it.each([
    ['within another member', '{"messageType":"DATA_MESSAGE","a":{"logEvents":[EVENT]},"logEvents":[LAST]}'],
    [
      'as the end of a longer name',
      '{"messageType":"DATA_MESSAGE","x\\"logEvents":[EVENT],"logEvents":[LAST]}',
    ],
    ['twice', '{"messageType":"DATA_MESSAGE","logEvents":[EVENT],"logEvents":[LAST]}'],
    ['twice, at first as a number', '{"messageType":"DATA_MESSAGE","logEvents":1,"logEvents":[LAST]}'],
    [
      'twice, once with an escape',
      '{"messageType":"DATA_MESSAGE","logEvents":[EVENT],"log\\u0045vents":[LAST]}',
    ],
  ])('takes the last list of its own: %s', (_, layout) => {
    const event = '{"id":"9","timestamp":9,"message":"other"}';
    const last = '{"id":"1","timestamp":2,"message":"m"}';
    expect(read(layout.replace('EVENT', event).replace('LAST', last))).toEqual([
      { id: '1', timestamp: 2, message: 'm' },
    ]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), (text) => {
        expect(() =>
          readEnvelope(Buffer.from(`{"messageType":"DATA_MESSAGE","logEvents":[${text}`)),
        ).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });
});

/** Replaces lone surrogates, which UTF-8 cannot represent. */
function toUtf8<T>(value: T): T {
  return JSON.parse(Buffer.from(JSON.stringify(value), 'utf8').toString('utf8')) as T;
}
