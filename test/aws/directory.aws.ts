// The live directory against moto: response formats of EKS and EC2, as far as moto supports their filters.
import { CreateClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { beforeEach, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { clustersOf, invoke, keysOf, NOW } from '../support/live-directory.ts';
import { aws, makeRole, makeVpc, reset } from './support/moto.ts';

/** Longer than a busy machine needs; no test waits for its end. */
const BUDGET_MS = 60_000;

beforeEach(reset);

/** Starts instances with tags; returns their ids. */
async function runInstances(
  count: number,
  tags: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const vpcId = await makeVpc();
  const { Subnet } = await aws.ec2.createSubnet({ VpcId: vpcId, CidrBlock: '10.0.1.0/24' });
  const { Instances = [] } = await aws.ec2.runInstances({
    ImageId: 'ami-12c6146b',
    InstanceType: 'm5.large',
    MinCount: count,
    MaxCount: count,
    SubnetId: Subnet?.SubnetId ?? '',
    TagSpecifications: [
      { ResourceType: 'instance', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ],
  });
  return Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
}

it('describes instances by id, in several batches, even if one no longer exists', async () => {
  const ids = await runInstances(130, { 'eks:cluster-name': 'prod', 'eks:nodegroup-name': 'blue' });
  const source = createDirectorySource({
    ...DEFAULT_SETTINGS,
    region: 'eu-west-1',
    lookupBudgetMs: BUDGET_MS,
  });
  const instanceIds = new Set([...ids, 'i-0123456789abcdef0']);
  const { directory, health } = await invoke(source, NOW, keysOf({ instanceIds }));
  expect(health).toMatchObject([{ source: 'ec2', size: 130, errors: 0, lastError: undefined }]);
  const instance = directory.instance(ids[129] ?? '');
  expect(instance).toMatchObject({
    type: 'm5.large',
    availabilityZone: expect.stringMatching(/^eu-west-1[a-c]$/),
    clusterName: 'prod',
    nodeGroup: 'blue',
    lifecycle: 'on-demand',
  });
  const { Reservations = [] } = await aws.ec2.describeInstances({
    Filters: [{ Name: 'instance-id', Values: [ids[129] ?? ''] }],
  });
  const ip = Reservations[0]?.Instances?.[0]?.PrivateIpAddress ?? '';
  expect(directory.instanceAt(instance?.vpcId, ip)).toBe(instance);
});

it('describes a cluster, and reports that its endpoint does not respond', async () => {
  const eks = new EKSClient({ endpoint: process.env.MOTO_URL ?? '' });
  const roleArn = await makeRole('cluster', 'eks.amazonaws.com');
  const resourcesVpcConfig = { subnetIds: ['subnet-1', 'subnet-2'] };
  await eks.send(new CreateClusterCommand({ name: 'prod', roleArn, resourcesVpcConfig }));
  const clusters = clustersOf('prod,missing');
  const source = createDirectorySource({
    ...DEFAULT_SETTINGS,
    clusters,
    region: 'eu-west-1',
    ec2Lookup: false,
    lookupBudgetMs: BUDGET_MS,
  });
  const { directory, health } = await invoke(source, NOW);
  expect(directory.clusters).toMatchObject([
    { name: 'prod', arn: expect.stringContaining(':cluster/prod'), region: 'eu-west-1' },
    { name: 'missing', arn: undefined },
  ]);
  expect(health[0]?.lastError).toMatch(/^pods: /);
  expect(health[1]?.lastError).toMatch(/^EKS DescribeCluster: .*missing/);
});
