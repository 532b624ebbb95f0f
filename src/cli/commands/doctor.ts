import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect } from '../lib/aws/command.ts';
import { STACK_GRANT } from '../lib/aws/stack.ts';
import { READ_CLUSTER_GRANT } from '../lib/cluster/addon.ts';
import { checkChain } from '../lib/doctor/chain-checks.ts';
import { bad, type Check, type CheckState } from '../lib/doctor/check.ts';
import { checkCluster, type KnownCluster } from '../lib/doctor/cluster-checks.ts';
import { checkFlow } from '../lib/doctor/flow-checks.ts';
import { checkSources } from '../lib/doctor/source-checks.ts';
import { verdictOf } from '../lib/doctor/verdict.ts';
import { READ_FILTER_GRANTS } from '../lib/log-groups/filters.ts';
import { READ_RESOLVER_GRANT } from '../lib/resolver/query-log.ts';
import { type FunctionOptions, READ_FUNCTION_GRANT } from '../lib/stream/function.ts';
import { READ_POLICY_GRANT, READ_ROLE_GRANT } from '../lib/stream/role-grant.ts';
import { READ_STREAM_GRANT, type StreamOptions } from '../lib/stream/stream.ts';
import { EXIT, paint, print, printJson, progress, type Style } from '../terminal.ts';

type Options = FunctionOptions &
  StreamOptions & {
    readonly region?: string;
    readonly cluster?: readonly string[];
    readonly vpc?: readonly string[];
    readonly logGroup?: readonly string[];
    readonly json?: boolean;
  };

/** `eks-dns doctor`: walks the whole chain and says what to do next; ends with 1 when a link is missing. */
export function doctorCommand(): Command {
  const grants = [
    STACK_GRANT,
    READ_STREAM_GRANT,
    READ_FUNCTION_GRANT,
    READ_ROLE_GRANT,
    READ_POLICY_GRANT,
    READ_CLUSTER_GRANT,
    { actions: ['eks:DescribeAccessEntry'], on: 'arn:aws:eks:*:*:*' },
    READ_RESOLVER_GRANT,
    ...READ_FILTER_GRANTS,
    { actions: ['cloudwatch:GetMetricData'], on: '*' },
  ];
  return awsCommand('doctor', 'look at every link of the chain and say what to do next', grants, doctor)
    .option('--stream <name>', 'the delivery stream, by name or ARN')
    .option('--stream-stack <name>', "else Dynatrace's stack that made it (dynatrace-log-delivery-stream)")
    .option('--function <name>', 'the function, by name or ARN')
    .option('--stack <name>', "else this project's stack (eks-dns-firehose)")
    .option('--cluster <name>', "clusters, with commas or by repeating (else the function's own)", collect)
    .option('--vpc <id>', "more VPCs than the clusters'", collect)
    .option('--log-group <name>', "log groups of CoreDNS (else Container Insights')", collect)
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      '\nEnds with 1 when a link is missing, else with 0, also where a link could not be looked at or has a warning.',
    );
}

async function doctor(options: Options, aws: Aws): Promise<void> {
  progress('looking at the function and the stream');
  const { dnsFunction, stream, checks: chain } = await checkChain(aws, options);
  const named = options.cluster ?? collect(dnsFunction?.variables.CLUSTERS ?? '');
  const clusters: KnownCluster[] = [];
  const clusterChecks: Check[] = [];
  for (const name of named) {
    progress(`looking at cluster ${name}`);
    const { cluster, checks } = await checkCluster(aws, name, dnsFunction, options.region);
    if (cluster !== undefined) clusters.push(cluster);
    clusterChecks.push(...checks);
  }
  if (named.length === 0) clusterChecks.push(...NO_CLUSTER);
  progress('looking at the log groups, and at the last hour of records');
  const sources = await checkSources(aws, clusters, options, stream);
  const flow = await checkFlow(aws, stream, dnsFunction);
  const links = [...chain, ...clusterChecks, ...sources, ...flow];
  const { text, ...verdict } = verdictOf(links);
  if (!verdict.ok) process.exitCode = EXIT.failed;
  const checks = [...links, DYNATRACE];
  if (options.json === true) return printJson({ ...verdict, checks });
  for (const check of checks) printCheck(check);
  print();
  const isSound = verdict.ok && verdict.unknown + verdict.warnings === 0;
  print(paint(isSound ? 'green' : verdict.ok ? 'yellow' : 'bold', text));
}

const NO_CLUSTER: readonly Check[] = [
  bad(
    'cluster',
    'no cluster is named',
    'pods cannot be named',
    'sam deploy --parameter-overrides Clusters=<name>',
  ),
  bad(
    'CoreDNS log',
    'no cluster is named',
    'CoreDNS does not say who asked for what',
    'eks-dns enable-coredns-log --cluster <name>',
  ),
];

/** AWS cannot show what happens behind the endpoint; this stands in every list and counts as no link. */
const DYNATRACE: Check = {
  link: 'Dynatrace',
  state: 'unknown',
  saw: 'whether the OpenPipeline processor is applied cannot be seen from AWS',
  means:
    'without it records are found by aws.log_group and by text; with it dns.*, k8s.* and client.* are attributes of their own',
  fix: 'apply dynatrace/openpipeline-processor.json once (dynatrace/openpipeline.md)',
};

const LOOKS: Record<CheckState, readonly [word: string, style: Style]> = {
  ok: ['ok', 'green'],
  missing: ['MISSING', 'red'],
  warning: ['warning', 'yellow'],
  unknown: ['unknown', 'cyan'],
};

function printCheck({ link, state, saw, means, fix }: Check): void {
  const [word, style] = LOOKS[state];
  print(`${paint(style, word.padEnd(8))} ${link}: ${saw}`);
  if (means !== undefined) print(`         ${paint('dim', 'means')} ${means}`);
  if (fix !== undefined) print(`         ${paint('dim', 'fix')}   ${paint('bold', fix)}`);
}
