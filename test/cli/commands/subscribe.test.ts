import { afterEach, expect, it } from '@jest/globals';
import { subscribeCommand } from '../../../src/cli/commands/subscribe.ts';
import { runCommand } from '../../support/run-command.ts';
import { startCallsStub } from '../support/calls-stub.ts';

const STREAM = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/dynatrace';
const ROLE = 'arn:aws:iam::111122223333:role/logs';
const COREDNS = '{ $.kubernetes.container_name = "coredns" }';
const INSIGHTS = '/aws/containerinsights/shop/application';

const environment = { ...process.env };
let stub: Awaited<ReturnType<typeof startCallsStub>>;

afterEach(async () => {
  process.env = { ...environment };
  await stub.close();
});

/** Subscribes a group that has these filters; gives what was put. */
async function subscribe(subscriptionFilters: readonly object[], logGroup: string, ...more: string[]) {
  stub = await startCallsStub({
    DescribeDeliveryStream: () => ({
      DeliveryStreamDescription: { DeliveryStreamARN: STREAM, DeliveryStreamStatus: 'ACTIVE' },
    }),
    DescribeSubscriptionFilters: () => ({ subscriptionFilters }),
    PutSubscriptionFilter: () => ({}),
  });
  Object.assign(process.env, stub.environment);
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
  { name: 'keeps an empty one, too', filters: [ours('')], group: INSIGHTS, args: [], put: [] },
  {
    name: 'empties it when asked to',
    filters: [ours(COREDNS)],
    group: INSIGHTS,
    args: ['--filter-pattern', ''],
    put: [''],
  },
  { name: 'takes CoreDNS alone of all containers', filters: [], group: INSIGHTS, args: [], put: [COREDNS] },
  {
    name: 'takes all containers when asked to',
    filters: [],
    group: INSIGHTS,
    args: ['--filter-pattern', ''],
    put: [''],
  },
  {
    name: 'takes every event of any other group',
    filters: [],
    group: '/aws/vendedlogs/x',
    args: [],
    put: [''],
  },
])('$name', async ({ filters, group, args, put }) => {
  expect((await subscribe(filters, group, ...args)).put).toEqual(put);
});

it('says which pattern a new filter gets', async () => {
  const { changes, put } = await subscribe([], INSIGHTS, '--dry-run');
  expect(put).toEqual([]);
  expect(changes).toMatchObject([{ action: 'add', pattern: COREDNS, why: expect.stringContaining(COREDNS) }]);
});
