import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkCluster } from '../../../../src/cli/lib/doctor/cluster-checks.ts';
import { awsEnvironment } from '../../../support/aws-stub.ts';
import { dnsFunctionWith } from '../../support/dns-function.ts';
import { startEksStub } from '../../support/eks-stub.ts';

const ROLE = 'arn:aws:iam::111122223333:role/dns';
const ENTRY = `aws eks create-access-entry --cluster-name shop --principal-arn ${ROLE} --kubernetes-groups eks-dns-firehose`;

const environment = { ...process.env };
let stub: Awaited<ReturnType<typeof startEksStub>>;

beforeEach(async () => {
  stub = await startEksStub();
  Object.assign(process.env, awsEnvironment(stub.url));
});

afterEach(async () => {
  process.env = { ...environment };
  await stub.close();
});

/** The check of the access to cluster `shop`, for a function that looks these clusters up; undefined = no function. */
async function accessWith(CLUSTERS: string | undefined) {
  const dnsFunction = CLUSTERS === undefined ? undefined : dnsFunctionWith({ CLUSTERS });
  const { checks } = await checkCluster(openAws('eu-west-1'), 'shop', dnsFunction, 'eu-west-1');
  return checks.find(({ link }) => link === 'shop: access');
}

it.each([
  { name: 'a cluster that is looked up needs the entry alone', clusters: 'web,shop', fix: ENTRY },
  {
    name: 'a cluster that is not keeps all others',
    clusters: 'web,api',
    fix: 'sam deploy --parameter-overrides Clusters=web,api,shop',
  },
  { name: 'the first cluster', clusters: '', fix: 'sam deploy --parameter-overrides Clusters=shop' },
])('without an access entry: $name', async ({ clusters, fix }) => {
  expect(await accessWith(clusters)).toMatchObject({ state: 'missing', fix });
});

it('without a function: deploys it', async () => {
  expect(await accessWith(undefined)).toMatchObject({
    state: 'missing',
    fix: 'sam deploy --parameter-overrides Clusters=shop',
  });
});

it.each([
  { mode: 'API', state: 'missing' },
  { mode: 'API_AND_CONFIG_MAP', state: 'warning' },
  { mode: undefined, state: 'missing' },
])('without an access entry, in mode $mode: $state', async ({ mode, state }) => {
  stub.state.authenticationMode = mode;
  const access = await accessWith('shop');
  expect(access).toMatchObject({ state, fix: ENTRY });
  expect(access?.means?.includes('unless it is mapped in aws-auth')).toBe(state === 'warning');
});

it('in mode CONFIG_MAP there are no entries: the role has to be in aws-auth', async () => {
  stub.state.authenticationMode = 'CONFIG_MAP';
  const access = await accessWith('shop');
  expect(access).toMatchObject({ state: 'warning', saw: expect.stringContaining('CONFIG_MAP') });
  expect(access?.fix).toMatch(/aws-auth.* map arn:aws:iam::111122223333:role\/dns to group eks-dns-firehose/);
});

it('with an entry: names its group', async () => {
  stub.state.accessEntries.set(ROLE, ['eks-dns-firehose']);
  expect(await accessWith('shop')).toMatchObject({
    state: 'ok',
    saw: 'access entry with group eks-dns-firehose',
  });
});
