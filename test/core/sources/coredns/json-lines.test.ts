import { describe, expect, it } from '@jest/globals';
import { factsOf, parseCoreDns } from '../../../support/parse-coredns.ts';

const STAMP = '2026-10-01T02:03:04.567891234Z';
const FACTS = {
  clientIp: 'fd00::7',
  clientPort: 51001,
  id: '77',
  type: 'HTTPS',
  name: 'shop.example',
  transport: 'udp',
  requestBytes: 30,
  ednsDo: true,
  ednsUdpSize: 1232,
  responseCode: 'NXDOMAIN',
  responseBytes: 70,
  durationNs: 12_500,
  opCode: '0',
};
const MESSAGE =
  '[fd00::7]:51001 - 77 "HTTPS IN shop.example. udp 30 true 1232" NXDOMAIN qr,aa,rd 70 0.0000125s';
const NATIVE = {
  time: STAMP,
  level: 'INFO',
  msg: MESSAGE,
  plugin: 'log',
  client_ip: 'fd00::7',
  client_port: 51001,
  qname: 'shop.example.',
  qtype: 'HTTPS',
  qclass: 'IN',
  protocol: 'udp',
  id: 77,
  opcode: 0,
  request_size: 30,
  dnssec_ok: true,
  bufsize: 1232,
  rcode: 'NXDOMAIN',
  response_size: 70,
  duration_seconds: 1.25e-5,
};
const POD = { pod_name: 'coredns-1', container_name: 'coredns' };

describe("CoreDNS's own JSON", () => {
  it.each([
    ['bare', JSON.stringify(NATIVE)],
    ['in a wrapper', JSON.stringify({ log: `${JSON.stringify(NATIVE)}\n`, kubernetes: POD })],
    ['as log_processed', JSON.stringify({ log: 'x', log_processed: NATIVE, kubernetes: POD })],
    ['merged', JSON.stringify({ ...NATIVE, stream: 'stdout', kubernetes: POD })],
  ])('is read %s', (_name, message) => {
    const event = parseCoreDns(message);
    expect(factsOf(event)).toMatchObject({ ...FACTS, headerFlags: 'qr,aa,rd' });
    expect(event?.content).toBe(MESSAGE);
  });

  it('gives the time', () => {
    expect(parseCoreDns(JSON.stringify(NATIVE))?.timeMs).toBe(Date.UTC(2026, 9, 1, 2, 3, 4, 567));
  });

  it('is read without the message', () => {
    const event = parseCoreDns(JSON.stringify({ ...NATIVE, msg: '' }));
    expect(factsOf(event)).toEqual(FACTS);
    expect(event?.content).toContain('"qname"');
  });

  it('is read without the members', () => {
    const { plugin, msg, level } = NATIVE;
    expect(factsOf(parseCoreDns(JSON.stringify({ plugin, msg, level })))).toEqual({
      ...FACTS,
      opCode: undefined,
      headerFlags: 'qr,aa,rd',
    });
    expect(parseCoreDns(JSON.stringify({ plugin, level, msg: 'hello' }))).toBeUndefined();
  });

  it('takes metadata from the message', () => {
    const formats = ['{common} {/forward/upstream}'];
    const event = parseCoreDns(JSON.stringify({ ...NATIVE, msg: `${MESSAGE} 10.0.0.2:53` }), { formats });
    expect(event?.upstream).toBe('10.0.0.2:53');
  });

  it('reads a null response code', () => {
    const message = JSON.stringify({ ...NATIVE, rcode: null, msg: '', response_size: 0 });
    const { responseCode, responseSeen, responseBytes } = parseCoreDns(message) ?? {};
    expect([responseCode, responseSeen, responseBytes]).toEqual([undefined, false, undefined]);
  });

  it.each([
    ['errors', '2 shop.example. A: no healthy proxies'],
    ['errors', 'plugin/errors: 2 shop.example. A: no healthy proxies'],
    ['loop', 'Loop (127.0.0.1:1 -> :53) detected for zone ".", see x. Query: "HINFO 1.2."'],
  ])('reads messages of plugin %s: %s', (plugin, msg) => {
    expect(parseCoreDns(JSON.stringify({ level: 'ERROR', msg, plugin }))).toMatchObject({
      isError: true,
      content: msg,
    });
  });

  it('ignores other plugins', () => {
    expect(parseCoreDns(JSON.stringify({ ...NATIVE, plugin: 'reload', qname: undefined }))).toBeUndefined();
    expect(parseCoreDns(JSON.stringify({ plugin: 'errors', msg: 3 }))).toBeUndefined();
  });
});

