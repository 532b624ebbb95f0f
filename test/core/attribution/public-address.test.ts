import { expect, it } from '@jest/globals';
import { isPublicAddress } from '../../../src/core/attribution/public-address.ts';

// First and last address of each range that the internet does not route, between the addresses next to them.
it.each([
  ['0.0.0.0', '0.255.255.255', undefined, '1.0.0.0'],
  ['10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
  ['192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['224.0.0.0', '255.255.255.255', '223.255.255.255', undefined],
  ['::', '::1', undefined, '::2'],
  ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff', '64:ff9b:0:ffff::', '64:ff9b:2::'],
  ['100::', '100::ffff:ffff:ffff:ffff', 'ff:ffff::', '100:0:0:1::'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fbff::', 'fe00::'],
  ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fe7f:ffff::', 'fec0::'],
  ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'feff::', undefined],
])('from %s to %s no address is public', (first, last, before, behind) => {
  expect([first, last].map(isPublicAddress)).toEqual([false, false]);
  const neighbours = [before, behind].filter((ip) => ip !== undefined);
  expect(neighbours.map(isPublicAddress)).toEqual(neighbours.map(() => true));
});

it.each(['', 'x', '10.0.0', '1.2.3.4.5', '1.2.3.256', 'fe80::1%eth0', ':::'])('%j is not public', (text) => {
  expect(isPublicAddress(text)).toBe(false);
});
