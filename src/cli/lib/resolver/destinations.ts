// Where the queries of a VPC go, by the associations that it has.
import type {
  ResolverQueryLogConfig,
  ResolverQueryLogConfigAssociation,
} from '@aws-sdk/client-route53resolver';

/** One association of a VPC, with what becomes of it. */
export type Way = {
  readonly destinationArn: string;
  /** Undefined where it leads into a bucket or a stream. */
  readonly logGroup: string | undefined;
  readonly isBeingMade: boolean;
  /** Undefined where queries are logged, or will be in a moment. */
  readonly fault: Fault | undefined;
};

/** Why nothing is logged, `FAILED: <AWS's reason>`, and what mends it. */
export type Fault = { readonly reason: string; readonly remedy: string };

/** `arn:...:log-group:/aws/x` or `...:/aws/x:*` as a group's name; undefined for buckets and streams. */
export function logGroupOf(destinationArn: string | undefined): string | undefined {
  return /:log-group:([^:]+)/.exec(destinationArn ?? '')?.[1];
}

/** The fault of an association; undefined when there is none. */
export function faultOf(association: ResolverQueryLogConfigAssociation): Fault | undefined {
  const { Status, ResolverQueryLogConfigId: id, ResourceId: vpc } = association;
  if (Status !== 'FAILED' && Status !== 'ACTION_NEEDED') return undefined;
  return {
    reason: `${Status}: ${association.ErrorMessage ?? association.Error ?? 'no reason given'}`,
    // AWS does not try again by itself, and lets nobody associate twice.
    remedy: `see that the log group exists and its resource policy lets delivery.logs.amazonaws.com write to it; then aws route53resolver disassociate-resolver-query-log-config --resolver-query-log-config-id ${id} --resource-id ${vpc}, and eks-dns enable-resolver-log --vpc ${vpc} again`,
  };
}

/** All ways of a VPC's queries, those left out that end now. */
export function waysOf(
  vpc: string,
  configs: readonly ResolverQueryLogConfig[],
  associations: readonly ResolverQueryLogConfigAssociation[],
): readonly Way[] {
  const destinations = new Map(configs.map(({ Id, DestinationArn }) => [Id, DestinationArn]));
  return associations
    .filter(({ ResourceId, Status }) => ResourceId === vpc && Status !== 'DELETING')
    .flatMap((association): readonly Way[] => {
      const destinationArn = destinations.get(association.ResolverQueryLogConfigId);
      if (destinationArn === undefined) return [];
      const isBeingMade = association.Status === 'CREATING';
      return [
        { destinationArn, logGroup: logGroupOf(destinationArn), isBeingMade, fault: faultOf(association) },
      ];
    });
}
