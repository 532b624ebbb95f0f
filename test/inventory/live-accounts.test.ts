// Clusters of several accounts and regions, over real sockets: roles, tokens, and what is looked up where.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { nodeObject } from '../support/kubernetes-objects.ts';
import { STUB_CA, startKubernetesStub } from '../support/kubernetes-stub.ts';
import {
  clock,
  clustersOf,
  invoke,
  keysOf,
  liveSource,
  MINUTE,
  NODES,
  NOW,
  PODS,
  running,
  useStubs,
} from '../support/live-directory.ts';
import { ownerText } from '../support/observations.ts';

const stubs = useStubs();

const OWN = '111122223333';
const OTHER = '444455556666';
const ROLE = `arn:aws:iam::${OTHER}:role/eks-dns`;
const OWN_ARN = `arn:aws:eks:eu-west-1:${OWN}:cluster/prod`;
const OTHER_ARN = `arn:aws:eks:us-east-1:${OTHER}:cluster/prod`;
const CLUSTERS = clustersOf(`prod,${OTHER_ARN}=${ROLE}`, 'eu-west-1');

/** The API of the cluster `prod` in the other account. */
let other: Awaited<ReturnType<typeof startKubernetesStub>>;

beforeEach(async () => {
  other = await startKubernetesStub(clock);
  const place = { accountId: OTHER, region: 'us-east-1' };
  stubs.aws.putCluster('prod', { ...place, endpoint: other.endpoint, ca: STUB_CA, vpcId: 'vpc-2' });
  for (const list of [stubs.aws.places, stubs.aws.roles]) list.length = 0;
  stubs.aws.refuseRole(ROLE, false);
  stubs.aws.expireAt('2099-01-01T00:00:00Z');
});
afterEach(() => other.close());

const source = (settings: Partial<Settings> = {}) =>
  liveSource({ clusters: CLUSTERS, region: 'eu-west-1', ec2Lookup: false, ...settings });

/** The owner of an address in each cluster, by its ARN. */
const ownersOf = (directory: Awaited<ReturnType<typeof invoke>>['directory'], ip: string) =>
  directory.clusters.map((cluster) =>
    [cluster.arn, ownerText(directory.ownerAt(directory.historyOf([cluster], ip), NOW - 1000))].join(' '),
  );

/** Access key and region that signed a bearer token. */
const signerOf = (bearer: string | undefined): string => {
  const url = new URL(Buffer.from((bearer ?? '').split('v1.')[1] ?? '', 'base64url').toString());
  const [key, , region] = (url.searchParams.get('X-Amz-Credential') ?? '').split('/');
  return `${url.hostname} ${key} ${region} ${url.searchParams.get('X-Amz-Security-Token')}`;
};

