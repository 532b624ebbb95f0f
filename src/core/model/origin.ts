/** Where a log event was written; undefined members are unknown. */
export type Origin = {
  /** Account that owns the log group. */
  readonly accountId: string | undefined;
  /** Region of the log group. */
  readonly region: string | undefined;
  /** The envelope's log group. */
  readonly logGroup: string | undefined;
  /** The group that the event was first written to, where CloudWatch has copied it to the envelope's group. */
  readonly sourceLogGroup: string | undefined;
  /** Only for outputs that do not have the log stream beside the record (`ndjson`). */
  readonly logStream: string | undefined;
};

/** The log group that the event was first written to. */
export const writtenTo = ({ logGroup, sourceLogGroup }: Origin): string | undefined =>
  sourceLogGroup ?? logGroup;

/**
 * System fields of an event of a centralised log group: `"extractedFields":{"@aws.account":"444455556666",
 * "@aws.region":"us-west-2","@source.log":"/aws/containerinsights/shop/application"}`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatchLogs_Centralization.html
 */
export type SystemFields = {
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  readonly logGroup: string | undefined;
};

/** The account and region of the Firehose stream that the function transforms. */
export type StreamIdentity = Pick<Origin, 'accountId' | 'region'>;
