// Clusters of one name in two accounts and two regions, against moto: AssumeRole, EKS and EC2 of each. The endpoints in
// moto's answers lead nowhere, so a proxy puts those of two stubs of the Kubernetes API in their place.
import { EC2 } from '@aws-sdk/client-ec2';
import { EKS } from '@aws-sdk/client-eks';
import { STS } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { clusterId } from '../../src/core/model/directory.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { nodeObject } from '../support/kubernetes-objects.ts';
import { STUB_CA, startKubernetesStub } from '../support/kubernetes-stub.ts';
import { clock, clustersOf, invoke, keysOf, NODES, NOW, PODS, running } from '../support/live-directory.ts';
import { ownerText } from '../support/observations.ts';
import { startClusterProxy } from './support/cluster-proxy.ts';
import { reset } from './support/moto.ts';

/** Longer than a busy machine needs; no test waits for its end. */
const BUDGET_MS = 60_000;
const OWN = '123456789012';
const OTHER = '444455556666';
const ROLE = `arn:aws:iam::${OTHER}:role/eks-dns`;
const endpoint = process.env.MOTO_URL ?? '';

type Kubernetes = Awaited<ReturnType<typeof startKubernetesStub>>;

/** By region of the cluster. */
const apis = new Map<string, Kubernetes>();
const membersOf = (api: Kubernetes | undefined) =>
  api && {
    endpoint: api.endpoint,
    certificateAuthority: { data: Buffer.from(STUB_CA).toString('base64') },
  };
/** Requests to EKS: region and access key. */
const seen: string[] = [];

let proxy: Awaited<ReturnType<typeof startClusterProxy>>;

beforeAll(async () => {
  proxy = await startClusterProxy(
    endpoint,
    (region) => membersOf(apis.get(region)),
    (region, key) => void seen.push(`${region} ${key.startsWith('ASIA') ? 'assumed' : 'own'}`),
  );
  process.env.AWS_ENDPOINT_URL_EKS = proxy.url;
  for (const region of ['eu-west-1', 'us-east-1']) apis.set(region, await startKubernetesStub(clock));
});

afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL_EKS;
  await proxy.close();
  for (const api of apis.values()) await api.close();
});

beforeEach(async () => {
  await reset();
  seen.length = 0;
});

/** Credentials in the other account, as moto gives them to anyone. */
async function otherCredentials() {
  const { Credentials } = await new STS({ endpoint }).assumeRole({ RoleArn: ROLE, RoleSessionName: 'setup' });
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}

/** A cluster `prod` with one node and one pod at the same addresses as everywhere; returns the node's instance id. */
async function makeCluster(
  region: string,
  podName: string,
  credentials?: Awaited<ReturnType<typeof otherCredentials>>,
): Promise<string> {
  const options = { endpoint, region, ...(credentials === undefined ? {} : { credentials }) };
  const ec2 = new EC2(options);
  const { Vpc } = await ec2.createVpc({ CidrBlock: '10.0.0.0/16' });
  const { Subnet } = await ec2.createSubnet({ VpcId: Vpc?.VpcId, CidrBlock: '10.0.1.0/24' });
  const { Instances } = await ec2.runInstances({
    ImageId: 'ami-12c6146b',
    InstanceType: 'm5.large',
    MinCount: 1,
    MaxCount: 1,
    SubnetId: Subnet?.SubnetId,
  });
  const instanceId = Instances?.[0]?.InstanceId ?? '';
  await new EKS(options).createCluster({
    name: 'prod',
    roleArn: `arn:aws:iam::${credentials === undefined ? OWN : OTHER}:role/cluster`,
    resourcesVpcConfig: { subnetIds: [Subnet?.SubnetId ?? ''] },
  });
  const api = apis.get(region);
  api?.cluster.put(NODES, nodeObject('node-a', '10.0.1.250', instanceId));
  api?.cluster.put(PODS, running(podName, '10.0.1.7'));
  return instanceId;
}

