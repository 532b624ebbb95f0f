import { describe, expect, it } from '@jest/globals';
import { findEventsByBorders } from '../../../src/core/cloudwatch/event-borders.ts';
import type { EventSpan } from '../../../src/core/model/envelope.ts';

const HEAD = '{"logEvents":[';
const find = (list: string) => {
  const text = HEAD + list;
  const events: EventSpan[] = [];
  const end = findEventsByBorders(Buffer.from(text, 'latin1'), text, HEAD.length, events);
  const parts = events.map(({ idStart, idEnd, timestampMs, start, end, messageStart, messageEnd }) => [
    text.slice(idStart, idEnd),
    timestampMs,
    text.slice(messageStart, messageEnd),
    text.slice(start, end),
  ]);
  return { rest: end < 0 ? undefined : text.slice(end), parts };
};

const ONE = '{"id":"1","timestamp":1700000000123,"message":"first"}';
const TWO = '{"id":"22","timestamp":0,"message":"a \\"b\\", {c}"}';
const LAST = '{"id":"3","timestamp":9000000000000000,"message":""}';

describe('events in the layout of CloudWatch', () => {
  it('are found by their borders', () => {
    expect(find(`${ONE},${TWO},${LAST}]}`)).toEqual({
      rest: '}',
      parts: [
        ['"1"', 1_700_000_000_123, '"first"', ONE],
        ['"22"', 0, '"a \\"b\\", {c}"', TWO],
        ['"3"', 9_000_000_000_000_000, '""', LAST],
      ],
    });
  });

  it.each([
    ['no list', ''],
    ['an empty list', ']}'],
    ['a space before an event', ` ${ONE}]}`],
    ['another first member', '{"x":"1","timestamp":1,"message":"a"}]}'],
    ['an id that is not a text', '{"id":1,"timestamp":1,"message":"a"}]}'],
    ['an open id', '{"id":"1'],
    ['another second member', '{"id":"1","Timestamp":1,"message":"a"}]}'],
    ['an escaped quote in the id', '{"id":"1\\"","timestamp":1,"message":"a"}]}'],
    ['no time', '{"id":"1","timestamp":,"message":"a"}]}'],
    ['a negative time', '{"id":"1","timestamp":-1,"message":"a"}]}'],
    ['a time with a fraction', '{"id":"1","timestamp":1.5,"message":"a"}]}'],
    ['a colon in the time', '{"id":"1","timestamp":1:5,"message":"a"}]}'],
    ['a slash in the time', '{"id":"1","timestamp":1/5,"message":"a"}]}'],
    ['a time of 17 digits', '{"id":"1","timestamp":12345678901234567,"message":"a"}]}'],
    ['another third member', '{"id":"1","timestamp":1,"Message":"a"}]}'],
    ['a message that is not a text', '{"id":"1","timestamp":1,"message":5}]}'],
    ['an open message', '{"id":"1","timestamp":1,"message":"a'],
    ['a member behind the last message', '{"id":"1","timestamp":1,"message":"a","x":1}]}'],
    ['a space behind the last message', '{"id":"1","timestamp":1,"message":"a" }]}'],
    ['another end of the last event', '{"id":"1","timestamp":1,"message":"a"]]}'],
    ['an empty text behind a message', `{"id":"1","timestamp":1,"message":"a",""},${ONE}]}`],
    ['a space behind the last event', `${ONE} ]}`],
    ['a member behind a message', `{"id":"1","timestamp":1,"message":"a","x":"y"},${ONE}]}`],
    ['a number behind a message', `{"id":"1","timestamp":1,"message":"a","x":1},${ONE}]}`],
    ['a short number behind a message', `{"id":"1","timestamp":1,"message":"","":1},${ONE}]}`],
    ['a space behind a message', `{"id":"1","timestamp":1,"message":"a" },${ONE}]}`],
    ['nothing but a quote for a message', `{"id":"1","timestamp":1,"message":"},${ONE}]}`],
    ['a space between events', `${ONE}, ${TWO}]}`],
    ['another object behind an event', `${ONE},{"x":"1"}]}`],
    ['another object between events', `${ONE},{"x":"1"},${TWO}]}`],
    ['a list between events', `${ONE},["x"],${TWO}]}`],
    ['a number and an object between events', `${ONE},5,{"x":1},${TWO}]}`],
    ['a space before a member', `{"id":"1","timestamp":1,"message":"a", "x":"y"},${TWO}]}`],
    ['a tab before a member', `{"id":"1","timestamp":1,"message":"a",\t"x":"y"},${TWO}]}`],
    ['a newline before a member', `{"id":"1","timestamp":1,"message":"a",\n"x":"y"},${TWO}]}`],
    ['a space in an object between events', `${ONE},{ "x":"1"},${TWO}]}`],
  ])('are not found with %s', (_, list) => {
    expect(find(list).rest).toBeUndefined();
  });

  it('may have messages that end in a comma, a bracket or a space', () => {
    for (const end of [',', '{', '[', ' ']) {
      const event = `{"id":"1","timestamp":1,"message":"a${end}"}`;
      const messages = find(`${event},${ONE}]}`).parts.map(([, , message]) => message);
      expect(messages).toEqual([`"a${end}"`, '"first"']);
    }
  });
});
