// Whole batches of lines whose writer is not who they say, with and without the fast path: what becomes of each, and who
// is named.
import { describe, expect, it } from '@jest/globals';
import { readResponse } from '../../../src/cli/lib/io/firehose-response.ts';
import { createFastPath } from '../../../src/core/fast-path/index.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/core/model/settings.ts';
import { NO_ACCELERATION } from '../../../src/core/pipeline/acceleration.ts';
import { createPipeline } from '../../../src/core/pipeline/transform.ts';
import { parseDirectoryFile } from '../../../src/inventory/file.ts';
import { createOwnerIndex } from '../../../src/inventory/owner-index.ts';
import { eventOf } from '../../support/batches.ts';

const OWN = '111122223333';
const LOGGED_MS = Date.UTC(2026, 10, 20, 12);
const CART = '10.20.0.7';
const POD = 'coredns-6799d55c9f-k2l4m';
const OLD_POD = 'coredns-6799d55c9f-zzzzz';

/** One cluster `bank` with the pod `cart-0`, one CoreDNS that lives, and one that ended an hour before. */
const directoryFile = parseDirectoryFile(
  {
    clusters: [{ name: 'bank', accountId: OWN, region: 'eu-west-1', vpcId: 'vpc-0ba4' }],
    pods: [
      { namespace: 'shop', name: 'cart-0', ips: [CART], startTime: '2026-11-20T06:00:00Z' },
      { namespace: 'kube-system', name: POD, ips: ['10.20.0.2'], startTime: '2026-11-20T06:00:00Z' },
      {
        namespace: 'kube-system',
        name: OLD_POD,
        ips: ['10.20.0.3'],
        startTime: '2026-11-20T06:00:00Z',
        endTime: '2026-11-20T11:00:00Z',
      },
    ],
  },
  DEFAULT_SETTINGS,
);
if (!directoryFile.ok) throw new Error(directoryFile.faults);
const directory = createOwnerIndex(directoryFile.clusters, directoryFile.instances);

const LINE = `[INFO] ${CART}:5353 - 7 "A IN ledger.example.net. udp 40 false 1232" NOERROR qr,rd,ra 90 0.002s`;
const wrapped = (members: object, log = `${LINE}\n`): string =>
  JSON.stringify({ time: '2026-11-20T11:59:58.250Z', stream: 'stdout', _p: 'F', log, kubernetes: members });
const COREDNS = { pod_name: POD, namespace_name: 'kube-system', container_name: 'coredns' };
const TENANT = { pod_name: 'web-0', namespace_name: 'web', container_name: 'coredns' };
const RESOLVER = JSON.stringify({
  version: '1.100000',
  account_id: OWN,
  region: 'eu-west-1',
  vpc_id: 'vpc-0ba4',
  query_timestamp: '2026-11-20T11:59:58Z',
  query_name: 'ledger.example.net.',
  query_type: 'A',
  query_class: 'IN',
  rcode: 'NOERROR',
  answers: [],
  srcaddr: CART,
  srcport: '5353',
  transport: 'UDP',
  srcids: {},
});
const INSIGHTS = '/aws/containerinsights/bank/application';
const LAMBDA = '/aws/lambda/thumbnails';
const stream = (pod: string, namespace: string, container: string): string =>
  `n1-application.var.log.containers.${pod}_${namespace}_${container}-${'7e'.repeat(32)}.log`;

type Given = {
  readonly message: string;
  readonly logGroup?: string;
  readonly logStream?: string;
  readonly owner?: string;
  readonly fields?: object;
  readonly settings?: Partial<Settings>;
};

/** `<attribution> <pod> <time>` of the record, `untrusted` or `unchanged`. */
async function outcomeOf({ message, settings = {}, ...given }: Given): Promise<string> {
  const { logGroup = INSIGHTS, logStream = 's', owner = OWN, fields } = given;
  const event = { id: '1', timestamp: LOGGED_MS, message, ...(fields && { extractedFields: fields }) };
  const envelope = { messageType: 'DATA_MESSAGE', owner, logGroup, logStream, logEvents: [event] };
  return resultOf(Buffer.from(JSON.stringify(envelope)), settings);
}