describe('two clusters of one name', () => {
  it('are read in their own account and region, and kept apart', async () => {
    stubs.kubernetes.cluster.put(PODS, running('here', '10.0.0.1'));
    other.cluster.put(PODS, running('there', '10.0.0.1'));
    const { directory, health } = await invoke(source({ clusterRoleExternalId: 'dns-42' }), NOW);
    expect(health).toMatchObject([
      { source: 'kubernetes/prod', size: 1, lastError: undefined },
      { source: `kubernetes/${OTHER_ARN}`, size: 1, lastError: undefined },
    ]);
    expect(ownersOf(directory, '10.0.0.1')).toEqual([`${OWN_ARN} here exact`, `${OTHER_ARN} there exact`]);
    expect(directory.clusters).toMatchObject([
      { name: 'prod', accountId: OWN, region: 'eu-west-1', vpcId: 'vpc-1' },
      { name: 'prod', accountId: OTHER, region: 'us-east-1', vpcId: 'vpc-2' },
    ]);
    expect(stubs.aws.roles).toEqual([`${ROLE} dns-42 eks-dns-firehose`]);
    expect(stubs.aws.places.toSorted()).toEqual([
      `eks ${OWN}/eu-west-1`,
      `eks ${OTHER}/us-east-1`,
      `sts ${OWN}/eu-west-1`,
    ]);
    expect([...other.tokens].map(signerOf)).toEqual([
      `sts.us-east-1.amazonaws.com ASIA${OTHER} us-east-1 session of ${ROLE}`,
    ]);
    expect([...stubs.kubernetes.tokens].map(signerOf)).toEqual([
      'sts.eu-west-1.amazonaws.com AKIDEXAMPLE eu-west-1 null',
    ]);
    expect(await stubs.aws.isDeserted()).toBe(true);
  });

  it('are known by account, region and ARN before EKS answers', async () => {
    stubs.aws.answerWith(() => 'fail');
    const { directory } = await invoke(source(), NOW);
    expect(directory.clusters).toMatchObject([
      { name: 'prod', arn: undefined, accountId: undefined, region: 'eu-west-1' },
      { name: 'prod', arn: OTHER_ARN, accountId: OTHER, region: 'us-east-1' },
    ]);
  });

  it('share the session of their role until shortly before it expires', async () => {
    const second = `arn:aws:eks:eu-west-1:${OTHER}:cluster/lab`;
    stubs.aws.putCluster('lab', { accountId: OTHER, endpoint: other.endpoint, ca: STUB_CA, vpcId: 'vpc-3' });
    stubs.aws.expireAt(new Date(NOW + 60 * MINUTE).toISOString());
    const clusters = clustersOf(`${OTHER_ARN}=${ROLE},${second}=${ROLE}`, 'eu-west-1');
    const both = source({ clusters });
    const asked = async (atMs: number) => {
      const { health } = await invoke(both, atMs);
      expect(health.map(({ lastError }) => lastError)).toEqual([undefined, undefined]);
      return stubs.aws.roles.length;
    };
    expect(await asked(NOW)).toBe(1);
    expect(await asked(NOW + 54 * MINUTE)).toBe(1);
    expect(await asked(NOW + 69 * MINUTE)).toBe(2);
    expect(stubs.aws.roles[0]).toBe(`${ROLE} null eks-dns-firehose`);
  });

  it('refuse a cluster of another ARN', async () => {
    const place = { accountId: OTHER, region: 'us-west-2' };
    const wrong = `arn:aws:eks:us-west-2:${OTHER}:cluster/lab`;
    stubs.aws.putCluster('lab', { ...place, endpoint: other.endpoint, ca: STUB_CA, vpcId: 'vpc-3' });
    const [cluster] = clustersOf(`${wrong}=${ROLE}`);
    if (cluster === undefined) throw new Error('no cluster');
    const arn = `arn:aws:eks:us-west-2:${OTHER}:cluster/lab-of-another-time`;
    const { health } = await invoke(source({ clusters: [{ ...cluster, arn }] }), NOW);
    expect(health[0]?.lastError).toBe(`EKS DescribeCluster: Error: EKS returned ${wrong}, not ${arn}`);
    expect(other.requests).toEqual([]);
  });
});

