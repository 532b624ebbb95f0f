// /aws/containerinsights/shop/application, /aws/otel/containerinsights/shop/..., /aws/eks/shop/...
const CLUSTER_GROUP = /^\/aws\/(?:(?:otel\/)?containerinsights|eks)\/([^/]+)\//;
// Default of the Helm chart aws-for-fluent-bit.
const FLUENT_BIT_GROUP = '/aws/eks/fluentbit-cloudwatch/';

/** The cluster in the name of a shipper's log group; undefined where the name contains none. */
export const clusterInName = (logGroup: string): string | undefined => CLUSTER_GROUP.exec(logGroup)?.[1];

/** Whether the name of a group only looks as if it contained a cluster. */
export const isDefaultOfFluentBit = (logGroup: string): boolean => logGroup.startsWith(FLUENT_BIT_GROUP);
