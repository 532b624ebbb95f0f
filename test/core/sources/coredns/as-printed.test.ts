// Lines that are not exactly what the FORMAT says: blanks at the ends, several lines in one text, tokens of a Corefile.
import { describe, expect, it } from '@jest/globals';
import { createCoreDnsSource } from '../../../../src/core/sources/coredns/index.ts';
import { bare } from '../../../support/log-line.ts';
import { factsOf, parseCoreDns } from '../../../support/parse-coredns.ts';

const LINE = '10.0.7.9:4100 - 5 "AAAA IN db.example. udp 40 true 1232" NXDOMAIN qr,rd,ra 99 0.0004s';

describe('blanks', () => {
  it.each([' ', '  ', '\t', ' \t ', '\r'])('behind a line in a default format: %j', (blanks) => {
    for (const line of [`[INFO] ${LINE}`, `[INFO] ${LINE} "0"`]) {
      expect(factsOf(parseCoreDns(line + blanks))).toEqual(factsOf(parseCoreDns(line)));
    }
  });

  it('stay in the content', () => {
    expect(parseCoreDns(`[INFO] ${LINE}  `)?.content).toBe(`${LINE}  `);
  });

  const TOKEN = '{remote} {type} {name} {/kubernetes/client-namespace} {/kubernetes/client-pod-name}';
  const PRINTED = '10.0.7.9 A db.example. shop cart-1';
  const expected = {
    clientMetadata: { namespace: 'shop', pod: 'cart-1' },
    clientIp: '10.0.7.9',
    name: 'db.example',
  };

  it.each([
    ['behind the FORMAT and the line', `"${TOKEN} "`, `[INFO] ${PRINTED} `],
    ['behind the FORMAT without its quotes', `${TOKEN} `, `[INFO] ${PRINTED} `],
    ['behind the FORMAT, cut off from the line', `"${TOKEN}  "`, `[INFO] ${PRINTED}`],
    ['behind the FORMAT, cut off from the setting', TOKEN, `[INFO] ${PRINTED}   `],
    ['before the FORMAT and the line', `" ${TOKEN}"`, `[INFO]  ${PRINTED}`],
    ['before the FORMAT, cut off from the setting', TOKEN, `[INFO]   ${PRINTED}`],
    ['before the FORMAT, cut off from the line', `"\t${TOKEN}"`, `[INFO] ${PRINTED}`],
    ['on both sides', `" ${TOKEN}\t"`, `[INFO]  ${PRINTED}\t`],
  ])('%s', (_name, token, line) => {
    const event = parseCoreDns(line, { formats: [token] });
    expect(event).toMatchObject({ ...expected, isPartial: false });
  });

  it.each([
    ['the last value is empty', '10.0.7.9 A db.example. shop ', { namespace: 'shop', pod: undefined }],
    ['cut off behind an empty value', '10.0.7.9 A db.example. shop', { namespace: 'shop', pod: undefined }],
    ['cut off behind two empty values', '10.0.7.9 A db.example.', undefined],
  ])('%s', (_name, line, metadata) => {
    for (const token of [TOKEN, `${TOKEN} `]) {
      const event = parseCoreDns(`[INFO] ${line}`, { formats: [token] });
      expect(event).toMatchObject({ name: 'db.example', isPartial: false });
      expect(event?.clientMetadata).toEqual(metadata && { ...metadata, labels: undefined });
    }
  });

  it('before {common} and behind {combined}', () => {
    for (const token of ['" {common} "', '"{common} "', ' {common}']) {
      expect(factsOf(parseCoreDns(`[INFO]  ${LINE} `, { formats: [token] }))).toEqual(
        factsOf(parseCoreDns(`[INFO] ${LINE}`)),
      );
    }
  });
});

