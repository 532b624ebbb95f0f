import { describe, expect, it } from '@jest/globals';
import { EMPTY_CLIENT } from '../../../src/core/attribution/client-of-owner.ts';
import { withSlot } from '../../../src/core/fast-path/cached-client.ts';
import { withEncodedCaches } from '../../../src/core/fast-path/encoded-caches.ts';
import type { Client } from '../../../src/core/model/client.ts';
import type { DnsEvent } from '../../../src/core/model/dns-event.ts';
import type { EscapeLevel } from '../../../src/core/model/encoded-text.ts';
import type { Origin } from '../../../src/core/model/origin.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { createEncoders, type Encoders } from '../../../src/core/record/encoders.ts';
import { createJsonEncoder } from '../../../src/core/record/json-encoder.ts';
import { clusterStub, instanceStub } from '../../support/directory-stub.ts';
import { corednsEvent } from '../../support/dns-event.ts';
import { originStub } from '../../support/origin-stub.ts';

type Call = keyof Encoders;

/** The caches around the ordinary encoders, and a count of the calls that reach these. */
function create(level: EscapeLevel = 1) {
  const calls: Record<Call, number> = { client: 0, resolver: 0, origin: 0 };
  const ordinary = createEncoders(createJsonEncoder(level), DEFAULT_SETTINGS);
  const counted =
    <A extends unknown[], R>(name: Call, encode: (...args: A) => R) =>
    (...args: A): R => {
      calls[name]++;
      return encode(...args);
    };
  const encoders = withEncodedCaches(
    {
      client: counted('client', ordinary.client),
      resolver: counted('resolver', ordinary.resolver),
      origin: counted('origin', ordinary.origin),
    },
    level,
  );
  return { encoders, ordinary, calls };
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

describe('clients', () => {
  const client = (): Client =>
    withSlot({
      ...EMPTY_CLIENT,
      kind: 'node',
      attribution: 'exact',
      cluster: clusterStub('shop', { vpcId: 'vpc-9' }),
      instanceId: 'i-1',
      instance: instanceStub('i-1', { type: 'm7g.large' }),
    });

  it('are encoded once, as bytes that carry the form of the ordinary encoder', () => {
    const parts = create();
    const one = client();
    const first = parts.encoders.client(one, 'vpc-1');
    expect(parts.encoders.client(one, 'vpc-1')).toBe(first);
    const expected = parts.ordinary.client(one, 'vpc-1');
    expect(textOf(first.identity)).toBe(textOf(expected.identity));
    expect(textOf(first.placement)).toBe(textOf(expected.placement));
    expect(first.wasTruncated).toBe(false);
    expect(parts.calls.client).toBe(1);
  });

  it('report that a value was truncated', () => {
    const long = withSlot({ ...client(), nodeName: 'n'.repeat(40_000) });
    expect(create().encoders.client(long, undefined).wasTruncated).toBe(true);
  });

  it('are encoded again for another VPC', () => {
    const parts = create();
    const one = client();
    for (const vpcId of ['vpc-1', 'vpc-2', undefined, 'vpc-1'])
      expect(textOf(parts.encoders.client(one, vpcId).placement)).toBe(
        textOf(parts.ordinary.client(one, vpcId).placement),
      );
    expect(parts.calls.client).toBe(4);
  });

  it('are encoded again at another level', () => {
    const [one, two] = [create(1), create(2)];
    const shared = client();
    for (const { encoders, ordinary } of [one, two, one]) {
      expect(textOf(encoders.client(shared, undefined).identity)).toBe(
        textOf(ordinary.client(shared, undefined).identity),
      );
    }
    expect([one.calls.client, two.calls.client]).toEqual([2, 1]);
  });

  it('share the bytes of their placement', () => {
    const { encoders } = create();
    const first = encoders.client(client(), undefined);
    const second = encoders.client(client(), undefined);
    expect(second.identity).not.toBe(first.identity);
    expect(second.placement).toBe(first.placement);
  });
});

describe('origins', () => {
  const origin = originStub({ logGroup: '/g', logStream: 's' });
  const event = corednsEvent({ accountId: '1', region: 'r' });
  const shop = clusterStub('shop', { accountId: '2', region: 'q' });
  const encodeAll = (inputs: readonly (readonly [Origin, DnsEvent, typeof shop | undefined])[]) => {
    const { encoders, ordinary, calls } = create();
    for (const input of inputs)
      expect(textOf(encoders.origin(...input))).toBe(textOf(ordinary.origin(...input)));
    return calls.origin;
  };

  it('are encoded once where neighbours share them', () => {
    expect(
      encodeAll([
        [origin, event, shop],
        [origin, { ...event }, shop],
      ]),
    ).toBe(1);
  });

  it.each([
    ['object', [{ ...origin, logGroup: '/h' }, event, shop]],
    ['account', [origin, { ...event, accountId: '3' }, shop]],
    ['region', [origin, { ...event, region: 'p' }, shop]],
  ] as const)('of another %s are encoded again', (_, other) => {
    const first = [origin, event, shop] as const;
    expect(encodeAll([first, other, first])).toBe(3);
  });

  it('of another cluster are encoded again', () => {
    const bare = corednsEvent();
    const other = clusterStub('other', { accountId: '4', region: 's' });
    expect(
      encodeAll([
        [origin, bare, shop],
        [origin, bare, other],
        [origin, bare, undefined],
        [origin, bare, shop],
      ]),
    ).toBe(4);
  });
});

it('encodes the resolver of neighbours once', () => {
  const { encoders, ordinary, calls } = create();
  const [one, two] = ['a', 'b'].map((pod) => ({ ip: '10.0.0.1', pod, instanceId: undefined }));
  if (one === undefined || two === undefined) throw new Error('there are two');
  for (const resolver of [one, one, two, one])
    expect(textOf(encoders.resolver(resolver))).toBe(textOf(ordinary.resolver(resolver)));
  expect(calls.resolver).toBe(3);
});
