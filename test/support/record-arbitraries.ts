// Events and clients of any content, for the writer of records.
import fc from 'fast-check';
import type { AttributionResult, Client } from '../../src/core/model/client.ts';
import type { DnsEvent } from '../../src/core/model/dns-event.ts';
import { SIGNALS } from '../../src/core/model/signal.ts';
import { anyCharacter, memberName } from './characters.ts';
import { clusterStub, instanceStub, podStub } from './directory-stub.ts';
import { corednsEvent } from './dns-event.ts';

/** Text of every kind that an encoder treats differently: plain, quoted, control characters, half pairs, many bytes. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[a-z0-9 .,:-]{0,20}$/),
  fc.string({
    unit: fc.constantFrom(
      ...'"\\/{}[]\u0000\u0008\t\n\r\u001f\u007f\u0080é€\u2028\ud800\udfff',
      '\u{1f4a5}',
      'a',
    ),
  }),
  fc.string({ unit: anyCharacter, maxLength: 12 }),
  memberName,
);

/** Text around the limit of 32,000 bytes, and beyond. */
const long = fc
  .tuple(fc.constantFrom('x', 'é', '€', '\u{1f4a5}', '"'), fc.integer({ min: -3, max: 3 }), fc.nat(2))
  .map(([unit, off, rest]) => {
    const count = Math.floor(32_000 / Buffer.byteLength(unit)) + off;
    return 'y'.repeat(rest) + unit.repeat(count);
  });

const value = fc.oneof({ weight: 12, arbitrary: anyText }, { weight: 1, arbitrary: long });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const number = maybe(fc.nat());

const NAMES = [
  'www.example.com',
  'api.example.org.shop.svc.cluster.local',
  'ledger.shop.svc.cluster.local',
  '1.0.0.10.in-addr.arpa',
  'sqs.eu-west-1.amazonaws.com',
  'ledger',
  '.',
  'caf\\195\\169.example.net',
];

const ADDRESSES = ['198.51.100.7', '2001:db8::7', 'no address', '198.51.100.7'];
const answer = fc.record({
  data: fc.oneof(value, fc.constantFrom(...ADDRESSES)),
  type: fc.constantFrom('A', 'AAAA', 'CNAME', 'TXT', 'TYPE65280'),
});

const extra = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom('event.reason', 'aws.route53.x', 'coredns.metadata.view.name', 'server.address'),
    fc.oneof<fc.Arbitrary<string | number | boolean | string[]>[]>(
      value,
      fc.nat(),
      fc.boolean(),
      fc.array(anyText, { maxLength: 40 }),
    ),
  ),
  { selector: ([name]) => name, maxLength: 3 },
);

/** Any event; times within what RFC 3339 can print. */
export const anyEvent: fc.Arbitrary<DnsEvent> = fc
  .record({
    source: fc.constantFrom(
      'coredns' as const,
      'aws.vpcdnsquerylogs' as const,
      'aws.route53.public' as const,
    ),
    timeMs: fc.oneof(fc.nat(2000), fc.integer({ min: 1_795_168_860_000, max: 1_795_168_862_000 })),
    content: value,
    // The root is `.`, so that no name is empty.
    name: maybe(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
        value.map((text) => text || '.'),
      ),
    ),
    type: maybe(fc.constantFrom('A', 'HTTPS', 'TYPE65280')),
    class: maybe(fc.constantFrom('CH', 'CLASS255')),
    responseCode: maybe(fc.constantFrom('NOERROR', 'NXDOMAIN', 'SERVFAIL', '3841')),
    responseSeen: fc.boolean(),
    id: maybe(fc.constantFrom('0', '65535')),
    headerFlags: maybe(fc.constantFrom('', 'qr', 'qr,rd,ra')),
    requestBytes: number,
    responseBytes: number,
    durationNs: number,
    opCode: maybe(fc.constantFrom('0', '4')),
    ednsDo: maybe(fc.boolean()),
    ednsUdpSize: maybe(fc.constantFrom(512, 1232)),
    upstream: maybe(value),
    clientIp: maybe(fc.constantFrom('10.0.1.5', 'fe80::1%eth0')),
    clientPort: maybe(fc.nat(65_535)),
    transport: maybe(fc.constantFrom('udp', 'tcp')),
    answers: maybe(fc.array(answer, { maxLength: 4 })),
    unlistedAnswers: maybe(fc.constantFrom(0, 8, 40)),
    accountId: maybe(fc.constantFrom('111122223333', '444455556666')),
    region: maybe(fc.constantFrom('eu-west-1', 'us-gov-east-1')),
    vpcId: maybe(fc.constantFrom('vpc-1', 'vpc-2')),
    firewallAction: maybe(fc.constantFrom('ALERT', 'BLOCK')),
    isError: fc.boolean(),
    isPartial: fc.boolean(),
    extra,
  })
  .map(({ unlistedAnswers, ...members }) => {
    const { answers = [] } = members;
    const isCounted = unlistedAnswers !== undefined;
    return corednsEvent({
      ...members,
      answerCount: isCounted ? answers.length + unlistedAnswers : undefined,
    });
  });

const pairs = (keys: readonly string[]) =>
  fc.uniqueArray(fc.tuple(fc.constantFrom(...keys), value), { selector: ([key]) => key, maxLength: 2 });

const client: fc.Arbitrary<Client> = fc
  .record({
    cluster: maybe(fc.record({ uid: maybe(anyText), vpcId: maybe(fc.constant('vpc-9')) })),
    pod: maybe(
      fc.record({
        uid: maybe(anyText),
        labels: pairs(['app', 'tier']),
        annotations: pairs(['owner', 'note']),
        dynatrace: pairs(['dt.security_context', 'team', 'tier"']),
      }),
    ),
    instance: maybe(
      fc.record({ clusterName: maybe(anyText), type: maybe(anyText), nodeGroup: maybe(anyText) }),
    ),
    loggedLabels: pairs(['app', 'stage']),
    texts: fc.array(maybe(anyText), { minLength: 4, maxLength: 4 }),
    kind: fc.constantFrom('pod' as const, 'unknown' as const),
  })
  .map(({ cluster: c, pod: p, instance: i, loggedLabels, texts, kind }) => {
    const cluster = c && clusterStub('shop', c);
    return {
      kind,
      attribution: 'exact',
      cluster,
      pod: p && podStub(cluster ?? clusterStub('other'), 'cart-1', p),
      namespace: texts[0],
      podName: texts[1],
      workload: texts[2] === undefined ? undefined : { kind: 'deployment', name: texts[2] },
      loggedLabels,
      nodeName: texts[3],
      instanceId: i && 'i-0a6453b0c36d4b9c0',
      instance: i && instanceStub('i-0a6453b0c36d4b9c0', i),
    };
  });

/** Any client and resolver. */
export const anyAttribution: fc.Arbitrary<AttributionResult> = fc.record({
  client,
  resolver: maybe(fc.record({ ip: maybe(anyText), pod: maybe(anyText), instanceId: maybe(anyText) })),
  bypassesCoreDns: fc.boolean(),
});

/** Any list of signals, in their order. */
export const anySignals = fc.subarray([...SIGNALS]);