describe('JSON-like lines of a FORMAT that is not configured', () => {
  const shaped =
    '{"remoteIp":"[fd00::7]","remotePort":51001,"protocol":"udp","queryId":"77","queryType":"HTTPS","queryClass":"IN",' +
    '"queryName":"shop.example.","querySize":30,"dnsSecOk":"true","bufsize": 1232,"responseCode":"NXDOMAIN",' +
    '"responseFlags":qr,aa,rd,"responseSize":70 , "opcode":0,"duration":0.0000125s}';

  it('are read although they are not valid JSON', () => {
    const event = parseCoreDns(`[INFO] ${shaped}`);
    expect(factsOf(event)).toEqual({ ...FACTS, headerFlags: 'qr,aa,rd' });
    expect(event?.content).toBe(shaped);
  });

  it('keep the escapes of names', () => {
    const name = 'a\\ b.c\\"d.e\\233.\\\\.';
    const line = `[INFO] ${shaped.replace('shop.example.', name)}`;
    expect(parseCoreDns(line)?.name).toBe(name.slice(0, -1));
    expect(parseCoreDns(JSON.stringify({ log: line, kubernetes: POD }))?.name).toBe(name.slice(0, -1));
  });

  it.each([
    ['IPv4', '172.31.47.132:40395', { clientIp: '172.31.47.132', clientPort: 40395 }],
    ['IPv6', '[fd00::1]:40395', { clientIp: 'fd00::1', clientPort: 40395 }],
    ['a zone', '[fe80::1%eth0]:40395', { clientIp: 'fe80::1%eth0', clientPort: 40395 }],
    ['an address alone', '[fd00::1]', { clientIp: 'fd00::1', clientPort: undefined }],
    ['an invalid port', '[fd00::1]:x', { clientIp: 'fd00::1', clientPort: undefined, isPartial: true }],
    [
      'a port out of range',
      '10.0.7.21:65536',
      { clientIp: '10.0.7.21', clientPort: undefined, isPartial: true },
    ],
    ['a masked address', '***********:40395', { clientIp: undefined, clientPort: 40395, isPartial: true }],
    ['a name', 'gateway', { clientIp: undefined, clientPort: undefined, isPartial: true }],
    ['a bracket that stays open', '[fd00::1', { clientIp: undefined, isPartial: true }],
  ])('may have address and port in one member: %s', (_name, remote, facts) => {
    const line = `[INFO] {"remote":"${remote}","id":"1","type":"A","class":"IN","name":"example.org.","proto":"udp","rcode":"NOERROR"}`;
    expect(parseCoreDns(line)).toMatchObject({ name: 'example.org', ...facts });
    const members = JSON.parse(line.slice('[INFO] '.length));
    const merged = JSON.stringify({ log_processed: members, kubernetes: POD });
    expect(parseCoreDns(merged)).toMatchObject(facts);
  });

  it('take the port from its own member, in any order', () => {
    const line = (members: string) =>
      `[INFO] {${members},"type":"A","name":"example.org.","proto":"udp","rcode":"NOERROR"}`;
    const port = (members: string) => parseCoreDns(line(members))?.clientPort;
    expect(port('"port":7,"remote":"10.0.7.21:8"')).toBe(7);
    expect(port('"remote":"10.0.7.21","port":7')).toBe(7);
  });

  it('may have the port after the address of the server', () => {
    const line = (local: string) =>
      `[INFO] {"local":"${local}","port":7,"type":"A","name":"example.org.","proto":"udp","rcode":"NOERROR"}`;
    const server = (local: string) => parseCoreDns(line(local))?.extra;
    expect(server('10.0.0.10:53')).toEqual([['server.address', '10.0.0.10']]);
    expect(server('[fd00::a]:53')).toEqual([['server.address', 'fd00::a']]);
    expect(server('[::]:53')).toEqual([]);
    expect(parseCoreDns(line('10.0.0.10:53'))?.clientPort).toBe(7);
  });

  it('may have the class and the type of the response', () => {
    const line = (members: string) =>
      `[INFO] {"component":"coredns","remote":"10.0.7.21","type":"A","name":"example.org.","proto":"udp",${members}}`;
    const event = parseCoreDns(
      line('"dnssec_do":"true","response_class":"denial","response_type":"NXDOMAIN"'),
    );
    expect(event?.ednsDo).toBe(true);
    expect(event?.extra).toEqual([
      ['coredns.metadata.log.class', 'denial'],
      ['coredns.metadata.log.type', 'NXDOMAIN'],
    ]);
    const other = parseCoreDns(
      line('"rcode":"NOERROR","dnssec_do":"false","response_class":"IN","response_type":"-"'),
    );
    expect(other).toMatchObject({ ednsDo: false, class: undefined, type: 'A', extra: [] });
  });

  it('omit a duration that is not a number', () => {
    const line = (duration: string) =>
      `[INFO] {"qname":"a.","qtype":"A","proto":"udp","rcode":"NOERROR","duration":${duration}}`;
    const read = (duration: string) => parseCoreDns(line(duration))?.durationNs;
    expect(read('0.5s')).toBe(5e8);
    expect(read(`${'9'.repeat(400)}s`)).toBeUndefined();
    expect(read(`${'9'.repeat(400)}ms`)).toBeUndefined();
    expect(read('1e400')).toBeUndefined();
  });

  it('may be nested, or merged into the wrapper', () => {
    const nested = {
      question: { name: 'shop.example.', type: 'HTTPS', class: 'IN' },
      response: { code: 'NXDOMAIN', size: 70, flags: 'qr,aa,rd' },
      client: { ip: '[fd00::7]', port: 51001 },
      proto: 'udp',
    };
    const facts = {
      name: 'shop.example',
      responseCode: 'NXDOMAIN',
      responseBytes: 70,
      clientIp: 'fd00::7',
      clientPort: 51001,
    };
    // Without the name of its container it may be of any DNS server.
    expect(parseCoreDns(JSON.stringify(nested))).toBeUndefined();
    expect(parseCoreDns(JSON.stringify({ kubernetes: POD, log_processed: nested }))).toMatchObject(facts);
    expect(parseCoreDns(JSON.stringify({ kubernetes: POD, log: 'x', data: nested }))).toMatchObject(facts);
  });

  it.each([
    ['too few members', '{"qname":"a.","qtype":"A","proto":"udp"}'],
    ['no final dot', shaped.replace('shop.example.', 'shop.example')],
    ['no type', shaped.replace('HTTPS', 'https')],
    ['no name', shaped.replace('queryName', 'x')],
    ['cut off in a value', shaped.slice(0, -12)],
    ['cut off in a text', `${shaped.slice(0, 20)}"udp`],
    ['cut off in a name', `${shaped.slice(0, 30)}"udp"`],
    ['trailing text', `${shaped} x`],
    ['no colon', shaped.replace('"protocol":', '"protocol"')],
    ['nested too deep', `${'{"a":'.repeat(9)}"udp"`],
    ['arrays', '{"a":["udp"],"proto":"udp"}'],
  ])('are ignored: %s', (_name, line) => {
    expect(parseCoreDns(line)).toBeUndefined();
    expect(parseCoreDns(`[INFO] ${line}`)).toBeUndefined();
  });

  it('are never Resolver records', () => {
    const resolver = {
      query_timestamp: 'x',
      query_name: 'a.',
      query_type: 'A',
      query_class: 'IN',
      rcode: 'NOERROR',
    };
    expect(parseCoreDns(JSON.stringify({ ...resolver, protocol: 'udp' }))).toBeUndefined();
  });

  it('are read by a configured FORMAT', () => {
    const formats = ['{"n":"{name}","r":"{rcode}"}'];
    expect(parseCoreDns('[INFO] {"n":"a\\"b.","r":"REFUSED"}', { formats })).toMatchObject({
      name: 'a\\"b',
      responseCode: 'REFUSED',
      type: undefined,
    });
  });
});
