// A setup in which every check of `doctor` passes: function, stream, one cluster, both logs.
import { grantDocument } from '../../../src/cli/lib/stream/role-grant.ts';
import type { Answers } from './calls-stub.ts';
import { dnsFunctionWith } from './dns-function.ts';
import type { eksStubPerTest } from './eks-stub.ts';
import { metricsOf } from './metrics.ts';

const STREAM = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/dynatrace';
const LOGS = 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/route53/dns:*';

/** The record key of the function. */
export const RECORD_KEY = '51af3dc00a5a5a5a5a5a';

/** The function. */
export const FUNCTION = dnsFunctionWith({ CLUSTERS: 'shop', RECORD_KEY });

/** Gives the stub of EKS the cluster of the setup. */
export function prepareCluster({ state }: ReturnType<typeof eksStubPerTest>): void {
  state.accessEntries.set(FUNCTION.roleArn, ['eks-dns-firehose']);
  state.configMaps.set('coredns', {
    corefile: '.:53 {\n    log\n    kubernetes cluster.local\n}\n',
    version: 1,
  });
}

/** Answers of AWS. */
export const COMPLETE: Answers = {
  GetFunctionConfiguration: () => ({
    FunctionArn: FUNCTION.arn,
    FunctionName: FUNCTION.name,
    Role: FUNCTION.roleArn,
    Environment: { Variables: FUNCTION.variables },
  }),
  DescribeDeliveryStream: () => ({
    DeliveryStreamDescription: {
      DeliveryStreamARN: STREAM,
      DeliveryStreamStatus: 'ACTIVE',
      Destinations: [
        {
          HttpEndpointDestinationDescription: {
            EndpointConfiguration: { Url: 'https://abc/api/v2/logs/ingest/aws_firehose' },
            RoleARN: 'arn:aws:iam::111122223333:role/delivery',
            CloudWatchLoggingOptions: { Enabled: true, LogGroupName: '/errors' },
            ProcessingConfiguration: {
              Enabled: true,
              Processors: [
                {
                  Type: 'Lambda',
                  Parameters: [{ ParameterName: 'LambdaArn', ParameterValue: FUNCTION.arn }],
                },
              ],
            },
          },
        },
      ],
    },
  }),
  ListRolePolicies: () => ({ PolicyNames: ['eks-dns-firehose-dns'] }),
  GetRolePolicy: () => ({ PolicyDocument: encodeURIComponent(grantDocument(FUNCTION.arn)) }),
  ListAttachedRolePolicies: () => ({ AttachedPolicies: [] }),
  DescribeSubscriptionFilters: ({ logGroupName }) => ({
    subscriptionFilters:
      logGroupName === '/aws/vendedlogs/route53/dns' ||
      String(logGroupName).startsWith('/aws/containerinsights/')
        ? [{ filterName: 'ours', destinationArn: STREAM }]
        : [],
  }),
  ListResolverQueryLogConfigs: () => ({ ResolverQueryLogConfigs: [{ Id: 'c', DestinationArn: LOGS }] }),
  ListResolverQueryLogConfigAssociations: () => ({
    ResolverQueryLogConfigAssociations: [
      { ResolverQueryLogConfigId: 'c', ResourceId: 'vpc-1', Status: 'ACTIVE' },
    ],
  }),
  ...metricsOf({ IncomingRecords: 9, EventsIn: 9, EventsCoreDns: 9 }),
};
