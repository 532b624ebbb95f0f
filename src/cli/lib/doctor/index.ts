// The checks of `doctor`, in the order of the data flow: function and stream, clusters, log sources, metrics, Dynatrace.

import { parseClusterList } from '../../../lambda/cluster-list.ts';
import { progress } from '../../terminal.ts';
import { arnParts } from '../aws/arn.ts';
import type { Aws } from '../aws/clients.ts';
import type { Grant } from '../aws/command.ts';
import { READ_CLUSTER_GRANT } from '../cluster/addon.ts';
import type { Session } from '../dynatrace/api.ts';
import { openSession } from '../dynatrace/index.ts';
import { READ_FILTER_GRANTS } from '../log-groups/filters.ts';
import { READ_EVENTS_GRANT } from '../records/read-log-group.ts';
import { READ_RESOLVER_GRANT } from '../resolver/api.ts';
import { checkState, LIST_STATE_GRANT } from '../state/index.ts';
import {
  FIND_STREAM_GRANTS,
  READ_STREAM_GRANT,
  type Stream,
  type StreamOptions,
} from '../stream/delivery-stream.ts';
import type { DeployTarget } from '../stream/deployment.ts';
import { type DnsFunction, type FunctionOptions, READ_FUNCTION_GRANT } from '../stream/function.ts';
import { READ_POLICY_GRANT, READ_ROLE_GRANT } from '../stream/role-grant.ts';
import { withCauses } from './causes.ts';
import { type Check, missing } from './check.ts';
import { checkCluster, type KnownCluster } from './cluster-checks.ts';
import { checkDynatrace, type DynatraceOptions, notChecked } from './dynatrace-checks.ts';
import { checkFlow } from './flow-checks.ts';
import { checkSources } from './source-checks.ts';
import { checkStream } from './stream-checks.ts';
import { READ_LOG_STREAMS_GRANT } from './trust-checks.ts';

export type { Check } from './check.ts';
export { verdictOf } from './verdict.ts';

/** What to check. */
export type DoctorOptions = FunctionOptions &
  StreamOptions &
  DynatraceOptions & {
    readonly region?: string;
    /** Clusters; by default those of the function's setting CLUSTERS. */
    readonly cluster?: readonly string[];
    /** VPCs besides those of the clusters. */
    readonly vpc?: readonly string[];
    /** Log groups of CoreDNS; by default those of Container Insights. */
    readonly logGroup?: readonly string[];
    /** Logs that are left out on purpose. */
    readonly without?: readonly string[];
  };

/** IAM permissions of `doctor`. */
export const DOCTOR_GRANTS: readonly Grant[] = [
  ...FIND_STREAM_GRANTS,
  READ_STREAM_GRANT,
  READ_FUNCTION_GRANT,
  READ_ROLE_GRANT,
  READ_POLICY_GRANT,
  READ_CLUSTER_GRANT,
  { actions: ['eks:DescribeAccessEntry'], on: 'arn:aws:eks:*:*:*' },
  READ_RESOLVER_GRANT,
  ...READ_FILTER_GRANTS,
  READ_LOG_STREAMS_GRANT,
  LIST_STATE_GRANT,
  { actions: ['cloudwatch:GetMetricData'], on: '*' },
  // Of --probe.
  READ_EVENTS_GRANT,
];

/** What the checks found of the chain. */
export type Found = {
  readonly dnsFunction: DnsFunction | undefined;
  readonly stream: Stream | undefined;
  /** Clusters of this account and region that exist. */
  readonly clusters: readonly KnownCluster[];
  readonly coreDnsGroups: readonly string[];
  readonly resolverGroups: readonly string[];
  /** Undefined without an environment. */
  readonly session: Session | undefined;
};

/**
 * All checks, their summary, and what they found. Without an environment, the last check says that Dynatrace was not looked
 * at; that does not count in the summary.
 */
export type Diagnosis = {
  readonly checks: readonly Check[];
  /** Those of `checks` that count in the summary. */
  readonly counted: readonly Check[];
  readonly found: Found;
};

/**
 * Runs all checks, one after the other. Throws a usage error for a wrong address or token of Dynatrace: those are the user's,
 * and nothing about the setup.
 */
export async function diagnose(aws: Aws, options: DoctorOptions): Promise<Diagnosis> {
  progress('checking function and stream');
  const { dnsFunction, stream, target, checks } = await checkStream(aws, options);
  const clusters = await checkClusters(aws, dnsFunction, options, target);
  progress('checking log groups and the metrics of the last hour');
  const sources = await checkSources(aws, clusters.known, options, stream, dnsFunction, target);
  const { coreDnsGroups, resolverGroups } = sources;
  const state = await checkState(aws, dnsFunction);
  const flow = await checkFlow(aws, stream, dnsFunction);
  const all = [...withCauses([...checks, ...clusters.checks, ...sources.checks, ...state, ...flow])];
  const found = { dnsFunction, stream, clusters: clusters.known, coreDnsGroups, resolverGroups };
  const { dynatrace } = options;
  if (dynatrace === undefined)
    return {
      checks: [...all, notChecked(stream?.http?.url)],
      counted: all,
      found: { ...found, session: undefined },
    };
  progress('checking Dynatrace');
  const session = await openSession(dynatrace, options);
  all.push(...(await checkDynatrace(session, { ...options, dynatrace }, dnsFunction, target)));
  return { checks: all, counted: all, found: { ...found, session } };
}

async function checkClusters(
  aws: Aws,
  dnsFunction: DnsFunction | undefined,
  options: DoctorOptions,
  target: DeployTarget,
): Promise<{ readonly known: readonly KnownCluster[]; readonly checks: readonly Check[] }> {
  const ownRegion = options.region ?? (dnsFunction && arnParts(dnsFunction.arn).region);
  const configured = parseClusterList(dnsFunction?.variables.CLUSTERS ?? '', ownRegion).clusters;
  // A cluster may be named without the role that the function has for it.
  const chosen = options.cluster?.flatMap((entry) => {
    const found = configured.filter(({ id, name }) => id === entry || name === entry);
    return found.length > 0 ? found : parseClusterList(entry, ownRegion).clusters;
  });
  const clusters = chosen ?? configured;
  if (clusters.length === 0) return { known: [], checks: NO_CLUSTER };
  const known: KnownCluster[] = [];
  const all: Check[] = [];
  for (const setting of clusters) {
    progress(`checking cluster ${setting.id}`);
    const { cluster, checks } = await checkCluster(aws, setting, dnsFunction, target);
    if (cluster !== undefined) known.push(cluster);
    all.push(...checks);
  }
  return { known, checks: all };
}

const NO_CLUSTER: readonly Check[] = [
  missing(
    'cluster',
    'no cluster is configured',
    'pods cannot be named',
    'run this again with --cluster and the name of a cluster, to see the command that configures it; `aws eks list-clusters` lists the clusters',
  ),
  missing(
    'CoreDNS log',
    'no cluster is configured',
    'CoreDNS does not log queries',
    'first the check of the cluster above',
  ),
];
