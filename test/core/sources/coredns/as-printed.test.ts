// Lines that are not exactly what the FORMAT says: blanks at the ends, several lines in one text, tokens of a Corefile.
import { describe, expect, it } from '@jest/globals';
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