describe('a role that cannot be assumed', () => {
  it('costs only the names of its cluster, and is asked for again after a back-off', async () => {
    stubs.kubernetes.cluster.put(PODS, running('here', '10.0.0.1'));
    other.cluster.put(PODS, running('there', '10.0.0.1'));
    stubs.aws.refuseRole(ROLE, true);
    const both = source({ ec2Lookup: true });
    const first = await invoke(both, NOW);
    expect(ownersOf(first.directory, '10.0.0.1')).toEqual([`${OWN_ARN} here exact`, `${OTHER_ARN} none`]);
    expect(first.health).toMatchObject([
      { source: 'kubernetes/prod', errors: 0, lastError: undefined },
      {
        source: `kubernetes/${OTHER_ARN}`,
        errors: 1,
        lastError: expect.stringMatching(
          /^AssumeRole arn:aws:iam::444455556666:role\/eks-dns: AccessDenied: User: .* \(eks-dns lookup-role prints the policies\)$/,
        ),
      },
      { source: 'ec2', errors: 0 },
      { source: `ec2/${OTHER}/us-east-1`, errors: 0 },
    ]);
    expect(other.requests).toEqual([]);
    await invoke(both, NOW + 1000);
    expect(stubs.aws.roles).toHaveLength(1);

    stubs.aws.refuseRole(ROLE, false);
    const later = await invoke(both, NOW + MINUTE);
    expect(later.health[1]).toMatchObject({ errors: 0, lastError: undefined });
    expect(ownersOf(later.directory, '10.0.0.1')[1]).toBe(`${OTHER_ARN} there exact`);
  });

  it('is given up with the budget, and leaves no open request', async () => {
    stubs.kubernetes.cluster.put(PODS, running('here', '10.0.0.1'));
    stubs.aws.answerWith((kind) => (kind === 'sts' ? 'hang' : undefined));
    // EC2 has nothing to look up, so the look-up ends with the share of the clusters.
    const both = source({ ec2Lookup: true, lookupBudgetMs: 1000 });
    const stall = {
      requests: 1,
      ms: 750,
      once: ([own]: readonly { ageMs: number | undefined }[]) => own?.ageMs !== undefined,
    };
    const { directory, health, tookMs } = await invoke(both, NOW, keysOf(), { stall });
    expect(tookMs).toBe(750);
    expect(ownersOf(directory, '10.0.0.1')[0]).toBe(`${OWN_ARN} here exact`);
    expect(health).toMatchObject([
      { late: false, lastError: undefined },
      { late: true, lastError: 'STS AssumeRole or EKS DescribeCluster did not answer in time' },
      { source: 'ec2', late: false },
      { late: false, lastError: undefined },
    ]);
    expect(await stubs.aws.isDeserted()).toBe(true);
    stubs.aws.answerWith(() => undefined);
    const later = await invoke(both, NOW + MINUTE);
    expect(later.health[1]).toMatchObject({ errors: 0, lastError: undefined });
  });

  it('names its role when the cluster does not know it', async () => {
    other.answerWith((path) => (path.startsWith(PODS) ? { status: 401 } : undefined));
    const { health } = await invoke(source(), NOW);
    expect(health[1]?.lastError).toBe(`pods: 401, ${ROLE} has no access entry in cluster prod`);
  });
});

