// Route 53 Resolver query logging: a configuration (destination) that is associated with VPCs (sources).
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

/** Permissions to read query logging; these List calls support no resource-level permissions. */
export const READ_RESOLVER_GRANT: Grant = {
  actions: [
    'route53resolver:ListResolverQueryLogConfigs',
    'route53resolver:ListResolverQueryLogConfigAssociations',
  ],
  on: '*',
};

/** All items of a paged List call. */
async function allPages<T>(
  list: (page: {
    MaxResults: number;
    NextToken?: string;
  }) => Promise<{ NextToken?: string | undefined; items: T[] | undefined }>,
): Promise<readonly T[]> {
  const found: T[] = [];
  let NextToken: string | undefined;
  do {
    const page = await list({ MaxResults: 100, ...(NextToken && { NextToken }) });
    found.push(...(page.items ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** Every query logging configuration of the account and region, including shared ones. */
export async function queryLogConfigs(aws: Aws): Promise<readonly ResolverQueryLogConfig[]> {
  const client = await aws.resolver();
  return allPages(async (input) => {
    const { NextToken, ResolverQueryLogConfigs: items } = await client.listResolverQueryLogConfigs(input);
    return { NextToken, items };
  });
}

/** Every association of a configuration with a VPC. */
export async function associations(aws: Aws): Promise<readonly ResolverQueryLogConfigAssociation[]> {
  const client = await aws.resolver();
  return allPages(async (input) => {
    const page = await client.listResolverQueryLogConfigAssociations(input);
    return { NextToken: page.NextToken, items: page.ResolverQueryLogConfigAssociations };
  });
}

/** Associates a VPC and waits until the association is ACTIVE. */
export async function associate(aws: Aws, configId: string, vpcId: string): Promise<void> {
  const client = await aws.resolver();
  const { ResolverQueryLogConfigAssociation: created } = await client.associateResolverQueryLogConfig({
    ResolverQueryLogConfigId: configId,
    ResourceId: vpcId,
  });
  const probe = async (): Promise<'ACTIVE' | undefined> => {
    const now = (await associations(aws)).find(({ Id }) => Id === created?.Id);
    const fault = now && faultOf(now);
    if (fault !== undefined) throw fail(`query logging of ${vpcId} is ${fault.reason}`, fault.remedy);
    return now?.Status === 'ACTIVE' ? 'ACTIVE' : undefined;
  };
  const state = await waitFor(`waiting for query logging of ${vpcId}`, probe, {
    timeoutMs: 120_000,
    intervalMs: 3000,
  });
  if (state === undefined)
    throw fail(`query logging of ${vpcId} is not ACTIVE yet`, '`eks-dns doctor` shows its state');
}

/** Deletes the association and waits for its deletion; only then AWS allows deleting the configuration. */
export async function disassociate(aws: Aws, configId: string, vpcId: string): Promise<void> {
  const client = await aws.resolver();
  await client.disassociateResolverQueryLogConfig({ ResolverQueryLogConfigId: configId, ResourceId: vpcId });
  const probe = async (): Promise<'gone' | undefined> => {
    const isThere = (await associations(aws)).some(
      (one) => one.ResolverQueryLogConfigId === configId && one.ResourceId === vpcId,
    );
    return isThere ? undefined : 'gone';
  };
  await waitFor(`waiting until ${vpcId} is disassociated`, probe, { timeoutMs: 120_000, intervalMs: 3000 });
}

/** Creates a configuration and, if it does not exist, its log group; returns the configuration's id. */
export async function createConfig(
  aws: Aws,
  name: string,
  logGroup: string,
  retentionDays: string | undefined,
): Promise<string> {
  progress(`creating log group ${logGroup} and configuration ${name}`);
  const DestinationArn = await ensureLogGroup(aws, logGroup, retentionDays);
  const { ResolverQueryLogConfig: created } = await (await aws.resolver()).createResolverQueryLogConfig({
    Name: name,
    DestinationArn,
    CreatorRequestId: `${name}-${Date.now()}`,
  });
  if (created?.Id === undefined)
    throw fail(`AWS returned no id for configuration "${name}"`, 'run this again');
  return created.Id;
}