async function resultOf(data: Buffer, settings: Partial<Settings>): Promise<string> {
  const configured = { ...DEFAULT_SETTINGS, ...settings };
  const event = eventOf([{ data, shape: 'opaque', units: [] }]);
  const results = [createFastPath(configured), NO_ACCELERATION].map(async (acceleration) => {
    const ports = {
      directory: { begin: () => ({ lookup: async () => directory, health: () => [] }) },
      now: () => LOGGED_MS,
      recordFailed: () => undefined,
    };
    const { response, summary } = await createPipeline(configured, ports, acceleration)(event);
    const [outcome] = readResponse(event, response);
    if (outcome?.isUnchanged) return summary.untrusted > 0 ? 'untrusted' : 'unchanged';
    const record = outcome?.events[0]?.record ?? {};
    const at = String(record.timestamp).slice(11, 23);
    const resolver = record['dns.resolver.pod'] === undefined ? '' : ' +resolver';
    return `${record['dns.client.attribution']} ${record['k8s.pod.name'] ?? '-'} ${at}${resolver}`;
  });
  const [fast, ordinary] = await Promise.all(results);
  expect(fast).toBe(ordinary);
  return fast ?? '';
}

const PROVED = 'exact cart-0 11:59:58.250 +resolver';
const BELIEVED = 'inferred cart-0 11:59:58.250 +resolver';
const CLAIMED = 'inferred cart-0 12:00:00.000';

describe('CoreDNS lines', () => {
  it.each<[string, Given, string]>([
    ['of CoreDNS, by its wrapper', { message: wrapped(COREDNS) }, PROVED],
    [
      'of CoreDNS, by its stream',
      { message: LINE, logStream: stream(POD, 'kube-system', 'coredns') },
      'exact cart-0 12:00:00.000 +resolver',
    ],
    ['of an unknown CoreDNS', { message: wrapped({ ...COREDNS, pod_name: 'coredns-1' }) }, BELIEVED],
    ['of a CoreDNS that had ended', { message: wrapped({ ...COREDNS, pod_name: OLD_POD }) }, BELIEVED],
    ['of a tenant', { message: wrapped(TENANT) }, 'untrusted'],
    [
      'of a tenant, about an error',
      { message: wrapped(TENANT, '[ERROR] plugin/errors: 2 a.b. A: x') },
      'untrusted',
    ],
    [
      'of a tenant, as JSON of CoreDNS',
      {
        message: wrapped(
          TENANT,
          '{"level":"INFO","plugin":"log","client_ip":"10.20.0.7","client_port":"53","qname":"a.b.","qtype":"A","rcode":"NOERROR"}',
        ),
      },
      'untrusted',
    ],
    [
      'of a tenant, with a wrapper inside',
      { message: wrapped({ ...TENANT, container_name: 'web' }, wrapped(COREDNS)) },
      'unchanged',
    ],
    [
      'of a tenant, by its stream',
      { message: LINE, logStream: stream('web-0', 'web', 'coredns') },
      'untrusted',
    ],
    [
      'of a tenant that prints a wrapper',
      { message: wrapped(COREDNS), logStream: stream('web-0', 'web', 'web') },
      'untrusted',
    ],
    [
      'of a stream without namespace, with a wrapper',
      { message: wrapped(COREDNS), logGroup: '/aws/eks/fluentbit-cloudwatch/x', logStream: `${POD}.coredns` },
      `${CLAIMED} +resolver`,
    ],
    [
      'of a vouched stream without namespace',
      { message: LINE, logGroup: '/d', logStream: `${POD}.coredns`, settings: { corednsLogGroups: ['/d'] } },
      'exact cart-0 12:00:00.000 +resolver',
    ],
    ['of a Lambda', { message: LINE, logGroup: LAMBDA }, CLAIMED],
    ['of a Lambda, with a wrapper', { message: wrapped(COREDNS), logGroup: LAMBDA }, CLAIMED],
    ['of a Lambda, with a time', { message: `2026-11-20T07:00:00.000Z ${LINE}`, logGroup: LAMBDA }, CLAIMED],
    [
      'of a Lambda, with a prefix of the runtime',
      { message: `2026-11-20T07:00:00.000000000Z stdout F ${LINE}`, logGroup: LAMBDA },
      CLAIMED,
    ],
    [
      'of a Lambda, where the groups of CoreDNS are known',
      { message: LINE, logGroup: LAMBDA, settings: { corednsLogGroups: ['/dns/*'] } },
      'untrusted',
    ],
    [
      'of another account',
      { message: wrapped(COREDNS), owner: '444455556666' },
      'none - 11:59:58.250 +resolver',
    ],
    [
      'of another account, copied',
      { message: wrapped(COREDNS), fields: { '@aws.account': '444455556666' } },
      'none - 11:59:58.250 +resolver',
    ],
    [
      'of another region, copied',
      { message: wrapped(COREDNS), fields: { '@aws.region': 'us-west-2' } },
      'none - 11:59:58.250 +resolver',
    ],
    [
      'of another region, by its node',
      { message: wrapped({ ...COREDNS, host: 'ip-10-0-0-1.us-west-2.compute.internal' }) },
      'none - 11:59:58.250 +resolver',
    ],
    [
      'of another cluster, copied',
      { message: wrapped(COREDNS), fields: { '@source.log': '/aws/containerinsights/pay/application' } },
      'none - 11:59:58.250 +resolver',
    ],
    [
      'of a Lambda, copied to a group of CoreDNS',
      { message: LINE, fields: { '@source.log': LAMBDA } },
      CLAIMED,
    ],
    [
      'of CoreDNS, copied to another group',
      { message: wrapped(COREDNS), logGroup: '/central', fields: { '@source.log': INSIGHTS } },
      PROVED,
    ],
    [
      'of another cluster',
      { message: wrapped(COREDNS), logGroup: '/aws/eks/pay/dns' },
      'none - 11:59:58.250 +resolver',
    ],
  ])('%s', async (_, given, expected) => {
    expect(await outcomeOf(given)).toBe(expected);
  });
});

