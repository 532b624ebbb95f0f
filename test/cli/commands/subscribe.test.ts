import { expect, it } from '@jest/globals';
import { subscribeCommand } from '../../../src/cli/commands/subscribe.ts';
import { runCommand } from '../../support/run-command.ts';
import { callsStubPerTest } from '../support/calls-stub.ts';

const STREAM = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/dynatrace';
const ROLE = 'arn:aws:iam::111122223333:role/logs';
const COREDNS = '{ $.kubernetes.container_name = "coredns" }';
const INSIGHTS = '/aws/containerinsights/shop/application';

const startStub = callsStubPerTest();

/** Subscribes a group that has these filters; returns the patterns of new filters. */
async function subscribe(subscriptionFilters: readonly object[], logGroup: string, ...more: string[]) {
  const stub = await startStub({
    DescribeDeliveryStream: () => ({
      DeliveryStreamDescription: { DeliveryStreamARN: STREAM, DeliveryStreamStatus: 'ACTIVE' },
    }),
    DescribeSubscriptionFilters: () => ({ subscriptionFilters }),
    PutSubscriptionFilter: () => ({}),
  });
  const args = ['--stream', 'dynatrace', '--role-arn', ROLE, '--log-group', logGroup, '--json', ...more];
  const { stdout } = await runCommand(subscribeCommand(), args);
  const put = stub.calls.filter(({ operation }) => operation === 'PutSubscriptionFilter');
  return { changes: JSON.parse(stdout).changes, put: put.map(({ input }) => input.filterPattern) };
}

const ours = (filterPattern: string) => ({
  filterName: 'eks-dns-firehose',
  filterPattern,
  destinationArn: STREAM,
});

it.each([
  {
    name: 'keeps the pattern of its own filter',
    filters: [ours(COREDNS)],
    group: INSIGHTS,
    args: [],
    put: [],
  },
  { name: 'keeps an empty pattern too', filters: [ours('')], group: INSIGHTS, args: [], put: [] },
  {
    name: 'changes it to an empty pattern on request',
    filters: [ours(COREDNS)],
    group: INSIGHTS,
    args: ['--filter-pattern', ''],
    put: [''],
  },
  { name: 'selects only CoreDNS of all containers', filters: [], group: INSIGHTS, args: [], put: [COREDNS] },
  {
    name: 'selects all containers on request',
    filters: [],
    group: INSIGHTS,
    args: ['--filter-pattern', ''],
    put: [''],
  },
  {
    name: 'selects every event of another group',
    filters: [],
    group: '/aws/vendedlogs/x',
    args: [],
    put: [''],
  },
])('$name', async ({ filters, group, args, put }) => {
  expect((await subscribe(filters, group, ...args)).put).toEqual(put);
});

it('shows the pattern of a new filter', async () => {
  const { changes, put } = await subscribe([], INSIGHTS, '--dry-run');
  expect(put).toEqual([]);
  expect(changes).toMatchObject([
    { action: 'add', pattern: COREDNS, why: `0 existing filters, pattern '${COREDNS}'` },
  ]);
});
