import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  blockOfPrefix,
  canonicalAddress,
  delegatedBlock,
  isPrivateIPv4,
} from '../../src/inventory/address.ts';

describe('canonicalAddress', () => {
  it.each([
    ['10.0.1.23', '10.0.1.23'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:10.0.1.23', '10.0.1.23'],
    ['::FFFF:a00:117', '10.0.1.23'],
    ['0:0:0:0:0:ffff:0a00:0117', '10.0.1.23'],
    ['010.0.1.23', undefined],
    ['10.0.1', undefined],
    ['[2001:db8::1]', undefined],
    ['', undefined],
  ])('%s -> %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it('does not change a canonical address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const canonical = canonicalAddress(text);
        expect(canonical).toBeDefined();
        expect(canonicalAddress(canonical ?? '')).toBe(canonical);
      }),
    );
  });
});

it.each([
  ['10.0.1.23', '10.0.1.16/28'],
  ['10.0.1.15', '10.0.1.0/28'],
  ['10.0.1.255', '10.0.1.240/28'],
  ['2001:db8::5:0:0:1', '2001:db8:0:0:5/80'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3/80'],
  ['::1', '0:0:0:0:0/80'],
])('the block of %s is %s', (ip, block) => {
  expect(delegatedBlock(ip)).toBe(block);
});

it.each([
  ['10.0.1.16/28', '10.0.1.16/28'],
  ['2001:DB8:1:2:3::/80', '2001:db8:1:2:3/80'],
  ['10.0.1.16/24', undefined],
  ['2001:db8::/64', undefined],
  ['10.0.1.16', undefined],
  ['nonsense/28', undefined],
])('the prefix %s is the block %s', (prefix, block) => {
  expect(blockOfPrefix(prefix)).toBe(block);
});

it.each([
  ['9.255.255.255', false],
  ['10.0.0.0', true],
  ['10.255.255.255', true],
  ['11.0.0.0', false],
  ['100.63.255.255', false],
  ['100.64.0.0', true],
  ['100.127.255.255', true],
  ['100.128.0.0', false],
  ['172.15.255.255', false],
  ['172.16.0.0', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['192.167.255.255', false],
  ['192.168.0.0', true],
  ['192.168.255.255', true],
  ['192.169.0.0', false],
  ['fd00::1', false],
  ['10.0.0', false],
  ['', false],
])('%s is a private IPv4 address: %s', (ip, expected) => {
  expect(isPrivateIPv4(ip)).toBe(expected);
});
