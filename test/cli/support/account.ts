// An AWS account that remembers what is done to it: the stream of Dynatrace's stack and the log groups of a cluster, no
// function yet. `sam` is a script that deploys the stack here.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach } from '@jest/globals';
import type { Answers } from './calls-stub.ts';
import { FUNCTION, RECORD_KEY } from './complete-setup.ts';
import type { eksStubPerTest } from './eks-stub.ts';
import { metricsOf } from './metrics.ts';

const PREFIX = 'arn:aws';
const PLACE = 'eu-west-1:111122223333';
const ROLE = `${PREFIX}:iam::111122223333:role/`;
const streamArn = (name: string): string => `${PREFIX}:firehose:${PLACE}:deliverystream/${name}`;

/** Log group of Container Insights. */
export const INSIGHTS = '/aws/containerinsights/shop/application';

/** Parameters of the template that become variables of the function. */
const LISTS = [
  ['CorednsLogGroups', 'COREDNS_LOG_GROUPS'],
  ['ResolverLogGroups', 'RESOLVER_LOG_GROUPS'],
] as const;

type Filter = {
  readonly filterName: string;
  readonly filterPattern: string;
  readonly destinationArn: string;
  readonly roleArn?: string;
};
type Stream = {
  roleArn: string;
  processing: object;
  tags: Map<string, string>;
  version: number;
  status?: string;
  /** Undefined = it delivers to a bucket. */
  url?: string | undefined;
  errorLogGroup?: string | undefined;
};

/** What a stream has where a test does not say otherwise. */
const USUAL = {
  status: 'ACTIVE',
  url: 'https://abc12345.live.dynatrace.com/api/v2/logs/ingest/aws_firehose',
  errorLogGroup: '/errors',
};

const callsFunction = (arn: string): object => ({
  Enabled: true,
  Processors: [{ Type: 'Lambda', Parameters: [{ ParameterName: 'LambdaArn', ParameterValue: arn }] }],
});

