// JSON of other DNS servers and of applications: nobody's business, byte for byte, and not counted as unparsed.
import { expect, it } from '@jest/globals';
import { envelopeOf, runBatch } from '../../support/run-batch.ts';

const FOREIGN: Readonly<Record<string, object>> = {
  'a server with the usual names': {
    id: 'ab12',
    client_ip: '10.20.0.9',
    client_port: 5301,
    protocol: 'udp',
    qtype: 'AAAA',
    qname: 'mail.example.',
    rcode: 'NXDOMAIN',
    duration: 0.02,
    server: 'unbound',
  },
  'an application that logs what it resolved': {
    plugin: 'log',
    type: 'A',
    name: 'api.example.',
    rcode: 'NOERROR',
    proto: 'tcp',
    client: '10.20.0.9',
    latency: 0.1,
  },
  'nested members': {
    dns: { question: { name: 'api.example.', type: 'A', class: 'IN' }, response_code: 'NOERROR' },
    client: { ip: '10.20.0.9', port: 53 },
    network: { transport: 'udp' },
  },
  'BIND 9.20': {
    timestamp: '2026-05-06T07:08:09.123Z',
    level: 'info',
    category: 'queries',
    message: 'client @0x7f 10.20.0.9#5301 (mail.example): query: mail.example IN AAAA +E(0)K (10.20.0.2)',
  },
  'AdGuard Home': {
    T: '2026-05-06T07:08:09.1Z',
    QH: 'mail.example',
    QT: 'AAAA',
    QC: 'IN',
    CP: '',
    Upstream: 'udp://9.9.9.9:53',
    Answer: 'AAAA',
    IP: '10.20.0.9',
    Result: {},
    Elapsed: 12345,
  },
  'Zeek dns.log': {
    ts: 1778051289.1,
    uid: 'Cx1',
    'id.orig_h': '10.20.0.9',
    'id.orig_p': 5301,
    'id.resp_h': '10.20.0.2',
    'id.resp_p': 53,
    proto: 'udp',
    query: 'mail.example',
    qclass_name: 'C_INTERNET',
    qtype_name: 'AAAA',
    rcode_name: 'NOERROR',
  },
  'Suricata EVE': {
    timestamp: '2026-05-06T07:08:09.123456+0000',
    event_type: 'dns',
    src_ip: '10.20.0.9',
    src_port: 5301,
    proto: 'UDP',
    dns: { version: 2, type: 'answer', id: 7, rrname: 'mail.example', rrtype: 'AAAA', rcode: 'NOERROR' },
  },
  Technitium: {
    timestamp: '2026-05-06T07:08:09Z',
    clientIp: '10.20.0.9',
    protocol: 'Udp',
    rCode: 'NoError',
    question: { questionName: 'mail.example.', questionType: 'AAAA', questionClass: 'IN', size: 30 },
  },
  NextDNS: {
    domain: 'mail.example.',
    type: 'A',
    protocol: 'udp',
    clientIp: '10.20.0.9',
    status: 'ok',
    code: 'x',
  },
  'Pi-hole': {
    query: 'mail.example.',
    type: 'AAAA',
    client: '10.20.0.9',
    status: 'GRAVITY',
    protocol: 'udp',
    elapsed: 1,
  },
  Falco: {
    output: 'Notice DNS to mail.example. udp by pod',
    output_fields: { 'fd.l4proto': 'udp', 'fd.sip': '192.0.2.4', type: 'A' },
  },
  'the DNS filter of Envoy': {
    listener: 'dns',
    query_name: 'mail.example.',
    query_type: 28,
    query_class: 1,
    response_code: 0,
    downstream: '10.20.0.9:5301',
    protocol: 'udp',
  },
  'an exporter of dnsmasq': {
    level: 'info',
    msg: 'query[A] mail.example from 10.20.0.9',
    plugin: 'dnsmasq',
    net: 'udp',
  },
  'a text behind [INFO] in a member': { line: '[INFO] 10.20.0.9 asked for mail.example.', proto: 'udp' },
};

it.each(Object.entries(FOREIGN))('%s', async (_, object) => {
  const line = JSON.stringify(object);
  const spaced = JSON.stringify(object, undefined, 1).replaceAll('\n', ' ');
  for (const data of [envelopeOf([line, spaced]), Buffer.from(`${line}\n${spaced}`)]) {
    const { outcomes, summary } = await runBatch([data]);
    expect(outcomes[0]?.isUnchanged).toBe(true);
    expect(summary).toMatchObject({ eventsIn: 2, passedThrough: 2, unparsed: 0 });
  }
});

it('of another container is not even counted as untrusted', async () => {
  const kubernetes = { pod_name: 'dns-0', namespace_name: 'web', container_name: 'dns' };
  const messages = Object.values(FOREIGN).map((object) =>
    JSON.stringify({ log: JSON.stringify(object), kubernetes }),
  );
  const members = { logGroup: '/aws/containerinsights/shop/application' };
  const { outcomes, summary } = await runBatch([envelopeOf(messages, members)]);
  expect(outcomes[0]?.isUnchanged).toBe(true);
  expect(summary).toMatchObject({ unparsed: 0, untrusted: 0 });
});

it('is read where a FORMAT says so', async () => {
  const format = '{"id":"{>id}","client_ip":"{remote}","qtype":"{type}","qname":"{name}","rcode":"{rcode}"}';
  const line = '{"id":"7","client_ip":"10.20.0.9","qtype":"A","qname":"mail.example.","rcode":"NOERROR"}';
  const read = async (corednsLogFormats: readonly string[]) =>
    (await runBatch([envelopeOf([line])], { settings: { corednsLogFormats } })).summary.normalisedBySource;
  expect(await read([format])).toMatchObject({ coredns: 1 });
  expect(await read([])).toMatchObject({ coredns: 0 });
});