describe('several lines in one text', () => {
  const next = `[INFO] ${LINE.replace('db.', 'next.')}`;
  it.each([
    ['in a default format', `[INFO] ${LINE}`, []],
    ['with an opcode', `[INFO] ${LINE} "0"`, []],
    ['in a FORMAT', '[INFO] db.example.|AAAA|10.0.7.9|NOERROR', ['{name}|{type}|{remote}|{rcode}']],
    [
      'like JSON',
      '[INFO] {"name":"db.example.","type":"AAAA","remote":"10.0.7.9","rcode":"NOERROR","id":"5"}',
      [],
    ],
  ])('%s', (_name, line, formats) => {
    const first = factsOf(parseCoreDns(line, { formats }));
    expect(first).toMatchObject({ name: 'db.example' });
    for (const glue of ['\n', '\r\n', ' \n', '\n\n', '', ' ']) {
      const event = parseCoreDns(line + glue + next, { formats });
      expect(factsOf(event)).toEqual({ ...first, isFirstOfSeveral: true });
      expect(event?.content).toContain('next.example.');
    }
  });

  it('of which the second is none of CoreDNS', () => {
    const event = parseCoreDns(`[INFO] ${LINE}\ngoroutine 7 [running]:\n\tmain.go:7`);
    expect(event).toMatchObject({ isPartial: false, isFirstOfSeveral: true, durationNs: 400_000 });
  });
});

describe('a token that stands in the Corefile without quotes', () => {
  const TOKEN = String.raw`{\"name\":\"{name}\",\"type\":\"{type}\",\"rcode\":\"{rcode}\",\"ip\":\"{remote}\"}`;
  it.each([
    [
      'keeps its backslashes',
      String.raw`{\"name\":\"db.example.\",\"type\":\"A\",\"rcode\":\"NOERROR\",\"ip\":\"10.0.7.9\"}`,
    ],
    [
      'may have been copied from between quotes',
      '{"name":"db.example.","type":"A","rcode":"NOERROR","ip":"10.0.7.9"}',
    ],
  ])('%s', (_name, line) => {
    const event = parseCoreDns(`[INFO] ${line}`, { formats: [TOKEN] });
    expect(event).toMatchObject({ name: 'db.example', type: 'A', responseCode: 'NOERROR', isPartial: false });
  });
});

describe('a FORMAT that begins with the name', () => {
  const formats = ['{name} {type} {remote} {rcode}'];
  it.each(['plugin/errors.', 'plugin/loop.example.', 'plugin/cache:1.example.', 'plugin/x/y.'])(
    '%s',
    (name) => {
      const event = parseCoreDns(`[INFO] ${name} A 10.0.7.9 NOERROR`, { formats });
      expect(event).toMatchObject({ name: name.slice(0, -1), type: 'A', isError: false });
    },
  );

  it('still reads the messages of plugins', () => {
    const event = parseCoreDns('[ERROR] plugin/errors: 2 db.example. A: x', { formats });
    expect(event).toMatchObject({ name: 'db.example', isError: true });
    expect(parseCoreDns('[INFO] plugin/reload: Running configuration', { formats })).toBeUndefined();
  });
});

describe('a name that Printf took for a format, until 1.9.3', () => {
  const line = (name: string) =>
    `[INFO] 10.0.7.9:4100 - 5 "A IN ${name}udp 40 false 512" NOERROR qr,rd,ra 99 0.0004s`;
  it.each([
    ['a%!d(BADINDEX).example. ', 'a%!d(BADINDEX).example', false],
    ['a%!(BADWIDTH)%!d(MISSING).example. ', 'a%!(BADWIDTH)%!d(MISSING).example', false],
    ['db%! (MISSING)', 'db%! (MISSING)', true],
    ['db%! (BADINDEX)', 'db%! (BADINDEX)', true],
    [String.raw`my%!\(MISSING) db.example. `, String.raw`my%!\(MISSING) db.example`, true],
    [String.raw`my%!\(MISSING)"db.example. `, String.raw`my%!\(MISSING)"db.example`, false],
  ])('%s', (printed, printedName, isPartial) => {
    const name = printedName.toLowerCase();
    const event = parseCoreDns(line(printed));
    expect(event).toMatchObject({ name, isPartial, transport: 'udp', requestBytes: 40, durationNs: 400_000 });
    expect(parseCoreDns(line(printed).replace('udp 40', 'tcp 40'))).toMatchObject({ name, transport: 'tcp' });
  });

  it('in a FORMAT', () => {
    const formats = ['{name}|{type}|{remote}|{rcode}'];
    for (const name of ['a%!d(BADINDEX).example', 'a%!(BADPREC)%!f(MISSING).b']) {
      expect(parseCoreDns(`[INFO] ${name}.|A|10.0.7.9|NOERROR`, { formats })).toMatchObject({
        name: name.toLowerCase(),
      });
    }
  });

  it.each(['db (MISSING)', 'db%!x', `${'a%!'.repeat(500)} (MISSING)`])('and nothing else: %.20s', (name) => {
    expect(parseCoreDns(line(name))).toBeUndefined();
  });
});