describe('EC2', () => {
  const ec2Calls = () => stubs.aws.places.filter((place) => place.startsWith('ec2')).toSorted();
  const withEc2 = (settings: Partial<Settings> = {}) => source({ ec2Lookup: true, ...settings });

  it('is asked for the nodes of a cluster in its own account and region', async () => {
    stubs.kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0aa'));
    other.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0bb'));
    stubs.aws.putInstance({ id: 'i-0aa', vpcId: 'vpc-1', ips: ['10.9.0.1'], type: 'm5.large' });
    const place = { accountId: OTHER, region: 'us-east-1' };
    stubs.aws.putInstance({ ...place, id: 'i-0bb', vpcId: 'vpc-2', ips: ['10.9.0.1'], type: 'c7g.large' });
    const { directory } = await invoke(withEc2(), NOW, keysOf({ clientIps: new Set(['10.9.0.1']) }));
    expect([directory.instance('i-0aa')?.type, directory.instance('i-0bb')?.type]).toEqual([
      'm5.large',
      'c7g.large',
    ]);
    expect([
      directory.instanceAt('vpc-1', '10.9.0.1')?.id,
      directory.instanceAt('vpc-2', '10.9.0.1')?.id,
    ]).toEqual(['i-0aa', 'i-0bb']);
    expect(stubs.aws.calls.toSorted()).toEqual(['instance-id=i-0aa', 'instance-id=i-0bb']);
  });

  it.each<[string, { vpc?: string; accountId?: string; region?: string }, readonly string[]]>([
    ['of its own account and region', { accountId: OWN, region: 'eu-west-1' }, [`${OWN}/eu-west-1`]],
    ['of its own account in another region', { accountId: OWN, region: 'us-east-1' }, []],
    [
      'of the other account and its region',
      { accountId: OTHER, region: 'us-east-1' },
      [`${OTHER}/us-east-1`],
    ],
    ['of the other account in another region', { accountId: OTHER, region: 'eu-west-1' }, []],
    ['of an account of nobody here', { accountId: '777788889999', region: 'eu-west-1' }, []],
    [
      "of a cluster, in another account's shared subnets",
      { vpc: 'vpc-2', accountId: '777788889999', region: 'us-east-1' },
      [`${OTHER}/us-east-1`],
    ],
    [
      'of a cluster of the other account, in shared subnets of its own',
      { vpc: 'vpc-2', accountId: OWN, region: 'eu-west-1' },
      [`${OTHER}/us-east-1`, `${OWN}/eu-west-1`],
    ],
    ['of an unknown account', {}, [`${OWN}/eu-west-1`]],
  ])('is asked for a VPC %s only where it can be', async (_, { vpc = 'vpc-9', ...origin }, places) => {
    const both = withEc2();
    await invoke(both, NOW, keysOf(), { accountId: OWN });
    stubs.aws.places.length = 0;
    const { health } = await invoke(
      both,
      NOW + 1000,
      keysOf({ ...origin, vpcIps: new Map([[vpc, new Set(['10.7.0.1'])]]) }),
    );
    // Two calls each: addresses of interfaces, then delegated blocks.
    const expected = places.flatMap((place) => [`ec2 ${place}`, `ec2 ${place}`]).toSorted();
    expect(ec2Calls()).toEqual(expected);
    expect(health.map(({ lastError }) => lastError)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each<[string, string, readonly string[]]>([
    ['own', OWN, [`ec2 ${OWN}/eu-west-1`]],
    ['other', '777788889999', []],
  ])('is asked for an instance that a record of its %s account names', async (_, accountId, places) => {
    const plain = createDirectorySource({ ...DEFAULT_SETTINGS, region: 'eu-west-1' }, clock);
    const keys = keysOf({ instanceIds: new Set(['i-1']), accountId, region: 'eu-west-1' });
    await invoke(plain, NOW, keys, { accountId: OWN });
    expect(ec2Calls()).toEqual(places);
  });

  it('learns its own account from the ARN of a cluster that it reads itself', async () => {
    const own = withEc2({ clusters: clustersOf('prod') });
    await invoke(own, NOW);
    stubs.aws.places.length = 0;
    const keys = keysOf({
      vpcIps: new Map([['vpc-9', new Set(['10.7.0.1'])]]),
      accountId: OTHER,
      region: 'eu-west-1',
    });
    await invoke(own, NOW + 1000, keys);
    expect(ec2Calls()).toEqual([]);
  });

  it('fails for one account alone', async () => {
    stubs.aws.answerWith((kind, place) => (kind === 'ec2' && place.startsWith(OTHER) ? 'fail' : undefined));
    stubs.kubernetes.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0aa'));
    other.cluster.put(NODES, nodeObject('node-a', '10.9.0.1', 'i-0bb'));
    stubs.aws.putInstance({ id: 'i-0aa', vpcId: 'vpc-1', ips: ['10.9.0.1'] });
    const { directory, health } = await invoke(withEc2(), NOW, keysOf({ clientIps: new Set(['10.9.0.1']) }));
    expect(directory.instance('i-0aa')).toBeDefined();
    expect(health.slice(2)).toMatchObject([
      { source: 'ec2', errors: 0, lastError: undefined },
      { source: `ec2/${OTHER}/us-east-1`, errors: 1 },
    ]);
  });
});
