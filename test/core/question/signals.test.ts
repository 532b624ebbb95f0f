import { describe, expect, it } from '@jest/globals';
import { HARMLESS_KINDS, harmlessNames } from '../../../scripts/bench/harmless-names.ts';
import { SLOW_TUNNELS, TUNNELS } from '../../../scripts/bench/tunnel-names.ts';
import { createRandom } from '../../../src/cli/lib/simulate/random.ts';
import { QUESTION_CATEGORIES } from '../../../src/core/model/settings.ts';
import { SIGNALS } from '../../../src/core/model/signal.ts';
import { domainInfo } from '../../../src/core/question/domain.ts';
import { eventSignals, nameSignals, THRESHOLDS } from '../../../src/core/question/signals.ts';
import { corednsEvent } from '../../support/dns-event.ts';

const domainOf = domainInfo;
const raised = (name: string) => nameSignals(name, domainOf(name));

describe('signals of a name', () => {
  const hex = (digits: number): string => '9f3a07c5'.repeat(32).slice(0, digits);

  it.each([
    ['an everyday name', 'www.example.com', []],
    ['a registered domain alone', 'example.com', []],
    ['the root', '.', []],
    ['an empty name', '', []],
    ['one MD5', `${hex(32)}.example.com`, []],
    ['one MD5 and a digit', `${hex(33)}.example.com`, []],
    ['a byte more than an MD5', `${hex(34)}.example.com`, ['hex-label']],
    ['two MD5', `${hex(32)}.${hex(32)}.example.com`, []],
    ['two MD5 and a chunk', `${hex(32)}.${hex(32)}.${hex(8)}.example.com`, ['hex-label']],
    ['hex with one other letter', `${hex(20)}x${hex(20)}.example.com`, []],
    ['eight labels', 'a.b.c.d.e.f.g.h.example.com', []],
    ['nine labels', 'a.b.c.d.e.f.g.h.i.example.com', ['deep-name']],
    ['a long name of words', `${'region-of-the-shop.'.repeat(6)}example.com`, ['long-name']],
    ['a reversed IPv4 address', '2.0.0.127.a.b.c.d.e.f.example.org', []],
    ['a reversed IPv6 address', `${[...hex(32)].join('.')}.list.example.org`, []],
    ['a reversed IPv6 address of digits', `${'1.'.repeat(32)}list.example.org`, []],
    ['31 nibbles', `${[...hex(31)].join('.')}.list.example.org`, ['deep-name']],
    ['an IP address as the name', '10.0.12.34', []],
    ['a name of AWS', `${hex(63)}.us-east-1.elb.amazonaws.com`, []],
    ['a service of the cluster', `${hex(63)}.shop.svc.cluster.local`, []],
    ['a reverse name', `${[...hex(32)].join('.')}.ip6.arpa`, []],
    ['a private domain', `${hex(63)}.corp.internal`, []],
    ['a service of Consul', `${hex(34)}.a.b.c.d.e.f.g.h.i.node.dc1.consul`, []],
    ['an IDN label in a private domain', 'xn--bcher-kva.lan', ['punycode']],
    ['a top-level domain that everybody has', `${hex(34)}.example.dev`, ['hex-label']],
    ['service labels', '_a._b._c._d._e._f._g._h._i._j.example.com', []],
    ['an IDN label', 'www.xn--bcher-kva.example', ['punycode']],
    ['an IDN top-level domain', 'www.example.xn--p1ai', ['punycode']],
    ['a lookup of a malware scanner', `${hex(63)}.x.sophosxl.net`, []],
  ])('%s', (_name, name, expected) => {
    expect(raised(name)).toEqual(expected);
  });

  it('counts an escape as one symbol, and does not split at an escaped dot', () => {
    const label = '\\200\\201\\202\\.'.repeat(20);
    const symbols = 80;
    expect(symbols).toBeLessThan(THRESHOLDS.longNameSymbols);
    expect(raised(`${label}.example.com`)).toEqual([]);
    expect(raised(`${'\\200\\201\\202\\.'.repeat(25)}.example.com`)).toEqual(['long-name']);
  });

  it('raises no signal for names of AWS or of the cluster', () => {
    const name = `${hex(63)}.${hex(63)}.example.com`;
    const judged = QUESTION_CATEGORIES.filter(
      (category) => nameSignals(name, { ...domainOf('xn--a.example.com'), category }).length > 0,
    );
    expect(judged).toEqual(['external']);
  });

  it('returns a shared list in the order of SIGNALS', () => {
    const name = `xn--a.${hex(63)}.${[...'abcdefgh'].join('.')}.${'q7zk2mvw9xt4rj8hbn3c6ydp5gsf1l'.repeat(2)}.example.com`;
    expect(raised(name)).toEqual(['long-name', 'deep-name', 'high-entropy', 'hex-label', 'punycode']);
    expect(raised(name)).toBe(raised(name));
    expect(SIGNALS.slice(0, 5)).toEqual(raised(name));
  });
});