describe('Resolver records', () => {
  const resolverLogGroups = ['/dns/resolver'];
  it.each<[string, Given, string]>([
    [
      'of Route 53',
      { message: RESOLVER, logGroup: '/aws/vendedlogs/route53/bank' },
      'exact cart-0 11:59:58.000',
    ],
    [
      'of a named group',
      { message: RESOLVER, logGroup: '/dns/resolver', settings: { resolverLogGroups } },
      'exact cart-0 11:59:58.000',
    ],
    [
      'of a named group in another account',
      {
        message: RESOLVER,
        logGroup: '/dns/resolver',
        owner: '444455556666',
        settings: { resolverLogGroups },
      },
      'exact cart-0 11:59:58.000',
    ],
    ['of a Lambda', { message: RESOLVER, logGroup: LAMBDA }, 'inferred cart-0 11:59:58.000'],
    [
      'of a Lambda, where the groups of Route 53 are known',
      { message: RESOLVER, logGroup: LAMBDA, settings: { resolverLogGroups } },
      'untrusted',
    ],
    ['of a container', { message: wrapped({ ...TENANT, container_name: 'web' }, RESOLVER) }, 'untrusted'],
    ['of CoreDNS', { message: wrapped(COREDNS, RESOLVER) }, 'untrusted'],
    ['of a container, without a wrapper', { message: RESOLVER }, 'untrusted'],
    [
      'in a wrapper, in a group of Route 53',
      { message: wrapped(TENANT, RESOLVER), logGroup: '/aws/vendedlogs/route53/bank' },
      'untrusted',
    ],
    [
      'of a public zone, of a container',
      { message: wrapped(TENANT, '1.0 2026-11-20T11:59:58Z Z0123 a.example A NOERROR UDP FRA2 192.0.2.5 -') },
      'unchanged',
    ],
  ])('%s', async (_, given, expected) => {
    expect(await outcomeOf(given)).toBe(expected);
  });
});

it.each([
  ['a CoreDNS line', LINE],
  ['a CoreDNS line in a wrapper', wrapped(COREDNS)],
  ['a Resolver record', RESOLVER],
])('%s without an envelope is never exact', async (_, line) => {
  const settings = { corednsLogGroups: ['*'], resolverLogGroups: ['*'] };
  const configured = { ...DEFAULT_SETTINGS, ...settings };
  const event = eventOf([{ data: Buffer.from(line), shape: 'opaque', units: [] }]);
  const ports = {
    directory: { begin: () => ({ lookup: async () => directory, health: () => [] }) },
    now: () => LOGGED_MS,
    recordFailed: () => undefined,
  };
  const { summary } = await createPipeline(configured, ports)(event);
  expect(summary.attributions.exact).toBe(0);
  expect(summary.eventsIn - summary.passedThrough).toBe(1);
});
