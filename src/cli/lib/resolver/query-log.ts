// Route 53 Resolver query logging: one configuration (where to log), associated with VPCs (whose queries).
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html
import type {
  ResolverQueryLogConfig,
  ResolverQueryLogConfigAssociation,
} from '@aws-sdk/client-route53resolver';
import { fail, progress, waitFor } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import type { Grant } from '../aws/command.ts';
import { faultOf } from './destinations.ts';
import { ensureLogGroup } from './log-group.ts';

/** Rights to look at query logging; Route 53 knows no resource for its List calls. */
export const READ_RESOLVER_GRANT: Grant = {
  actions: [
    'route53resolver:ListResolverQueryLogConfigs',
    'route53resolver:ListResolverQueryLogConfigAssociations',
  ],
  on: '*',
};

/** Every query logging configuration of the account and region, shared ones included. */
export async function queryLogConfigs(aws: Aws): Promise<readonly ResolverQueryLogConfig[]> {
  const client = await aws.resolver();
  const found: ResolverQueryLogConfig[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.listResolverQueryLogConfigs({
      MaxResults: 100,
      ...(NextToken && { NextToken }),
    });
    found.push(...(page.ResolverQueryLogConfigs ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** Every association of a configuration with a VPC. */
export async function associations(aws: Aws): Promise<readonly ResolverQueryLogConfigAssociation[]> {
  const client = await aws.resolver();
  const found: ResolverQueryLogConfigAssociation[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.listResolverQueryLogConfigAssociations({
      MaxResults: 100,
      ...(NextToken && { NextToken }),
    });
    found.push(...(page.ResolverQueryLogConfigAssociations ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** Associates a VPC and waits until AWS has made it work. */
export async function associate(aws: Aws, configId: string, vpcId: string): Promise<void> {
  const client = await aws.resolver();
  const { ResolverQueryLogConfigAssociation: made } = await client.associateResolverQueryLogConfig({
    ResolverQueryLogConfigId: configId,
    ResourceId: vpcId,
  });
  const probe = async (): Promise<'ACTIVE' | undefined> => {
    const now = (await associations(aws)).find(({ Id }) => Id === made?.Id);
    const fault = now && faultOf(now);
    if (fault !== undefined) throw fail(`query logging of ${vpcId} is ${fault.reason}`, fault.remedy);
    return now?.Status === 'ACTIVE' ? 'ACTIVE' : undefined;
  };
  const state = await waitFor(`waiting for query logging of ${vpcId}`, probe, {
    timeoutMs: 120_000,
    intervalMs: 3000,
  });
  if (state === undefined)
    throw fail(`query logging of ${vpcId} is not ACTIVE yet`, '`eks-dns doctor` tells when it is');
}

/** Ends the association and waits until it is gone; before that AWS does not let go of the configuration. */
export async function disassociate(aws: Aws, configId: string, vpcId: string): Promise<void> {
  const client = await aws.resolver();
  await client.disassociateResolverQueryLogConfig({ ResolverQueryLogConfigId: configId, ResourceId: vpcId });
  const probe = async (): Promise<'gone' | undefined> => {
    const isThere = (await associations(aws)).some(
      (one) => one.ResolverQueryLogConfigId === configId && one.ResourceId === vpcId,
    );
    return isThere ? undefined : 'gone';
  };
  await waitFor(`waiting until ${vpcId} is let go`, probe, { timeoutMs: 120_000, intervalMs: 3000 });
}

/** Makes a configuration and, where it is missing, its log group; gives the configuration's id. */
export async function createConfig(
  aws: Aws,
  name: string,
  logGroup: string,
  retentionDays: string | undefined,
): Promise<string> {
  progress(`making log group ${logGroup} and configuration ${name}`);
  const DestinationArn = await ensureLogGroup(aws, logGroup, retentionDays);
  const { ResolverQueryLogConfig: made } = await (await aws.resolver()).createResolverQueryLogConfig({
    Name: name,
    DestinationArn,
    CreatorRequestId: `${name}-${Date.now()}`,
  });
  if (made?.Id === undefined) throw fail(`AWS gave no id for configuration "${name}"`, 'run this again');
  return made.Id;
}