describe('measured on lists of names', () => {
  const random = createRandom(2024);

  it.each(HARMLESS_KINDS)('raises a signal for less than 1 in 1,000 harmless names of %s', (kind) => {
    const names = harmlessNames(random, kind, 400);
    expect(names.length).toBeGreaterThanOrEqual(1000);
    expect(names.filter((name) => raised(name).length > 0).length / names.length).toBeLessThan(0.001);
  });

  it.each(TUNNELS.map(({ name, make }) => [name, make] as const))(
    'finds four of five of %s',
    (_name, make) => {
      const names = Array.from({ length: 1000 }, () => make(random));
      expect(names.filter((name) => raised(name).length > 0).length).toBeGreaterThan(800);
    },
  );

  it.each(SLOW_TUNNELS.map(({ name, make }) => [name, make] as const))(
    'leaves %s to counting',
    (_name, make) => {
      expect(raised(make(random))).toEqual([]);
    },
  );
});

const EXAMPLE = domainInfo('www.example.com');

describe('signals of an event', () => {
  const text = (...data: string[]) =>
    corednsEvent({ type: 'TXT', answers: data.map((datum) => ({ data: datum, type: 'TXT' })) });

  it.each([
    ['no answers', corednsEvent({}), []],
    ['an address', corednsEvent({ answers: [{ data: '203.0.113.1', type: 'A' }] }), []],
    ['text', text('"cmd: id; uname -a"'), ['txt-answer']],
    ['SPF', text('"v=spf1 include:mail.example.com -all"'), []],
    ['a DKIM key', text('v=DKIM1; k=rsa; p=MIGf'), []],
    ['proof of a domain', text('"google-site-verification=aB3_x"', '"MS=ms12345678"'), []],
    ['an ACME challenge', text(`"${'aB3-_'.repeat(9).slice(0, 43)}"`), []],
    ['44 characters of base64url', text(`"${'aB3-_'.repeat(9).slice(0, 44)}"`), ['txt-answer']],
    ['text hidden behind SPF', text('"v=spf1 -all"', '"run 4711"'), ['txt-answer']],
    ['text behind a proof', text('x-verification=1 run 4711'), ['txt-answer']],
    ['a firewall alert', corednsEvent({ firewallAction: 'ALERT' }), ['firewall-alert']],
    ['a firewall block', corednsEvent({ firewallAction: 'BLOCK' }), ['firewall-block']],
    ['an unknown action', corednsEvent({ firewallAction: 'OTHER' }), []],
  ])('%s', (_name, event, expected) => {
    expect(eventSignals(event, domainInfo(event.name ?? ''), false)).toEqual(expected);
  });

  it('adds that CoreDNS was bypassed, last', () => {
    const event = corednsEvent({ ...text('x'), firewallAction: 'BLOCK' });
    expect(eventSignals(event, EXAMPLE, true)).toEqual(['txt-answer', 'firewall-block', 'bypasses-coredns']);
    expect(eventSignals(event, EXAMPLE, true)).toBe(eventSignals(event, EXAMPLE, true));
  });
});

describe('metadata-answer', () => {
  const raised = (name: string, type: string, ...data: string[]) =>
    eventSignals(
      corednsEvent({ name, answers: data.map((datum) => ({ data: datum, type })) }),
      domainInfo(name),
      false,
    ).includes('metadata-answer');

  it.each([
    ['rebind.attacker.example.org', 'A', '169.254.169.254'],
    ['rebind.attacker.example.org', 'AAAA', 'fd00:ec2::254'],
    ['rebind.attacker.example.org', 'AAAA', 'FD00:0EC2:0:0:0:0:0:254'],
    ['rebind.attacker.example.org', 'AAAA', '::ffff:169.254.169.254'],
    ['rebind.attacker.example.org', 'AAAA', 'fe80::1'],
    ['rebind.attacker.example.org', 'A', '127.0.0.1'],
    ['rebind.attacker.example.org', 'AAAA', '::1'],
    ['2.0.0.127.list.example.org', 'A', '169.254.169.254'],
    ['localhost.example.com', 'A', '169.254.169.254'],
  ])('%s %s %s', (name, type, data) => {
    expect(raised(name, type, data)).toBe(true);
    expect(raised(name, type, '203.0.113.9', data)).toBe(true);
  });

  it.each([
    ['a public address', 'www.example.com', 'A', '203.0.113.9'],
    ['a private address', 'db.example.com', 'A', '10.0.0.9'],
    ['a unique local address', 'db.example.com', 'AAAA', 'fd00:db8::254'],
    ['a block list', '2.0.0.127.list.example.org', 'A', '127.0.0.2'],
    ['a reputation service', 'bad.example.com.multi.surbl.org', 'A', '127.0.0.8'],
    ['localhost of a domain', 'localhost.example.com', 'A', '127.0.0.1'],
    ['the name of the metadata service', 'instance-data.ec2.internal', 'A', '169.254.169.254'],
    ['a service of the cluster', 'imds.shop.svc.cluster.local', 'A', '169.254.169.254'],
    ['a text', 'www.example.com', 'TXT', '169.254.169.254'],
    ['a private top level', 'imds.consul', 'A', '169.254.169.254'],
    ['no address', 'www.example.com', 'A', '169.254.169.999'],
  ])('not for %s', (_, name, type, data) => {
    expect(raised(name, type, data)).toBe(false);
  });
});
