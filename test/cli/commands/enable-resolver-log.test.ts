import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { enableResolverLogCommand } from '../../../src/cli/commands/enable-resolver-log.ts';
import { runCommand } from '../../support/run-command.ts';
import { callsStubPerTest } from '../support/calls-stub.ts';

const VPC = 'vpc-1';
const GROUP = '/aws/vendedlogs/route53resolver/eks-dns-firehose';
const ARN = `arn:aws:logs:eu-west-1:111122223333:log-group:${GROUP}`;

type Association = { readonly Id?: string; readonly Status: string; readonly ErrorMessage?: string };

const startStub = callsStubPerTest();
let groupExists = true;
let stub: Awaited<ReturnType<typeof startStub>> | undefined;

const callsOf = (operation: string) => stub?.calls.filter((call) => call.operation === operation) ?? [];

/** Runs the command for a VPC with this association and a log group with this retention; undefined = none. */
async function enable(link: Association | undefined, retentionInDays: number | undefined, ...more: string[]) {
  const links: Association[] = link ? [link] : [];
  const config = { Id: 'c', Name: 'eks-dns-firehose', DestinationArn: ARN };
  stub = await startStub({
    ListResolverQueryLogConfigs: () => ({ ResolverQueryLogConfigs: link ? [config] : [] }),
    ListResolverQueryLogConfigAssociations: () => ({
      ResolverQueryLogConfigAssociations: links.map((one) => ({
        ...one,
        ResolverQueryLogConfigId: 'c',
        ResourceId: VPC,
      })),
    }),
    CreateLogGroup: () => (groupExists ? 'ResourceAlreadyExistsException' : {}),
    DescribeLogGroups: () => ({ logGroups: [{ logGroupName: GROUP, arn: `${ARN}:*`, retentionInDays }] }),
    PutRetentionPolicy: () => ({}),
    CreateResolverQueryLogConfig: () => ({ ResolverQueryLogConfig: config }),
    AssociateResolverQueryLogConfig: () => {
      links.push({ Id: 'new', Status: 'ACTIVE' });
      return { ResolverQueryLogConfigAssociation: { Id: 'new' } };
    },
  });
  return runCommand(enableResolverLogCommand(), ['--vpc', VPC, ...more]);
}

describe('an associated VPC', () => {
  it.each(['ACTIVE', 'CREATING'])('that is %s stays unchanged', async (Status) => {
    const { code, stdout } = await enable({ Status }, 7);
    expect(code).toBe(0);
    expect(stdout).toMatch(/keep +query logging of vpc-1 /);
    expect(callsOf('AssociateResolverQueryLogConfig')).toEqual([]);
  });

  it('that is DELETING is associated again', async () => {
    expect((await enable({ Status: 'DELETING' }, 7)).code).toBe(0);
    expect(callsOf('AssociateResolverQueryLogConfig')).toHaveLength(1);
  });

  it.each(['FAILED', 'ACTION_NEEDED'])('that is %s is reported with reason and fix', async (Status) => {
    const { code, stderr } = await enable({ Status, ErrorMessage: 'the group is gone' }, 7);
    expect(code).toBe(1);
    expect(stderr).toContain(`${VPC} into ${GROUP} is ${Status}: the group is gone`);
    expect(stderr).toContain(
      'aws route53resolver disassociate-resolver-query-log-config --resolver-query-log-config-id c --resource-id vpc-1',
    );
    expect(callsOf('AssociateResolverQueryLogConfig')).toEqual([]);
  });
});

describe('--retention-days', () => {
  const NAMED = ['--retention-days', '3'];

  it.each([
    {
      name: 'a new group gets 7 by default',
      isNew: true,
      before: undefined,
      args: [],
      put: [7],
    },
    { name: 'a new group gets it', isNew: true, before: undefined, args: NAMED, put: [3] },
    {
      name: 'a group without a limit gets it',
      isNew: false,
      before: undefined,
      args: NAMED,
      put: [3],
    },
    {
      name: 'a group without a limit stays unchanged by default',
      isNew: false,
      before: undefined,
      args: [],
      put: [],
    },
    { name: 'a group with another limit keeps it', isNew: false, before: 30, args: NAMED, put: [] },
  ])('$name', async ({ isNew, before, args, put }) => {
    groupExists = !isNew;
    const { code, stderr } = await enable(undefined, before, ...args);
    expect(code).toBe(0);
    expect(callsOf('PutRetentionPolicy').map(({ input }) => input.retentionInDays)).toEqual(put);
    const isWarned = before === undefined && put.length === 0;
    expect(stderr.includes('put-retention-policy')).toBe(isWarned);
  });

  it('accepts the values of CloudWatch Logs, like the template', async () => {
    const template = readFileSync('template.yaml', 'utf8');
    const listed = /ResolverLogRetentionDays:\n(?: {4}.*\n)*? {4}AllowedValues: \[(.*)\]/.exec(template)?.[1];
    const { code, stderr } = await enable(undefined, 7, '--retention-days', '10');
    expect(code).toBe(2);
    expect(stderr).toContain(`Allowed choices are ${listed}.`);
    expect(stub?.calls).toEqual([]);
  });
});