/** The account, and what tests change in it. */
export function createAccount({ state: cluster }: ReturnType<typeof eksStubPerTest>) {
  const state = {
    /** Clusters of the deployed stack; undefined = it is not deployed. */
    clusters: undefined as string | undefined,
    /** Clusters in which the stack made an access entry, in their order. */
    entries: [] as readonly string[],
    managesAccess: true,
    deployments: [] as string[],
    /** Whether `sam deploy` fails. */
    isBroken: false,
    /** Whether the deployed function is of 1.0. */
    isOld: false,
    hasDynatraceStack: true,
    hasOwnStream: false,
    hasMoreStreams: false,
    metrics: {} as Record<string, number>,
    /** More variables of the function. */
    variables: {} as Record<string, string>,
    subnetIds: [] as readonly string[],
    resolverStatus: 'ACTIVE',
    /** Names of log streams. */
    logStreams: [] as readonly string[],
  };
  const streams = new Map<string, Stream>([
    [
      'dynatrace',
      { roleArn: `${ROLE}delivery`, processing: { Enabled: false }, tags: new Map(), version: 1 },
    ],
  ]);
  const groups = new Map<string, Filter[]>([[INSIGHTS, []]]);
  const policies = new Map<string, string>();
  const associations = new Map<string, string>();
  let config: object | undefined;

  const functionNow = () => ({
    FunctionArn: FUNCTION.arn,
    FunctionName: FUNCTION.name,
    Timeout: 60,
    Role: FUNCTION.roleArn,
    Environment: {
      Variables: {
        CLUSTERS: state.clusters ?? '',
        ...(state.isOld ? {} : { RECORD_KEY }),
        ...state.variables,
      },
    },
    VpcConfig: { SubnetIds: state.subnetIds },
  });
  const deploy = (parameters: string): object | string => {
    state.deployments.push(parameters);
    if (state.isBroken) return 'InternalFailure';
    const parameter = (name: string): string | undefined =>
      new RegExp(`(?:^| )${name}=(\\S+)`).exec(parameters)?.[1];
    // Parameters that are not named keep their values.
    const clusters = parameter('Clusters') ?? state.clusters ?? '';
    state.managesAccess = (parameter('ManageClusterAccess') ?? String(state.managesAccess)) === 'true';
    const entries = state.managesAccess ? clusters.split(',') : [];
    // CloudFormation makes an entry at its new place before it deletes the one at the old place, and EKS has only one.
    if (entries.some((name, at) => state.entries[at] !== name && state.entries.includes(name)))
      return 'InternalFailure';
    state.entries = entries;
    for (const [name, variable] of LISTS) {
      const value = parameter(name);
      if (value !== undefined) state.variables[variable] = value;
    }
    state.subnetIds = parameter('SubnetIds')?.split(',') ?? state.subnetIds;
    state.clusters = clusters;
    state.isOld = false;
    if (entries.includes('shop')) cluster.accessEntries.set(FUNCTION.roleArn, ['eks-dns-firehose']);
    else cluster.accessEntries.delete(FUNCTION.roleArn);
    if (!parameters.includes('DynatraceUrl=')) return {};
    state.hasOwnStream = true;
    const own: Stream = {
      roleArn: `${ROLE}own`,
      processing: callsFunction(FUNCTION.arn),
      tags: new Map(),
      version: 1,
    };
    streams.set('own', own);
    return {};
  };
  const outputsOf = (name: unknown): Record<string, string> | undefined => {
    const role = { CloudWatchSubscriptionFilterRoleArn: `${ROLE}logs` };
    if (name === 'dynatrace-log-delivery-stream' && state.hasDynatraceStack)
      return { FirehoseArn: streamArn('dynatrace'), ...role };
    if (name !== 'eks-dns-firehose' || state.clusters === undefined) return undefined;
    const own = { FirehoseArn: streamArn('own'), BackupBucket: 'backup-of-own', ...role };
    return {
      FunctionArn: FUNCTION.arn,
      ...(state.isOld ? {} : { RecordKey: RECORD_KEY }),
      ...(state.hasOwnStream ? own : {}),
    };
  };

  const answers: Answers = {
    Deploy: ({ Parameters }) => deploy(String(Parameters)),
    DescribeStacks: ({ StackName }) => {
      const outputs = outputsOf(StackName);
      if (outputs === undefined) return `ValidationError: Stack with id ${StackName} does not exist`;
      const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
      return { Stacks: [{ StackName, Outputs }] };
    },
    ListStackResources: () => ({
      StackResourceSummaries: state.entries.map((name) => ({
        ResourceType: 'AWS::EKS::AccessEntry',
        PhysicalResourceId: `${FUNCTION.roleArn}|${name}`,
      })),
    }),
    DeleteStack: () => {
      state.clusters = undefined;
      state.entries = [];
      cluster.accessEntries.delete(FUNCTION.roleArn);
      if (state.hasOwnStream) streams.delete('own');
      state.hasOwnStream = false;
      return {};
    },
    GetFunctionConfiguration: () =>
      state.clusters === undefined ? 'ResourceNotFoundException' : functionNow(),
    ListDeliveryStreams: () => ({
      DeliveryStreamNames: [...streams.keys()],
      HasMoreDeliveryStreams: state.hasMoreStreams,
    }),
    DescribeDeliveryStream: ({ DeliveryStreamName: name }) => {
      const stream = streams.get(String(name));
      if (stream === undefined) return 'ResourceNotFoundException';
      const { status, url, errorLogGroup } = { ...USUAL, ...stream };
      const http = {
        EndpointConfiguration: { Url: url },
        RoleARN: stream.roleArn,
        CloudWatchLoggingOptions: { Enabled: errorLogGroup !== undefined, LogGroupName: errorLogGroup },
        ProcessingConfiguration: stream.processing,
      };
      const destination =
        url === undefined
          ? { ExtendedS3DestinationDescription: {} }
          : { HttpEndpointDestinationDescription: http };
      return {
        DeliveryStreamDescription: {
          DeliveryStreamARN: streamArn(String(name)),
          DeliveryStreamStatus: status,
          VersionId: String(stream.version),
          Destinations: [{ DestinationId: 'd', ...destination }],
        },
      };
    },
    UpdateDestination: ({ DeliveryStreamName: name, HttpEndpointDestinationUpdate: update }) => {
      const stream = streams.get(String(name));
      if (stream === undefined) return 'ResourceNotFoundException';
      stream.processing = (update as { ProcessingConfiguration: object }).ProcessingConfiguration;
      stream.version += 1;
      return {};
    },
    ListTagsForDeliveryStream: ({ DeliveryStreamName: name }) => ({
      Tags: [...(streams.get(String(name))?.tags ?? [])].map(([Key, Value]) => ({ Key, Value })),
    }),
    TagDeliveryStream: ({ DeliveryStreamName: name, Tags }) => {
      for (const { Key, Value } of Tags as { Key: string; Value: string }[])
        streams.get(String(name))?.tags.set(Key, Value);
      return {};
    },
    UntagDeliveryStream: ({ DeliveryStreamName: name, TagKeys }) => {
      for (const key of TagKeys as string[]) streams.get(String(name))?.tags.delete(key);
      return {};
    },
    ListRolePolicies: ({ RoleName }) => ({
      PolicyNames: [...policies.keys()]
        .filter((key) => key.startsWith(`${RoleName}/`))
        .map((key) => key.split('/')[1]),
    }),
    ListAttachedRolePolicies: () => ({ AttachedPolicies: [] }),
    GetRolePolicy: ({ RoleName, PolicyName }) => ({
      PolicyDocument: encodeURIComponent(policies.get(`${RoleName}/${PolicyName}`) ?? '{}'),
    }),
    PutRolePolicy: ({ RoleName, PolicyName, PolicyDocument }) => {
      policies.set(`${RoleName}/${PolicyName}`, String(PolicyDocument));
      return {};
    },
    DeleteRolePolicy: ({ RoleName, PolicyName }) =>
      policies.delete(`${RoleName}/${PolicyName}`) ? {} : 'NoSuchEntityException',
    DescribeSubscriptionFilters: ({ logGroupName }) => {
      const subscriptionFilters = groups.get(String(logGroupName));
      return subscriptionFilters === undefined ? 'ResourceNotFoundException' : { subscriptionFilters };
    },
    PutSubscriptionFilter: ({ logGroupName, ...filter }) => {
      groups.get(String(logGroupName))?.push(filter as Filter);
      return {};
    },
    DeleteSubscriptionFilter: ({ logGroupName, filterName }) => {
      const left = groups.get(String(logGroupName))?.filter((one) => one.filterName !== filterName) ?? [];
      groups.set(String(logGroupName), left);
      return {};
    },
    CreateLogGroup: ({ logGroupName }) => {
      if (groups.has(String(logGroupName))) return 'ResourceAlreadyExistsException';
      groups.set(String(logGroupName), []);
      return {};
    },
    DescribeLogGroups: () => ({
      logGroups: [...groups.keys()].map((logGroupName) => ({
        logGroupName,
        arn: `${PREFIX}:logs:${PLACE}:log-group:${logGroupName}:*`,
      })),
    }),
    PutRetentionPolicy: () => ({}),
    DescribeLogStreams: () => ({ logStreams: state.logStreams.map((logStreamName) => ({ logStreamName })) }),
    ListResolverQueryLogConfigs: () => ({ ResolverQueryLogConfigs: config === undefined ? [] : [config] }),
    ListResolverQueryLogConfigAssociations: () => ({
      ResolverQueryLogConfigAssociations: [...associations].map(([ResourceId, Id]) => ({
        Id,
        ResourceId,
        ResolverQueryLogConfigId: 'c',
        Status: state.resolverStatus,
      })),
    }),
    CreateResolverQueryLogConfig: ({ Name, DestinationArn }) => {
      config = { Id: 'c', Name, DestinationArn };
      return { ResolverQueryLogConfig: config };
    },
    DeleteResolverQueryLogConfig: () => {
      config = undefined;
      return {};
    },
    AssociateResolverQueryLogConfig: ({ ResourceId }) => {
      associations.set(String(ResourceId), 'a');
      state.resolverStatus = 'ACTIVE';
      return { ResolverQueryLogConfigAssociation: { Id: 'a' } };
    },
    DisassociateResolverQueryLogConfig: ({ ResourceId }) => {
      associations.delete(String(ResourceId));
      return {};
    },
    GetMetricData: (input) => metricsOf(state.metrics).GetMetricData?.(input) ?? {},
  };
  /** Everything that `setup` may leave behind. */
  const contents = () => ({
    stack: state.clusters,
    processing: [...streams.values()].map(({ processing }) => processing),
    tags: [...streams.values()].flatMap(({ tags }) => [...tags.keys()]),
    policies: [...policies.keys()],
    filters: Object.fromEntries(
      [...groups].map(([name, filters]) => [name, filters.map((one) => one.filterName)]),
    ),
    resolver: [...associations.keys()],
    rules: [...cluster.rules.keys()],
    entries: [...cluster.accessEntries.keys()],
    corefile: cluster.configMaps.get('coredns')?.corefile,
  });
  return { state, answers, contents, groups, streams, policies, associations, deploy };
}

const SAM = `#!/bin/sh
[ "$1" = deploy ] || exit 0
shift
exec "${process.execPath}" --eval '
  const body = new URLSearchParams({ Action: "Deploy", Parameters: process.argv.slice(1).join(" ") });
  fetch(process.env.AWS_ENDPOINT_URL, { method: "POST", body }).then((answer) => process.exit(answer.ok ? 0 : 1));
' -- "$@"
`;

let folder: string | undefined;

/** A folder of its own for each test, which is the whole PATH: with `sam`, or without. */
export function preparePath(hasSam: boolean): string {
  folder = mkdtempSync(join(tmpdir(), 'setup-'));
  if (hasSam) {
    writeFileSync(join(folder, 'sam'), SAM);
    chmodSync(join(folder, 'sam'), 0o755);
  }
  process.env.PATH = hasSam ? `${folder}${delimiter}${process.env.PATH}` : folder;
  process.env.EKS_DNS_SETUP = join(folder, '.eks-dns.json');
  return folder;
}

afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
});
