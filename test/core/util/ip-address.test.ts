import { describe, expect, it } from '@jest/globals';
import { isAddress, isServer, portOf, splitHostAndPort } from '../../../src/core/util/ip-address.ts';

describe('an address', () => {
  it.each([
    '10.0.1.23',
    '255.255.255.255',
    '::',
    'fd00::7',
    '2001:0db8:0000::0001',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    'fe80::1%2',
    'fe80::1%veth_a-1.100',
  ])('%s', (text) => {
    expect(isAddress(text)).toBe(true);
  });

  it.each([
    '',
    '-',
    '***********',
    '10.0.***.***',
    'fd00::****',
    '10.0.1.999',
    '10.0.1',
    '10.0.1.2.3',
    '010.0.0.1',
    '10.0.0.1 ',
    '10.0.0.1%eth0',
    '10.0.0.1:53',
    '[fd00::7]',
    '::ffff:010.0.0.1',
    '::ffff:10.0.0.256',
    'fd00::7::1',
    'fd00::12345',
    'fe80::1%',
    'fe80::1%***',
    'fe80::1%a b',
    `fe80::1%${'z'.repeat(16)}`,
    'unbound',
    '0x0a000001',
  ])('is not %j', (text) => {
    expect(isAddress(text)).toBe(false);
  });
});

describe('a server', () => {
  it.each(['10.0.0.2:53', '[fd00::2]:53', 'fd00::2', '10.0.0.2', 'dns.example.net:853', '[fe80::1%eth0]:53'])(
    '%s',
    (text) => {
      expect(isServer(text)).toBe(true);
    },
  );

  it.each([
    '',
    '***********:53',
    '[****]:53',
    '10.0.0.999:53',
    '10.0.0.2:65536',
    '10.0.0.2:dns',
    '10.0.0.2:',
    'a b',
    'a*b',
  ])('is not %j', (text) => {
    expect(isServer(text)).toBe(false);
  });
});

it.each([
  ['10.0.0.2:53', { host: '10.0.0.2', port: '53' }],
  ['[fd00::2]:53', { host: '[fd00::2]', port: '53' }],
  ['****:x', { host: '****', port: 'x' }],
  ['10.0.0.2:', { host: '10.0.0.2', port: '' }],
  ['fd00::2', undefined],
  ['::1', undefined],
  ['10.0.0.2', undefined],
  ['[fd00::2', undefined],
  [':53', undefined],
])('%s has host and port %j', (text, parts) => {
  expect(splitHostAndPort(text)).toEqual(parts);
});

it.each([
  ['53', 53],
  [53, 53],
  ['0', 0],
  [0, 0],
  ['65535', 65_535],
  [65_535, 65_535],
  ['65536', undefined],
  [65_536, undefined],
  ['000053', undefined],
  ['', undefined],
  ['-1', undefined],
  [-1, undefined],
  [1.5, undefined],
  [Number.NaN, undefined],
  ['x', undefined],
  [null, undefined],
  [true, undefined],
])('the port %p is %p', (value, port) => {
  expect(portOf(value)).toBe(port);
});
