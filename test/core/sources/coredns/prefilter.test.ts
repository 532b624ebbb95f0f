import { describe, expect, it } from '@jest/globals';
import { compileFormat } from '../../../../src/core/sources/coredns/format.ts';
import { createPrefilter } from '../../../../src/core/sources/coredns/prefilter.ts';

const recognises = createPrefilter(['coredns', 'node-cache'], []);

/** Recognises lines of a FORMAT as well. */
const withFormat = (format: string) => {
  const result = compileFormat(format);
  if (!result.ok) throw new Error(result.message);
  return createPrefilter(['coredns'], [result.format]);
};

describe('a line of a FORMAT that is not configured', () => {
  const line = (before: number, name: string) => `[INFO] 10.0.0.5 ${'x'.repeat(before)} ${name}`;
  // Behind the level: address, a space on either side, and the name up to its final dot.
  const fits = 256 - '10.0.0.5  '.length - 'example.org.'.length;

  it('is recognised by what stands in its first 256 characters', () => {
    expect(recognises(line(0, 'example.org.'))).toBe(true);
    expect(recognises(line(fits, 'example.org.'))).toBe(true);
    expect(recognises(line(fits + 1, 'example.org.'))).toBe(false);
  });

  it.each([
    '[INFO] 10.0.0.5 example.org.',
    '[INFO] [fd00::1] example.org.',
    '[INFO] [::1] example.org.',
    '[INFO] [2001:0:0::1] example.org.',
    '2019-01-02T03:04:05.678Z [INFO] 10.0.0.5 example.org.',
    '2023-11-20T21:20:29.1Z stdout F [INFO] 10.0.0.5 example.org.',
    '{"log":"[INFO] 10.0.0.5 example.org."}',
  ])('is recognised: %s', (text) => {
    expect(recognises(text)).toBe(true);
  });

  it.each([
    '[INFO] 10.0.0 example.org.',
    '[INFO] 10.0.0.5 example.org',
    '[INFO] 10.0.0.5 Ready. Go.',
    '[INFO] 10.0.0.5 example.org.x',
    '[INFO] [fd00] example.org.',
    '[INFO] fd00::1 example.org.',
    '[WARN] 10.0.0.5 example.org.',
    'x [INFO] 10.0.0.5 example.org.',
    '(F) [INFO] 10.0.0.5 example.org.',
    'F[INFO] 10.0.0.5 example.org.',
    '[INFO] plugin 10.0.0.5 example.org.',
    '10.0.0.5 example.org.',
    '',
  ])('is not: %j', (text) => {
    expect(recognises(text)).toBe(false);
  });
});

describe('a line with a mark', () => {
  it.each(['x. udp x', 'x. tcp x', '{"proto":"udp"}', '{"proto":"tcp"}'])('is recognised: %s', (text) => {
    expect(recognises(text)).toBe(true);
  });

  it.each(['x.udp x', 'x udp x', "{'proto':'udp'}"])('is not: %s', (text) => {
    expect(recognises(text)).toBe(false);
  });

  it('is recognised by the longest literal of a configured FORMAT', () => {
    const configured = withFormat('q=<{name}> answered with {type}');
    expect(configured('anything answered with anything')).toBe(true);
    expect(configured('q=<a.>')).toBe(false);
    // Without a literal every line may be one.
    expect(withFormat('{name}\t{type}')('anything')).toBe(true);
  });
});

describe('a line of a plugin', () => {
  it.each([
    'plugin/errors: x',
    'plugin/loop: x',
    '[ERROR] plugin/errors: x',
    '{"plugin":"log"}',
    '{"plugin": "errors"}',
    '{"log":"{\\"plugin\\":\\"loop\\"}"}',
    '{"log":"{\\"a\\":\\"plugin\\\\/errors\\"}"}',
    'plugin plugin/errors',
  ])('is recognised: %s', (text) => {
    expect(recognises(text)).toBe(true);
  });

  it.each([
    'plugin',
    'plugin/reload: x',
    'plugin errors',
    'plugin: "errors"',
    '{"plugin":"reload"}',
    '{"plugin":"errors',
    '[INFO] plugin/file: notify from 10.0.0.9 for a. udp ',
    '[INFO] plugin/reload: plugin/errors',
  ])('is not: %s', (text) => {
    expect(recognises(text)).toBe(false);
  });
});

describe('the container in a wrapper decides', () => {
  const wrapped = (container: string, log = 'x') =>
    JSON.stringify({ log, kubernetes: { pod_name: 'p', container_name: container } });

  it.each([
    ['coredns', 'x', true],
    ['node-cache', 'x', true],
    // Counted as untrusted, if it can be parsed.
    ['web', '[INFO] 10.0.0.5 example.org.', true],
    ['web', 'x', false],
    ['coredns2', 'x', false],
    ['core', 'x', false],
  ])('%s, whatever the line is: %s', (container, log, expected) => {
    expect(recognises(wrapped(container, log))).toBe(expected);
  });

  it('line by line', () => {
    const fresh = createPrefilter(['coredns'], []);
    const containers = ['coredns', 'web', 'web', 'coredns', 'coredns', 'web'];
    expect(containers.map((container) => fresh(wrapped(container)))).toEqual([
      true,
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it('and only there: a member within the line does not count', () => {
    const log = JSON.stringify({ kubernetes: { container_name: 'web' } });
    expect(recognises(JSON.stringify({ log: `${log} . udp ` }))).toBe(true);
    expect(recognises('{"container_name":"web","x":". udp "}')).toBe(true);
    expect(recognises('["kubernetes":{"container_name":"coredns"')).toBe(false);
  });
});
