import { describe, expect, it } from '@jest/globals';
import { lookupRoleCommand } from '../../../src/cli/commands/lookup-role.ts';
import { runCommand } from '../../support/run-command.ts';
import { callsStubPerTest } from '../support/calls-stub.ts';
import { dnsFunctionWith } from '../support/dns-function.ts';

const startStub = callsStubPerTest();

const ROLE = 'arn:aws:iam::444455556666:role/team/eks-dns';
const SHOP = 'arn:aws:eks:us-east-1:444455556666:cluster/shop';

/** Runs the command for a function with these variables. */
async function lookupRole(variables: Readonly<Record<string, string>>, ...args: string[]) {
  const { arn, name, roleArn } = dnsFunctionWith({});
  await startStub({
    GetFunctionConfiguration: () => ({
      FunctionArn: arn,
      FunctionName: name,
      Role: roleArn,
      Environment: { Variables: variables },
    }),
  });
  return runCommand(lookupRoleCommand(), ['--function', 'dns', ...args]);
}

const TRUST = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:role/dns' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': 'dns-42' } },
    },
  ],
};
const PERMISSIONS = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'eks:DescribeCluster',
      Resource: [SHOP, 'arn:aws:eks:eu-west-1:444455556666:cluster/lab'],
    },
    {
      Effect: 'Allow',
      Action: 'ec2:DescribeInstances',
      Resource: '*',
      Condition: { StringEquals: { 'ec2:Region': ['us-east-1', 'eu-west-1'] } },
    },
  ],
};

const VARIABLES = { CLUSTERS: `own,${SHOP}=${ROLE},lab=${ROLE}`, CLUSTER_ROLE_EXTERNAL_ID: 'dns-42' };

it("prints what the function's own setting needs, as JSON", async () => {
  const { code, stdout } = await lookupRole(VARIABLES, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    roles: [
      {
        roleArn: ROLE,
        trustPolicy: TRUST,
        permissionsPolicy: PERMISSIONS,
        commands: [
          `aws iam create-role --role-name eks-dns --path /team/ --assume-role-policy-document '${JSON.stringify(TRUST)}'`,
          `aws iam put-role-policy --role-name eks-dns --policy-name eks-dns-firehose --policy-document '${JSON.stringify(PERMISSIONS)}'`,
          `aws eks create-access-entry --region us-east-1 --cluster-name shop --principal-arn ${ROLE} --kubernetes-groups eks-dns-firehose`,
          'aws eks update-kubeconfig --region us-east-1 --name shop && kubectl apply -f scripts/kubernetes/rbac.yaml',
          `aws eks create-access-entry --region eu-west-1 --cluster-name lab --principal-arn ${ROLE} --kubernetes-groups eks-dns-firehose`,
          'aws eks update-kubeconfig --region eu-west-1 --name lab && kubectl apply -f scripts/kubernetes/rbac.yaml',
        ],
      },
    ],
  });
});

