// Text in the place of an address: masked by data protection of CloudWatch Logs, or out of range.
import { describe, expect, it } from '@jest/globals';
import { compileFormat } from '../../../../src/core/sources/coredns/format.ts';
import { parseCoreDns } from '../../../support/parse-coredns.ts';

const MASK = '***********';
const NO_ADDRESS = [MASK, '10.7.8.256', '010.7.8.9', `[${MASK}]`, '[fd00::1::2]'];
const line = (client: string) =>
  `[INFO] ${client}:4001 - 12 "A IN shop.example. udp 30 false 512" NOERROR qr,rd,ra 70 0.000002s`;

it.each(NO_ADDRESS)('%s is no client in any layout', (client) => {
  const native = {
    level: 'INFO',
    msg: line(client).slice('[INFO] '.length),
    plugin: 'log',
    client_ip: client,
    client_port: 4001,
    qname: 'shop.example.',
    qtype: 'A',
    protocol: 'udp',
    rcode: 'NOERROR',
  };
  const shaped = `[INFO] {"remote":"${client}","type":"A","name":"shop.example.","proto":"udp","rcode":"NOERROR"}`;
  for (const message of [line(client), JSON.stringify(native), shaped]) {
    const event = parseCoreDns(message);
    expect(event).toMatchObject({ clientIp: undefined, name: 'shop.example', isPartial: true });
    expect(event?.content).toContain(client);
  }
});

it('is no client of a FORMAT, whose other values are read', () => {
  const formats = ['{remote} asked {local} for {name} {type} {rcode}', '{common} {/forward/upstream}'];
  const parse = (message: string) => parseCoreDns(message, { formats });
  expect(parse(`[INFO] ${MASK} asked 10.0.0.10 for shop.example. A NOERROR`)).toMatchObject({
    clientIp: undefined,
    isPartial: true,
    extra: [['server.address', '10.0.0.10']],
  });
  expect(parse(`[INFO] 10.7.8.9 asked ${MASK} for shop.example. A NOERROR`)).toMatchObject({
    clientIp: '10.7.8.9',
    isPartial: true,
    extra: [],
  });
  expect(parse(`${line(MASK)} 10.0.0.2:53`)).toMatchObject({
    clientIp: undefined,
    clientPort: 4001,
    upstream: '10.0.0.2:53',
    isPartial: true,
  });
  expect(parse(`${line('10.7.8.9')} ${MASK}:53`)).toMatchObject({
    clientIp: '10.7.8.9',
    upstream: undefined,
    isPartial: true,
  });
});

describe('an error', () => {
  const reason = (text: string) => parseCoreDns(`[ERROR] plugin/errors: 2 shop.example. A: ${text}`);
  it.each([`${MASK}:53`, '10.0.0.256:53', '10.0.0.2:65536', `[${MASK}]:53`])(
    'has no upstream %s',
    (upstream) => {
      const text = `read udp 10.0.0.1:5301->${upstream}: i/o timeout`;
      const event = reason(text);
      expect(event).toMatchObject({ upstream: undefined, isPartial: true });
      expect(event?.extra).toContainEqual(['event.reason', text]);
    },
  );

  it('may have an arrow of its own', () => {
    expect(reason('rewrite a->b: failed')).toMatchObject({ isPartial: false, upstream: 'b' });
    expect(reason('rewrite a->*: failed')).toMatchObject({ isPartial: false, upstream: undefined });
  });

  it('has a period, unless it is longer than 104 days', () => {
    const summary = (period: string) =>
      parseCoreDns(`[ERROR] plugin/errors: 7 errors like '^x$' occurred in last ${period}`);
    expect(summary('2501h')).toMatchObject({ isPartial: false });
    expect(summary('2503h')).toMatchObject({ isPartial: true });
    const names = summary('2503h')?.extra.map(([name]) => name);
    expect(names).not.toContain('coredns.errors.period_seconds');
  });
});

it('leaves out a duration of JSON that is too long', () => {
  const parse = (duration: number) =>
    parseCoreDns(
      JSON.stringify({
        plugin: 'log',
        client_ip: '10.7.8.9',
        qname: 'a.',
        qtype: 'A',
        protocol: 'udp',
        rcode: 'NOERROR',
        duration_seconds: duration,
      }),
    );
  expect(parse(9_007_199.25)).toMatchObject({ durationNs: 9_007_199_250_000_000, isPartial: false });
  for (const seconds of [9_007_200, 1e12, 1e21]) {
    expect(parse(seconds)?.durationNs).toBeUndefined();
  }
});

describe('a FORMAT whose label makes no attribute name is refused', () => {
  it.each([
    `{common} {/view/${'n'.repeat(95)}}`,
    '{common} {/}',
    '{common} {/a b}',
    '{common} {/a"}',
    '{common} {/é}',
    '{common} {/a/}',
    `{common} {/kubernetes/client-label/${'l'.repeat(87)}}`,
  ])('%s', (format) => {
    const result = compileFormat(format);
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('no attribute name') });
  });

  it.each([
    `{common} {/view/${'n'.repeat(78)}}`,
    `{common} {/kubernetes/client-label/${'l'.repeat(86)}}`,
    '{common} {/kubernetes/client-label/app.kubernetes.io/name}',
  ])('unlike %s', (format) => {
    expect(compileFormat(format).ok).toBe(true);
  });
});