describe('values with escapes', () => {
  it.each([
    ['kubernetes/service', String.raw`a\ b`],
    ['kubernetes/service', String.raw`a\\\ b\"c\195`],
    ['kubernetes/endpoint', String.raw`\(x\)\.y`],
    ['kubernetes/port-name', String.raw`_h\@p`],
    ['zone/wildcard', String.raw`*.a\ b.example.`],
  ])('{/%s} is %s', (label, value) => {
    const format = `{combined} "{/${label}}" {/kubernetes/client-namespace}/{/kubernetes/client-pod-name}`;
    const event = parseCoreDns(`[INFO] ${LINE} "0" "${value}" shop/cart-1`, { formats: [format] });
    expect(event).toMatchObject({ isPartial: false, clientMetadata: { namespace: 'shop', pod: 'cart-1' } });
    expect(event?.extra).toContainEqual([`coredns.metadata.${label.replace('/', '.')}`, value]);
  });
});

describe('a FORMAT in the shape of an object, in a group that no shipper is known for', () => {
  it.each(['a.', '.', String.raw`my\ db.`])('reads the name %s', (name) => {
    const line = `[INFO] {"name":"${name}","type":"AAAA","class":"IN","size":40,"rcode":"NOERROR","duration":0.1s}`;
    const event = parseCoreDns(line);
    expect(event).toMatchObject({ name: name === '.' ? '.' : name.slice(0, -1), type: 'AAAA' });
  });
});

it('an object behind [INFO] that is no query is not counted as unparsed', () => {
  const source = createCoreDnsSource({ corednsLogFormats: [], corednsContainers: [] });
  const text = '[INFO] {"level":"info","msg":"10.0.7.9 connected"}';
  expect(source.prefilter(text)).toBe(true);
  expect(source.resembles(bare(text))).toBe(false);
});

describe('native JSON', () => {
  const json = (members: object) => JSON.stringify({ time: '2026-03-04T05:06:07.123456789Z', ...members });
  it.each([
    ['DEBUG', 'DEBUG'],
    ['INFO', 'INFO'],
    ['WARN', 'WARN'],
    ['ERROR', 'ERROR'],
    ['FATAL', 'FATAL'],
    ['ERROR+4', undefined],
    ['toString', undefined],
  ])('level %s', (level, printedLevel) => {
    const error = parseCoreDns(json({ level, msg: '2 db.example. A: no healthy proxies', plugin: 'errors' }));
    expect(error).toMatchObject({ isError: true, printedLevel });
    const summary = parseCoreDns(
      json({ level, msg: "7 errors like '^x' occurred in last 30s", plugin: 'errors' }),
    );
    expect(summary).toMatchObject({ isError: true, printedLevel });
  });

  it('a client without an address', () => {
    const line = LINE.replace('10.0.7.9', '');
    const query = {
      client_ip: '',
      client_port: 4100,
      qname: 'db.example.',
      qtype: 'AAAA',
      qclass: 'IN',
      protocol: 'udp',
      id: 5,
      rcode: 'NXDOMAIN',
    };
    for (const msg of [line, '', 'unreadable']) {
      const event = parseCoreDns(json({ level: 'INFO', msg, plugin: 'log', ...query }));
      expect(event).toMatchObject({
        clientIp: undefined,
        clientPort: 4100,
        name: 'db.example',
        isPartial: false,
      });
    }
  });

  it.each(['CoreDNS-1.15.0\nlinux/amd64, go1.26.8, ', '.:53\ncluster.local.:53 on 10.0.0.10', '\n'])(
    'the banner %j is no query',
    (msg) => {
      expect(parseCoreDns(json({ level: 'INFO', msg }))).toBeUndefined();
      expect(parseCoreDns(JSON.stringify({ log: json({ level: 'INFO', msg }) }))).toBeUndefined();
    },
  );
});