it('prints it as text, role by role', async () => {
  const second = 'arn:aws:iam::777788889999:role/reader';
  const { stdout } = await lookupRole({
    ...VARIABLES,
    CLUSTERS: `${SHOP}=${ROLE},arn:aws:eks:us-east-1:777788889999:cluster/shop=${second}`,
  });
  expect([...stdout.matchAll(/^# .*$/gm)].map(([line]) => line)).toEqual([
    `# ${ROLE}`,
    '# trust policy',
    '# permissions policy',
    '# commands, with credentials of account 444455556666',
    `# ${second}`,
    '# trust policy',
    '# permissions policy',
    '# commands, with credentials of account 777788889999',
  ]);
  expect(stdout).toContain('aws iam create-role --role-name reader --assume-role-policy-document ');
});

describe('with options', () => {
  it('prints what another entry and external id would need, in the partition of the role', async () => {
    const role = 'arn:aws-cn:iam::444455556666:role/r';
    const entry = `arn:aws-cn:eks:cn-north-1:444455556666:cluster/a=${role}`;
    const { stdout } = await lookupRole(VARIABLES, '--json', '--cluster', entry, '--external-id', 'x/1');
    const { roles } = JSON.parse(stdout);
    expect(roles).toMatchObject([
      {
        roleArn: role,
        trustPolicy: { Statement: [{ Condition: { StringEquals: { 'sts:ExternalId': 'x/1' } } }] },
        permissionsPolicy: {
          Statement: [{ Resource: ['arn:aws-cn:eks:cn-north-1:444455556666:cluster/a'] }, {}],
        },
      },
    ]);
  });

  it('asks for no external id where there is none', async () => {
    const { stdout } = await lookupRole(
      { CLUSTERS: `${SHOP}=${ROLE}`, CLUSTER_ROLE_EXTERNAL_ID: '' },
      '--json',
    );
    expect(JSON.parse(stdout).roles[0].trustPolicy.Statement[0]).not.toHaveProperty('Condition');
  });
});

it.each([
  ['no cluster has a role', { CLUSTERS: 'shop' }, [], /no cluster has a role\nfix: name one: --cluster/],
  ['an entry is invalid', {}, ['--cluster', 'shop=reader'], /"reader" is not the ARN of an IAM role/],
])('is a usage error where %s', async (_, variables, args, message) => {
  const { code, stdout, stderr } = await lookupRole(variables as Record<string, string>, ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

describe('for readers', () => {
  const READER = 'arn:aws:iam::444455556666:role/reader';
  const STATE = { STATE_BUCKET: 'dns-state', STATE_PREFIX: 'dns' };
  const entryOf = (accountId: string, roles: readonly string[], bucket = 'dns-state', folder = 'dns/') => [
    {
      Sid: `Reader${accountId}`,
      Effect: 'Allow',
      Principal: { AWS: roles },
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: `arn:aws:s3:::${bucket}/${folder}${accountId}/*`,
    },
    {
      Sid: `List${accountId}`,
      Effect: 'Allow',
      Principal: { AWS: roles },
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${bucket}`,
      Condition: { StringLike: { 's3:prefix': `${folder}${accountId}/*` } },
    },
  ];
  const tlsOnly = expect.objectContaining({ Sid: 'TlsOnly', Effect: 'Deny' });

  it('prints the policy of the bucket: each account has its own prefix', async () => {
    const others = ['arn:aws:iam::777788889999:role/a', 'arn:aws:iam::777788889999:role/b'];
    const roles = [`${READER},${others[0]}`, others[1] ?? ''].flatMap((text) => ['--reader', text]);
    const { code, stdout } = await lookupRole(STATE, '--json', ...roles);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout);
    expect(printed.bucketPolicy).toEqual({
      Version: '2012-10-17',
      Statement: [tlsOnly, ...entryOf('444455556666', [READER]), ...entryOf('777788889999', others)],
    });
    expect(printed.command).toBe(
      `aws s3api put-bucket-policy --bucket dns-state --policy '${JSON.stringify(printed.bucketPolicy)}'`,
    );
  });

  it.each([
    { name: 'a slash at the end', variables: { ...STATE, STATE_PREFIX: 'dns/' }, folder: 'dns/' },
    { name: 'no prefix', variables: { STATE_BUCKET: 'dns-state' }, folder: '' },
  ])('knows the prefix of a function with $name', async ({ variables, folder }) => {
    const { stdout } = await lookupRole(variables, '--json', '--reader', READER);
    expect(JSON.parse(stdout).bucketPolicy.Statement).toEqual([
      tlsOnly,
      ...entryOf('444455556666', [READER], 'dns-state', folder),
    ]);
  });

  it('prints it as text, for another bucket', async () => {
    const { stdout } = await lookupRole(STATE, '--reader', READER, '--state-bucket', 'other-bucket');
    expect(stdout).toContain('# s3://other-bucket\n# bucket policy');
    expect(stdout).toContain('\naws s3api put-bucket-policy --bucket other-bucket --policy ');
    expect(stdout).not.toContain('dns-state');
  });

  it.each([
    ['the function has no bucket', {}, ['--reader', READER], /has no bucket\nfix: name one: --state-bucket/],
    ['a reader is no role', STATE, ['--reader', 'arn:aws:iam::4444:role/r'], /not the ARN of an IAM role/],
    ['a role could end the quotes', STATE, ['--reader', `${READER}'x`], /not the ARN of an IAM role/],
  ])('is a usage error where %s', async (_, variables, args, message) => {
    const { code, stdout, stderr } = await lookupRole(variables as Record<string, string>, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});
