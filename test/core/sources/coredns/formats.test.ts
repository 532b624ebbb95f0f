import { describe, expect, it } from '@jest/globals';
import { compileFormat } from '../../../../src/core/sources/coredns/format.ts';
import { createCoreDnsSource } from '../../../../src/core/sources/coredns/index.ts';
import { expandFormat, parseSegments, segmentText } from '../../../../src/core/sources/coredns/template.ts';
import { factsOf, parseCoreDns } from '../../../support/parse-coredns.ts';

const RECOMMENDED =
  '"{combined} {/kubernetes/client-namespace} {/kubernetes/client-pod-name} {/forward/upstream} {/log/type}"';
const HEAD = '10.0.7.21:51001 - 77 "A IN shop.example. udp 30 false 512" NOERROR qr,rd,ra 70 0.000002s';

describe('parsing a FORMAT', () => {
  it.each([
    ['{{remote}}', ['{', '{remote}', '}']],
    ['Foo } {remote}', ['Foo } ', '{remote}']],
    ['A {A} {/B', ['A {A} {/B']],
    ['{/a/b.c/d}{>id}', ['{/a/b.c/d}', '{>id}']],
    ['{>ID} {name', ['{>ID} {name']],
    ['{ {type}', ['{ ', '{type}']],
    ['{/a{type}}', ['{/a', '{type}', '}']],
    ['', []],
  ])('%j', (format, pieces) => {
    expect(parseSegments(format).map(segmentText)).toEqual(pieces);
  });

  it.each([
    ['"a \\"{name}\\""', 'a "{name}"'],
    [' {name} \\"x\\" ', '{name} "x"'],
    ['"{type}" "{name}"', '"{type}" "{name}"'],
    ['{name}\\d', '{name}\\d'],
  ])('removes the quotes of the Corefile: %s', (token, format) => {
    expect(expandFormat(token)).toBe(format);
  });
});

describe('compiling a FORMAT', () => {
  it.each([
    '{common}',
    '"{combined}"',
    RECOMMENDED,
    '{common} {/kubernetes/client-namespace}/{/kubernetes/client-pod-name} {/forward/upstream}',
    '{name},{type}',
    '{name}|{type}|{rcode}',
    '{remote} {name} {type}{class}',
    '{name}\t{/a}\t{/b}\t{/c}',
    '{name} {/a} {rcode}',
    '{name} {/a}x',
    '{remote},{name},{>rflags},{rcode}',
    '{"n":"{name}","t":"{type}","r":"{rcode}","f":"{>rflags}"}',
  ])('accepts %s', (format) => {
    expect(compileFormat(format)).toMatchObject({ ok: true });
  });

  it.each([
    ['{name} {rsize}{duration}', 'between {rsize} and {duration};'],
    ['{name} {/a} {/b}', 'between {/a} and {/b};'],
    ['{name} {/a}-{/b}', 'between {/a} and {/b};'],
    ['{remote}{port}{name}', 'between {remote} and {port};'],
    ['{/a} {name}', 'between {/a} and {name};'],
    ['{type} {class}', '{name} is missing'],
    ['{name} {$ZONE}', '{$ZONE} is an environment variable'],
  ])('refuses %s', (format, message) => {
    const result = compileFormat(format);
    expect(result.ok ? '' : result.message).toContain(message);
  });

  it('throws when a source is created with a refused FORMAT', () => {
    const create = () =>
      createCoreDnsSource({ corednsLogFormats: ['{common}', '{rcode}'], corednsContainers: [] });
    expect(create).toThrow('COREDNS_LOG_FORMAT {rcode}: {name} is missing');
  });
});

