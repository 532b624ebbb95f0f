// What a line may say, by its log group, the name of its log stream and its wrapper.
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { createJudge } from '../../../src/core/trust/index.ts';
import { producerStub } from '../../support/producer-stub.ts';

const OWN = { pod: 'coredns-1', namespace: 'kube-system', container: 'coredns' };
const TENANT = { pod: 'shop-1', namespace: 'shop', container: 'coredns' };
const INSIGHTS = '/aws/containerinsights/shop/application';
const LAMBDA = '/aws/lambda/resize';
const NAMED = '/dns/coredns';

const settings = { ...DEFAULT_SETTINGS, corednsLogGroups: [] as readonly string[] };

type Facts = Partial<typeof OWN>;

/** How a CoreDNS line is believed: `<proof> <time> <pod>`. The producer is the wrapper's over the stream's. */
function judged(
  logGroup: string | undefined,
  wrapper: Facts | undefined,
  stream: Facts | undefined,
  chosen = settings,
): string {
  const streamProducer = stream && producerStub(stream);
  const producer = (wrapper ?? stream) && producerStub({ ...stream, ...wrapper });
  const line = { producer, streamProducer, isWrapped: wrapper !== undefined };
  const trust = createJudge(chosen).trustIn('coredns', logGroup, line);
  if (trust === undefined) return 'refused';
  return [trust.proof, trust.believesTime ? 'own' : 'CloudWatch', trust.producer?.pod ?? '-'].join(' ');
}

describe('a CoreDNS line in the group of a shipper', () => {
  const { pod, container } = OWN;
  it.each<[string, Facts | undefined, Facts | undefined, string]>([
    ['wrapper', OWN, undefined, 'producer own coredns-1'],
    ['stream', undefined, OWN, 'producer own coredns-1'],
    ['wrapper and stream', OWN, OWN, 'producer own coredns-1'],
    ['wrapper without namespace', { pod, container }, undefined, 'nothing CloudWatch -'],
    ['wrapper without container', { pod, namespace: 'kube-system' }, undefined, 'nothing CloudWatch -'],
    ['neither', undefined, undefined, 'nothing CloudWatch -'],
    ['stream without namespace', undefined, { pod, container }, 'nothing CloudWatch coredns-1'],
    // The container itself may have written what looks like a wrapper.
    ['stream without namespace, and wrapper', OWN, { pod, container }, 'nothing CloudWatch coredns-1'],
    [
      'stream of another pod, and wrapper',
      OWN,
      { ...OWN, pod: 'coredns-2' },
      'producer CloudWatch coredns-2',
    ],
    ['wrapper of a tenant', TENANT, undefined, 'refused'],
    ['stream of a tenant', undefined, TENANT, 'refused'],
    ['stream of a tenant, and wrapper', OWN, TENANT, 'refused'],
    ['wrapper of a tenant, and stream', TENANT, OWN, 'refused'],
    ['wrapper of another container', { ...OWN, container: 'app' }, undefined, 'refused'],
    ['wrapper that names only a namespace', { namespace: 'shop' }, undefined, 'refused'],
    ['stream of another container, without namespace', OWN, { pod, container: 'app' }, 'refused'],
  ])('%s', (_, wrapper, stream, expected) => {
    expect(judged(INSIGHTS, wrapper, stream)).toBe(expected);
    expect(
      judged('/mine', wrapper, stream, { ...settings, logGroupClusters: new Map([['/mine', 'x']]) }),
    ).toBe(expected);
  });
});

