// What README's deployment creates: the template as it is, by `sam deploy`, in ministack.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT } from './support/checkout.ts';
import {
  accessEntries,
  aws,
  makeCluster,
  outputsOf,
  policiesOf,
  reset,
  resourcesOf,
} from './support/ministack.ts';
import { deploy, empty, lineOf, STACK, setParameters } from './support/sam-deploy.ts';

const FAR = 'arn:aws:eks:us-east-1:444455556666:cluster/far';
const FAR_ROLE = 'arn:aws:iam::444455556666:role/eks-dns';

beforeAll(async () => {
  await reset();
  for (const name of ['shop', 'blog']) await makeCluster(name);
});

afterAll(reset);

describe("README's step 1", () => {
  let outputs: Awaited<ReturnType<typeof outputsOf>> = {};

  beforeAll(async () => {
    deploy(lineOf('README.md', 'sam deploy', { cluster: 'shop' }));
    outputs = await outputsOf(STACK);
  });

  it('creates the function with its role, log group and alarms, and the access entry; nothing else', async () => {
    expect(Object.keys(await resourcesOf(STACK)).sort()).toEqual([
      'ClusterAccess0',
      'ConfigurationInvalidAlarm',
      'DirectoryStaleAlarm',
      'ErrorsAlarm',
      'Function',
      'FunctionLog',
      'FunctionRole',
      'PoisonBatchesAlarm',
      'RecordsFailedAlarm',
      'ThrottlesAlarm',
    ]);
  });

  it("gives the function's role an access entry with the group of rbac.yaml", async () => {
    const rbac = readFileSync(join(ROOT, 'scripts/kubernetes/rbac.yaml'), 'utf8');
    expect(rbac).toContain(`kind: Group\n    name: ${outputs.KubernetesGroup}\n`);
    expect(await accessEntries('shop')).toEqual({
      [outputs.FunctionRoleArn ?? '']: [outputs.KubernetesGroup],
    });
    expect(await accessEntries('blog')).toEqual({});
  });

  it('gives the role what the function needs, and nothing else', async () => {
    const { FunctionRole, FunctionLog } = await resourcesOf(STACK);
    const policies = await policiesOf(FunctionRole ?? '');
    expect(Object.keys(policies).sort()).toEqual(['clusters', 'instances', 'own-log']);
    expect(policies.clusters?.DescribeCluster).toEqual({
      Action: 'eks:DescribeCluster',
      Resource: ['arn:aws:eks:eu-west-1:111122223333:cluster/shop'],
    });
    expect(policies['own-log']?.OwnLog?.Resource).toBe(
      `arn:aws:logs:eu-west-1:111122223333:log-group:${FunctionLog}:*`,
    );
  });

  it('sets the function up as the template says', async () => {
    const found = await aws.lambda.getFunctionConfiguration({ FunctionName: outputs.FunctionName });
    expect(found).toMatchObject({
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      MemorySize: 1024,
      Timeout: 60,
      Role: outputs.FunctionRoleArn,
    });
    expect(found.Environment?.Variables).toMatchObject({
      CLUSTERS: 'shop',
      OUTPUT_FORMAT: 'cloudwatch-logs',
      POWERTOOLS_SERVICE_NAME: STACK,
      RECORD_KEY: outputs.RecordKey,
    });
    expect(outputs.RecordKey).toMatch(/^[0-9a-f]{20}$/);
  });
});

describe('the deployed function', () => {
  type Event = { readonly records: readonly { readonly recordId: string; readonly data: string }[] };
  type Answer = { readonly records: readonly { readonly recordId: string; result: string; data: string }[] };

  const eventOf = (name: string): Event => JSON.parse(readFileSync(join(ROOT, 'events', name), 'utf8'));

  // Without look-ups: the endpoint of the cluster leads nowhere.
  beforeAll(() => void setParameters(empty('Clusters'), 'Ec2Lookup=off'));

  async function answerTo(event: Event): Promise<Answer> {
    const { FunctionName } = await outputsOf(STACK);
    const { Payload, FunctionError } = await aws.lambda.invoke({
      FunctionName,
      Payload: JSON.stringify(event),
    });
    expect(FunctionError).toBeUndefined();
    return JSON.parse(Buffer.from(Payload ?? []).toString()) as Answer;
  }

  const events = readdirSync(join(ROOT, 'events')).filter((name) => /^\d\d-.*\.json$/.test(name));

  it.each(events)('answers %s: every record once, in order', async (name) => {
    const event = eventOf(name);
    const { records } = await answerTo(event);
    expect(records.map(({ recordId }) => recordId)).toEqual(event.records.map(({ recordId }) => recordId));
    for (const { result } of records) expect(result).toMatch(/^(Ok|Dropped|ProcessingFailed)$/);
  });

  it('normalises DNS events and passes others through', async () => {
    const results = async (name: string) => {
      const event = eventOf(name);
      const { records } = await answerTo(event);
      return records.map(({ result, data }, at) => ({ result, same: data === event.records[at]?.data }));
    };
    expect(await results('01-coredns-query.json')).toContainEqual({ result: 'Ok', same: false });
    for (const one of await results('13-foreign.json')) expect(one).toEqual({ result: 'Ok', same: true });
  });
});

describe('several clusters', () => {
  it('get an entry each, but for those with a role of their own', async () => {
    setParameters(`Clusters=shop,${FAR}=${FAR_ROLE},blog`);
    const { FunctionRoleArn = '' } = await outputsOf(STACK);
    for (const name of ['shop', 'blog'])
      expect(await accessEntries(name)).toEqual({ [FunctionRoleArn]: ['eks-dns-firehose'] });
    const { FunctionRole, ...resources } = await resourcesOf(STACK);
    expect(Object.keys(resources).filter((name) => name.startsWith('ClusterAccess'))).toEqual([
      'ClusterAccess0',
      'ClusterAccess2',
    ]);
    expect((await policiesOf(FunctionRole ?? ''))['cluster-roles']?.AssumeClusterRoles).toEqual({
      Action: 'sts:AssumeRole',
      Resource: [FAR_ROLE],
    });
  });

  it('cannot lose one that is not the last in one deployment, for the entries move up', async () => {
    expect(() => setParameters(`Clusters=${FAR}=${FAR_ROLE},blog`)).toThrow('UPDATE_ROLLBACK_COMPLETE');
    setParameters(`Clusters=${FAR}=${FAR_ROLE},blog`, 'ManageClusterAccess=false');
    expect(await accessEntries('blog')).toEqual({});
    setParameters('ManageClusterAccess=true');
    expect([await accessEntries('shop'), Object.keys(await accessEntries('blog')).length]).toEqual([{}, 1]);
  });
});