it('reads clusters of one name in two accounts and two regions, each with its own nodes', async () => {
  const here = await makeCluster('eu-west-1', 'here');
  const there = await makeCluster('us-east-1', 'there', await otherCredentials());
  const ownArn = `arn:aws:eks:eu-west-1:${OWN}:cluster/prod`;
  const otherArn = `arn:aws:eks:us-east-1:${OTHER}:cluster/prod`;
  const source = createDirectorySource(
    {
      ...DEFAULT_SETTINGS,
      clusters: clustersOf(`prod,${otherArn}=${ROLE}`, 'eu-west-1'),
      clusterRoleExternalId: 'dns-42',
      region: 'eu-west-1',
      lookupBudgetMs: BUDGET_MS,
    },
    clock,
  );
  const keys = keysOf({ clientIps: new Set(['10.0.1.250', '10.0.1.7']) });
  const { directory, health } = await invoke(source, NOW, keys, { accountId: OWN });
  expect(health.map((each) => [each.source, each.size, each.lastError])).toEqual([
    ['kubernetes/prod', 2, undefined],
    [`kubernetes/${otherArn}`, 2, undefined],
    ['ec2', 1, undefined],
    [`ec2/${OTHER}/us-east-1`, 1, undefined],
  ]);
  expect(directory.clusters.map(clusterId)).toEqual([ownArn, otherArn]);
  const owners = directory.clusters.map((cluster) =>
    ownerText(directory.ownerAt(directory.historyOf([cluster], '10.0.1.7'), NOW - 1000)),
  );
  expect(owners).toEqual(['here exact', 'there exact']);
  expect(directory.instance(here)?.availabilityZone).toMatch(/^eu-west-1/);
  expect(directory.instance(there)?.availabilityZone).toMatch(/^us-east-1/);
  expect(seen.toSorted()).toEqual(['eu-west-1 own', 'us-east-1 assumed']);
});

it('looks instances of records up in the account and region that the record names, and nowhere else', async () => {
  const here = await makeCluster('eu-west-1', 'here');
  const there = await makeCluster('us-east-1', 'there', await otherCredentials());
  const source = () =>
    createDirectorySource(
      {
        ...DEFAULT_SETTINGS,
        clusters: clustersOf(`arn:aws:eks:us-east-1:${OTHER}:cluster/prod=${ROLE}`, 'eu-west-1'),
        region: 'eu-west-1',
        lookupBudgetMs: BUDGET_MS,
      },
      clock,
    );
  const found = async (accountId: string, region: string) => {
    const keys = keysOf({ instanceIds: new Set([here, there]), accountId, region });
    const { directory } = await invoke(source(), NOW, keys, { accountId: OWN });
    return [here, there].map((id) => directory.instance(id) !== undefined);
  };
  expect(await found(OWN, 'eu-west-1')).toEqual([true, false]);
  expect(await found(OTHER, 'us-east-1')).toEqual([false, true]);
  expect(await found('777788889999', 'eu-west-1')).toEqual([false, false]);
});

it('costs only the cluster whose role does not lead to it', async () => {
  await makeCluster('eu-west-1', 'here');
  const missing = `arn:aws:eks:us-east-1:${OTHER}:cluster/prod`;
  const source = createDirectorySource(
    {
      ...DEFAULT_SETTINGS,
      clusters: clustersOf(`prod,${missing}=${ROLE}`, 'eu-west-1'),
      region: 'eu-west-1',
      ec2Lookup: false,
      lookupBudgetMs: BUDGET_MS,
    },
    clock,
  );
  const { directory, health } = await invoke(source, NOW);
  expect(health[0]).toMatchObject({ size: 2, lastError: undefined });
  expect(health[1]?.lastError).toMatch(/^EKS DescribeCluster: .*prod/);
  expect(directory.clusters[1]).toMatchObject({
    arn: missing,
    accountId: OTHER,
    region: 'us-east-1',
    uid: undefined,
  });
});
