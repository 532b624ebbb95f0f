// Members of a query that only some lines have.
import { describe, expect, it } from '@jest/globals';
import { emptyQuery, queryEvent } from '../../../../src/core/sources/coredns/query.ts';
import { parseCoreDns } from '../../../support/parse-coredns.ts';

const HEAD = '10.0.7.21:51001 - 77 "A IN shop.example. udp 30 false 512" NOERROR qr,rd,ra 70 0.000002s';
const NATIVE = {
  level: 'INFO',
  plugin: 'log',
  client_ip: '10.0.7.21',
  client_port: 51_001,
  qname: 'shop.example.',
  qtype: 'A',
  qclass: 'IN',
  rcode: 'NOERROR',
  proto: 'udp',
};

describe('a JSON line takes from its message', () => {
  const parse = (msg: string, formats: readonly string[] = []) =>
    parseCoreDns(JSON.stringify({ ...NATIVE, msg }), { formats });

  it('the address of the server', () => {
    expect(parse(`10.0.7.4 ${HEAD}`, ['{local} {common}'])?.extra).toEqual([['server.address', '10.0.7.4']]);
  });

  it('the flags', () => {
    expect(parse(HEAD)?.headerFlags).toBe('qr,rd,ra');
    expect(parse('another text')?.headerFlags).toBeUndefined();
  });

  it('the metadata', () => {
    expect(parse(`${HEAD} 10.0.0.2:53`, ['{common} {/forward/upstream}'])?.upstream).toBe('10.0.0.2:53');
  });
});

describe('a name', () => {
  const nameOf = (name: string) =>
    queryEvent(
      { timeMs: 0, timeIsCertain: true, content: '', producer: undefined, level: undefined },
      { ...emptyQuery(), name, type: 'A' },
    ).name;

  it.each([
    ['a.', 'a'],
    ['.', '.'],
    ['a', 'a'],
    ['A.', 'a'],
    ['Z.', 'z'],
    ['xA.', 'xa'],
    ['xZ.', 'xz'],
    ['@[`{.', '@[`{'],
  ])('%s is %s', (logged, name) => {
    expect(nameOf(logged)).toBe(name);
  });
});

it('reads the class NONE', () => {
  const line = `[INFO] ${HEAD.replace('A IN', 'A NONE')}`;
  expect(parseCoreDns(line)).toMatchObject({ class: 'NONE', name: 'shop.example' });
});

it('does not take the unit alone for a duration', () => {
  expect(parseCoreDns(`[INFO] ${HEAD.replace('0.000002s', 's')}`)).toMatchObject({
    isPartial: true,
    durationNs: undefined,
  });
});