describe('a CoreDNS line elsewhere', () => {
  const vouched = { ...settings, corednsLogGroups: [NAMED] };
  const { pod, container } = OWN;
  it.each<[string, string | undefined, typeof settings, Facts | undefined, Facts | undefined, string]>([
    ['any group', LAMBDA, settings, undefined, undefined, 'nothing CloudWatch -'],
    ['any group, wrapper', LAMBDA, settings, OWN, undefined, 'nothing CloudWatch -'],
    ['any group, stream', LAMBDA, settings, undefined, OWN, 'nothing CloudWatch -'],
    ['any group, wrapper of a tenant', LAMBDA, settings, TENANT, undefined, 'refused'],
    ['any group, where others are named', LAMBDA, vouched, OWN, undefined, 'refused'],
    ['named group', NAMED, vouched, undefined, undefined, 'log-group own -'],
    [
      'named group, stream without namespace',
      NAMED,
      vouched,
      undefined,
      { pod, container },
      'log-group own coredns-1',
    ],
    ['named group, wrapper', NAMED, vouched, OWN, undefined, 'producer own coredns-1'],
    ['named group, wrapper of a tenant', NAMED, vouched, TENANT, undefined, 'refused'],
    ['named group, contradiction', NAMED, vouched, OWN, { pod: 'x', container }, 'log-group CloudWatch x'],
    ['no group', undefined, settings, undefined, undefined, 'nothing own -'],
    ['no group, wrapper', undefined, vouched, OWN, undefined, 'nothing own coredns-1'],
    ['no group, wrapper of a tenant', undefined, settings, TENANT, undefined, 'refused'],
  ])('%s', (_, logGroup, chosen, wrapper, stream, expected) => {
    expect(judged(logGroup, wrapper, stream, chosen)).toBe(expected);
  });

  it('another namespace and another container may be CoreDNS', () => {
    const chosen = { ...settings, corednsNamespace: 'shop', corednsContainers: ['coredns', 'cache'] };
    expect(judged(INSIGHTS, TENANT, undefined, chosen)).toBe('producer own shop-1');
    expect(judged(INSIGHTS, { ...TENANT, container: 'cache' }, undefined, chosen)).toBe(
      'producer own shop-1',
    );
    expect(judged(INSIGHTS, OWN, undefined, chosen)).toBe('refused');
  });
});

it('a log stream that names no namespace is taken for that of CoreDNS', () => {
  const streamProducer = producerStub({ pod: 'coredns-1', container: 'coredns' });
  const chosen = { ...settings, corednsNamespace: 'dns' };
  const line = { producer: streamProducer, streamProducer, isWrapped: false };
  const trust = createJudge(chosen).trustIn('coredns', INSIGHTS, line);
  expect(trust?.producer?.namespace).toBe('dns');
});

describe('a record of Route 53', () => {
  const named: typeof DEFAULT_SETTINGS = { ...settings, resolverLogGroups: ['/dns/resolver'] };
  const proofOf = (logGroup: string | undefined, chosen: typeof named, isWrapped = false, producer?: Facts) =>
    createJudge(chosen).trustIn('aws.vpcdnsquerylogs', logGroup, {
      isWrapped,
      producer: producer && producerStub(producer),
      streamProducer: undefined,
    })?.proof ?? 'refused';

  it.each([
    ['/dns/resolver', named, 'log-group'],
    ['/aws/vendedlogs/route53/shop', settings, 'log-group'],
    ['/dns/resolver', settings, 'nothing'],
    [LAMBDA, settings, 'nothing'],
    [LAMBDA, named, 'refused'],
    [INSIGHTS, settings, 'refused'],
    [undefined, settings, 'nothing'],
    [undefined, named, 'nothing'],
  ])('in %s', (logGroup, chosen, expected) => {
    expect(proofOf(logGroup, { ...named, ...chosen })).toBe(expected);
    expect(proofOf(logGroup, { ...named, ...chosen }, true)).toBe('refused');
    expect(proofOf(logGroup, { ...named, ...chosen }, false, { pod: 'x' })).toBe('refused');
  });
});

it('neighbours of other groups and producers are judged on their own', () => {
  const judge = createJudge(settings);
  const proofs = [INSIGHTS, LAMBDA, INSIGHTS].flatMap((logGroup) =>
    [OWN, TENANT, OWN].map((facts) => {
      const line = { producer: producerStub(facts), streamProducer: undefined, isWrapped: true };
      return judge.trustIn('coredns', logGroup, line)?.proof;
    }),
  );
  const shipped = ['producer', undefined, 'producer'];
  expect(proofs).toEqual([...shipped, 'nothing', undefined, 'nothing', ...shipped]);
});
