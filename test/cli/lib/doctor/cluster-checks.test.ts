import { describe, expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { checkCluster } from '../../../../src/cli/lib/doctor/cluster-checks.ts';
import type { ClusterSetting } from '../../../../src/core/model/settings.ts';
import { dnsFunctionWith } from '../../support/dns-function.ts';
import { eksStubPerTest } from '../../support/eks-stub.ts';

const ROLE = 'arn:aws:iam::111122223333:role/dns';
const ENTRY = `aws eks create-access-entry --cluster-name shop --principal-arn ${ROLE} --kubernetes-groups eks-dns-firehose`;

const TARGET = { stack: 'mine', region: undefined };

const stub = eksStubPerTest();

/** The access check of cluster `shop`, for a function with this setting CLUSTERS; undefined = no function. */
const shop: ClusterSetting = {
  id: 'shop',
  name: 'shop',
  arn: undefined,
  accountId: undefined,
  region: undefined,
  roleArn: undefined,
};

async function accessWith(CLUSTERS: string | undefined) {
  const dnsFunction = CLUSTERS === undefined ? undefined : dnsFunctionWith({ CLUSTERS });
  const { checks } = await checkCluster(openAws('eu-west-1'), shop, dnsFunction, TARGET);
  return checks.find(({ name }) => name === 'shop: access');
}

it.each([
  { name: 'a configured cluster needs only the entry', clusters: 'web,shop', fix: ENTRY },
  {
    name: 'another cluster is added to the configured ones',
    clusters: 'web,api',
    fix: 'sam build && sam deploy --stack-name mine --parameter-overrides Clusters=web,api,shop',
  },
  {
    name: 'the first cluster',
    clusters: '',
    fix: 'sam build && sam deploy --stack-name mine --parameter-overrides Clusters=shop',
  },
])('without an access entry: $name', async ({ clusters, fix }) => {
  expect(await accessWith(clusters)).toMatchObject({ state: 'missing', fix });
});

it('without a function: the fix deploys it', async () => {
  expect(await accessWith(undefined)).toMatchObject({
    state: 'missing',
    fix: 'sam build && sam deploy --stack-name mine --parameter-overrides Clusters=shop',
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
  expect(access?.impact?.includes('unless it is mapped in aws-auth')).toBe(state === 'warning');
});

it('in mode CONFIG_MAP there are no entries: the role must be in aws-auth', async () => {
  stub.state.authenticationMode = 'CONFIG_MAP';
  const access = await accessWith('shop');
  expect(access).toMatchObject({ state: 'warning', observed: expect.stringContaining('CONFIG_MAP') });
  expect(access?.fix).toMatch(
    /^map arn:aws:iam::111122223333:role\/dns to group eks-dns-firehose: .* edit configmap aws-auth`$/,
  );
});

it('with an entry: shows its group', async () => {
  stub.state.accessEntries.set(ROLE, ['eks-dns-firehose']);
  expect(await accessWith('shop')).toMatchObject({
    state: 'ok',
    observed: 'access entry with group eks-dns-firehose',
  });
});

it.each([
  { variables: {}, mayList: true, states: ['ok'] },
  { variables: {}, mayList: false, states: ['missing'] },
  { variables: { METADATA_FROM: 'namespace' }, mayList: true, states: ['ok', 'ok'] },
  // Without namespaces only attributes are absent.
  { variables: { METADATA_FROM: 'namespace' }, mayList: false, states: ['missing', 'warning'] },
])('permissions of the group, with $variables, allowed: $mayList', async ({ variables, mayList, states }) => {
  stub.state.accessEntries.set(ROLE, ['eks-dns-firehose']);
  stub.state.groupMayList = mayList;
  const dnsFunction = dnsFunctionWith({ CLUSTERS: 'shop', ...variables });
  const { checks } = await checkCluster(openAws('eu-west-1'), shop, dnsFunction, TARGET);
  const permissions = checks.filter(({ name }) => /permissions|namespaces/.test(name));
  expect(permissions.map(({ state }) => state)).toEqual(states);
});

describe('CoreDNS log', () => {
  const FIX = 'eks-dns enable-coredns-log --cluster shop --all-zones';
  const ROOT = '.:53 {\n    errors\n    log\n}\n';

  it.each([
    { name: 'every block logs', corefile: ROOT, state: 'ok', observed: /^on / },
    {
      name: 'a limited log',
      corefile: '.:53 {\n    errors\n    log . {\n        class denial\n    }\n}\n',
      state: 'missing',
      observed: /\.:53 logs only responses of class denial/,
      fix: FIX,
    },
    {
      name: 'a stub domain that does not log',
      corefile: `${ROOT}corp.example:53 {\n    forward . 192.0.2.1\n}\n`,
      state: 'warning',
      observed: /^corp\.example:53 does not log$/,
      fix: FIX,
    },
    {
      name: 'a directive that only a person can change',
      corefile: '. {\n    log . "{name}\n{type}" {\n        class error\n    }\n}\n',
      state: 'missing',
      observed: /logs only responses of class error/,
      fix: expect.stringMatching(/^change the Corefile yourself \(block \. logs only/),
    },
  ])('$name: $state', async ({ corefile, state, observed, fix }) => {
    stub.state.configMaps.set('coredns', { corefile, version: 1 });
    const { checks } = await checkCluster(openAws('eu-west-1'), shop, undefined, TARGET);
    const check = checks.find(({ name }) => name === 'shop: CoreDNS log');
    expect(check).toMatchObject({ state, observed: expect.stringMatching(observed) });
    expect(check?.fix).toEqual(fix);
  });
});

it.each([
  { name: 'all', lists: true, leases: true, state: 'ok', observed: /pods and nodes, and list node Leases$/ },
  {
    name: 'all but Leases: pods are named',
    lists: true,
    leases: false,
    state: 'warning',
    observed: /^the group may not list leases in kube-node-lease$/,
  },
  {
    name: 'nothing',
    lists: false,
    leases: false,
    state: 'missing',
    observed:
      /^the group may not list pods, watch pods, list nodes, watch nodes, list leases in kube-node-lease$/,
  },
])('permissions of the group: $name', async ({ lists, leases, state, observed }) => {
  stub.state.accessEntries.set(ROLE, ['eks-dns-firehose']);
  stub.state.groupMayList = lists;
  stub.state.groupMayListLeases = leases;
  const { checks } = await checkCluster(
    openAws('eu-west-1'),
    shop,
    dnsFunctionWith({ CLUSTERS: 'shop' }),
    TARGET,
  );
  const permissions = checks.find(({ name }) => name === 'shop: permissions');
  expect(permissions).toMatchObject({ state, observed: expect.stringMatching(observed) });
  expect(permissions?.fix).toBe(
    state === 'ok'
      ? undefined
      : 'aws eks update-kubeconfig --name shop && kubectl apply -f scripts/kubernetes/rbac.yaml',
  );
});