describe('lines of a configured FORMAT', () => {
  const read = (format: string, line: string) => factsOf(parseCoreDns(line, { formats: [format] }));

  it.each([
    [
      'shop cart-6d4c-x7x9z 10.0.0.2:53 NOERROR',
      { namespace: 'shop', pod: 'cart-6d4c-x7x9z' },
      '10.0.0.2:53',
      { 'coredns.metadata.log.type': 'NOERROR' },
    ],
    ['- - - NXDOMAIN', undefined, undefined, { 'coredns.metadata.log.type': 'NXDOMAIN' }],
    ['- -  -', undefined, undefined, undefined],
  ])('reads metadata: %s', (tail, clientMetadata, upstream, extra) => {
    expect(read(RECOMMENDED, `[INFO] ${HEAD} "0" ${tail}`)).toEqual({
      ...factsOf(parseCoreDns(`[INFO] ${HEAD} "0"`)),
      clientMetadata: clientMetadata === undefined ? undefined : { ...clientMetadata, labels: undefined },
      upstream,
      extra,
    });
  });

  it.each([
    ['{common} {/log/type} {/log/type}', 'NOERROR NOERROR', [['log.type', 'NOERROR']]],
    ['{common} {/view/name} {/view.name}', 'one two', [['view.name', 'one']]],
    ['{common} {/view/name} {/view.name}', '- two', [['view.name', 'two']]],
    [
      '{common} {/log/type} {/log/class}',
      'NODATA denial',
      [
        ['log.type', 'NODATA'],
        ['log.class', 'denial'],
      ],
    ],
  ])('keeps the first of two metadata values with one name: %s %s', (format, tail, extra) => {
    expect(parseCoreDns(`[INFO] ${HEAD} ${tail}`, { formats: [format] })?.extra).toEqual(
      extra.map(([name, value]) => [`coredns.metadata.${name}`, value]),
    );
  });

  it('omits a duration that is not a number', () => {
    expect(
      parseCoreDns(`[INFO] A a. ${'9'.repeat(400)}s`, { formats: ['{type} {name} {duration}'] }),
    ).toMatchObject({ name: 'a', durationNs: undefined });
  });

  it('reads labels of the client', () => {
    const format = '{common} {/kubernetes/client-label/app.kubernetes.io/name}';
    const labels = new Map([['app.kubernetes.io/name', 'cart']]);
    expect(parseCoreDns(`[INFO] ${HEAD} cart`, { formats: [format] })?.clientMetadata).toEqual({
      namespace: undefined,
      pod: undefined,
      labels,
    });
  });

  it('reads the address of the server', () => {
    const format = '{local} {common}';
    expect(read(format, `[INFO] 10.0.7.4 ${HEAD}`)?.extra).toEqual({ 'server.address': '10.0.7.4' });
    expect(read(format, `[INFO] [::] ${HEAD}`)?.extra).toBeUndefined();
  });

  it.each(['02/Nov/2018:10:09:08 +0000', '{when}'])('skips a date: %s', (when) => {
    expect(read('{remote} - [{when}] {type} {name}', `10.0.7.21 - [${when}] A a.`)).toMatchObject({
      type: 'A',
      name: 'a',
    });
  });

  it('falls back to the default formats', () => {
    expect(read(RECOMMENDED, `[INFO] ${HEAD}`)).toEqual(factsOf(parseCoreDns(`[INFO] ${HEAD}`)));
  });

  it('tries every FORMAT, and keeps the first of two equal placeholders', () => {
    const formats = ['{type}>{name}', '{name} {name}'];
    const name = (line: string) => parseCoreDns(line, { formats })?.name;
    expect([name('[INFO] A>a.'), name('[INFO] b. b.'), name('[INFO] c.')]).toEqual(['a', 'b', undefined]);
  });

  it('needs more placeholders when neither level nor container identifies CoreDNS', () => {
    const formats = ['{name} {type}'];
    expect(parseCoreDns('done. OK', { formats })).toBeUndefined();
    const wrapped = { log: 'done. OK', kubernetes: { container_name: 'coredns' } };
    expect(parseCoreDns(JSON.stringify(wrapped), { formats })?.name).toBe('done');
    expect(parseCoreDns('[ERROR] done. OK', { formats })).toBeUndefined();
    expect(parseCoreDns('[INFO] done. -', { formats })?.type).toBeUndefined();
    expect(parseCoreDns('[INFO] - A', { formats })).toBeUndefined();
  });

  it('distinguishes characters outside ASCII', () => {
    const formats = ['{name} ü {type}'];
    expect(parseCoreDns('[INFO] a. ü A', { formats })?.name).toBe('a');
    expect(parseCoreDns('[INFO] a. é A', { formats })).toBeUndefined();
  });

  it('reads names that 1.2.6 to 1.9.3 passed to Printf', () => {
    expect(parseCoreDns('[INFO] a.%!s(MISSING).b. A', { formats: ['{name} {type}'] })?.name).toBe(
      'a.%!s(missing).b',
    );
  });

  it('reads texts that need more states than it caches', () => {
    const result = compileFormat(`{name} ${'{/a}\t'.repeat(3)}{type}`);
    if (!result.ok) throw new Error(result.message);
    for (let i = 0; i < 50; i++) {
      expect(result.format.match(`a${i}. ${'x\ty '.repeat(i)}\t`, 0)).toBeUndefined();
      expect(result.format.match(`a${i}. x\ty\tz\tA`, 0)).toMatchObject({ name: `a${i}.`, type: 'A' });
    }
  });
});
