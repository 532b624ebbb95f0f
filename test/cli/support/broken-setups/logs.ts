// Breaks of the logs: groups, subscriptions, trust, and what flows.
import { INSIGHTS } from '../account.ts';
import { RESOLVER } from '../setup-run.ts';
import { type BrokenSetup, clusters, type Run } from './broken-setup.ts';

const metrics =
  (values: Record<string, number>) =>
  ({ account }: Run) => {
    Object.assign(account.state.metrics, values);
  };

/** Logs on their way to the stream. */
export const LOGS: readonly BrokenSetup[] = [
  {
    name: 'a group that is not subscribed',
    break: (run) => run.account.groups.set(INSIGHTS, []),
    check: `subscribed: ${INSIGHTS}`,
    fix: 'mends',
  },
  {
    name: 'a group that is not subscribed, by a role that another filter has',
    break: (run) => {
      run.account.state.hasDynatraceStack = false;
      run.account.groups.set(INSIGHTS, []);
    },
    check: `subscribed: ${INSIGHTS}`,
    fix: 'mends',
  },
  {
    name: 'a group that is not subscribed, by an unknown role',
    break: (run) => {
      run.account.state.hasDynatraceStack = false;
      for (const group of [INSIGHTS, RESOLVER]) run.account.groups.set(group, []);
    },
    check: `subscribed: ${INSIGHTS}`,
    fix: 'says',
  },
  {
    name: 'a cluster without log group',
    break: (run) => run.account.groups.delete(INSIGHTS),
    check: `subscribed: ${INSIGHTS}`,
    fix: 'shows',
  },
  {
    name: 'a log group that is not there',
    break: () => {},
    args: ['--log-group', '/typo'],
    check: 'subscribed: /typo',
    fix: 'shows',
  },
  {
    name: 'a cluster of another region only',
    break: clusters('arn:aws:eks:us-east-1:111122223333:cluster/shop'),
    check: 'subscribed',
    fix: 'says',
  },
  {
    name: 'a cluster of another region only, whose VPC is not known',
    break: clusters('arn:aws:eks:us-east-1:111122223333:cluster/shop'),
    check: 'Resolver log',
    fix: 'shows',
  },
  {
    name: 'a VPC that is not logged',
    break: (run) => run.account.associations.clear(),
    check: 'vpc-1: Resolver log',
    fix: 'mends',
  },
  {
    name: 'a VPC whose log failed',
    break: (run) => {
      run.account.state.resolverStatus = 'FAILED';
    },
    check: 'vpc-1: Resolver log',
    fix: 'mends',
  },
  {
    name: 'a group that nothing is known of',
    break: (run) => run.account.groups.set('/dns', []),
    args: ['--log-group', '/dns'],
    check: 'trusted: /dns',
    fix: 'mends',
  },
  {
    name: 'a group that is not listed',
    break: (run) => {
      run.account.groups.set('/dns', []);
      run.account.state.variables.COREDNS_LOG_GROUPS = '/other';
    },
    args: ['--log-group', '/dns'],
    check: 'trusted: /dns',
    fix: 'mends',
  },
  {
    name: 'a shipper that hides the namespace',
    break: (run) => {
      run.account.groups.set('/aws/eks/shop/dns', []);
      run.account.state.logStreams = ['coredns-7d9f5c6b8-qx2lm.coredns'];
    },
    args: ['--log-group', '/aws/eks/shop/dns'],
    check: 'trusted: /aws/eks/shop/dns',
    fix: 'mends',
  },
];

/** What flows, by the metrics. */
export const FLOW: readonly BrokenSetup[] = [
  { name: 'no record', break: metrics({ IncomingRecords: 0 }), check: 'records flow', fix: 'says' },
  {
    name: 'failed invocations',
    break: metrics({ 'ExecuteProcessing.Success': 0.5 }),
    check: 'invocations',
    fix: 'shows',
  },
  {
    name: 'failed deliveries',
    break: metrics({ 'DeliveryToHttpEndpoint.Success': 0.5 }),
    check: 'delivery',
    fix: 'shows',
  },
  { name: 'no event', break: metrics({ EventsIn: 0 }), check: 'DNS events', fix: 'shows' },
  { name: 'no DNS event', break: metrics({ EventsCoreDns: 0 }), check: 'DNS events', fix: 'says' },
  { name: 'untrusted lines', break: metrics({ EventsUntrusted: 3 }), check: 'producers', fix: 'says' },
  { name: 'failed records', break: metrics({ RecordsFailed: 3 }), check: 'records', fix: 'shows' },
  { name: 'a stale directory', break: metrics({ DirectoryStale: 1 }), check: 'directory', fix: 'shows' },
  {
    name: 'an invalid setting',
    break: metrics({ ConfigurationInvalid: 1 }),
    check: 'configuration',
    fix: 'shows',
  },
];
