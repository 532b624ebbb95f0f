// Where the query logs of a VPC go, according to its associations with query logging configurations.
import type {
  ResolverQueryLogConfig,
  ResolverQueryLogConfigAssociation,
} from '@aws-sdk/client-route53resolver';
import { commandLine } from '../shell.ts';

/** Destination of one association of a VPC, and its state. */
export type Destination = {
  readonly destinationArn: string;
  /** Undefined if the destination is a bucket or a stream. */
  readonly logGroup: string | undefined;
  readonly isBeingCreated: boolean;
  /** Undefined if queries are logged, or will be soon. */
  readonly fault: Fault | undefined;
};

/** Why nothing is logged (`FAILED: <AWS's reason>`), and how to fix it. */
export type Fault = { readonly reason: string; readonly remedy: string };

/** Log group name of `arn:...:log-group:/aws/x` or `...:/aws/x:*`; undefined for buckets and streams. */
export function logGroupOf(destinationArn: string | undefined): string | undefined {
  return /:log-group:([^:]+)/.exec(destinationArn ?? '')?.[1];
}

/** The fault of an association; undefined if it has none. */
export function faultOf(association: ResolverQueryLogConfigAssociation): Fault | undefined {
  const { Status, ResolverQueryLogConfigId: id, ResourceId: vpc } = association;
  if (Status !== 'FAILED' && Status !== 'ACTION_NEEDED') return undefined;
  const disassociate = commandLine(['aws', 'route53resolver', 'disassociate-resolver-query-log-config'], {
    'resolver-query-log-config-id': id,
    'resource-id': vpc,
  });
  const again = commandLine(['eks-dns', 'enable-resolver-log'], { vpc });
  return {
    reason: `${Status}: ${association.ErrorMessage ?? association.Error ?? 'no reason given'}`,
    // AWS does not retry, and refuses a second association.
    remedy: `make sure that the log group exists and that its resource policy lets delivery.logs.amazonaws.com write to it; then run \`${disassociate}\`, and when it is gone \`${again}\``,
  };
}

/** All destinations of a VPC's query logs, except those being deleted. */
export function destinationsOf(
  vpc: string,
  configs: readonly ResolverQueryLogConfig[],
  associations: readonly ResolverQueryLogConfigAssociation[],
): readonly Destination[] {
  const arns = new Map(configs.map(({ Id, DestinationArn }) => [Id, DestinationArn]));
  return associations
    .filter(({ ResourceId, Status }) => ResourceId === vpc && Status !== 'DELETING')
    .flatMap((association): readonly Destination[] => {
      const destinationArn = arns.get(association.ResolverQueryLogConfigId);
      if (destinationArn === undefined) return [];
      const isBeingCreated = association.Status === 'CREATING';
      return [
        { destinationArn, logGroup: logGroupOf(destinationArn), isBeingCreated, fault: faultOf(association) },
      ];
    });
}
