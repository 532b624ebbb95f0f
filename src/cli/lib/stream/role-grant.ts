// Firehose calls the function with the stream's delivery role. Another stack owns that role, so we add one inline
// policy with a name of our own, and remove only that one.
import type { Aws } from '../aws/clients.ts';
import { type Grant, isAwsError } from '../aws/command.ts';

/**
 * The permissions on the function that Firehose needs.
 * https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html
 */
const NEEDED = ['lambda:InvokeFunction', 'lambda:GetFunctionConfiguration'] as const;

/** Permission to read a role's policies. */
export const READ_ROLE_GRANT: Grant = {
  actions: ['iam:ListRolePolicies', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies'],
  on: 'arn:aws:iam::*:role/*',
};

/** Permission to read managed policies. */
export const READ_POLICY_GRANT: Grant = {
  actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
  on: 'arn:aws:iam::*:policy/*',
};

/** Permission to change a role's inline policies. */
export const WRITE_ROLE_GRANT: Grant = {
  actions: ['iam:PutRolePolicy', 'iam:DeleteRolePolicy'],
  on: 'arn:aws:iam::*:role/*',
};

/** The role's name: the last part of its ARN, without the path. */
export const roleName = (roleArn: string): string => roleArn.slice(roleArn.lastIndexOf('/') + 1);

/** Name of our inline policy: `eks-dns-firehose-<function>`. */
export const grantName = (functionArn: string): string =>
  `eks-dns-firehose-${functionArn.split(':')[6] ?? ''}`.slice(0, 128);

/** Our inline policy as JSON text; Firehose calls the ARN with a qualifier too. */
export function grantDocument(functionArn: string): string {
  const Statement = [{ Effect: 'Allow', Action: NEEDED, Resource: [functionArn, `${functionArn}:*`] }];
  return JSON.stringify({ Version: '2012-10-17', Statement }, null, 2);
}

type Statement = {
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Condition?: unknown;
};

const texts = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');

/** Whether `pattern`, with IAM's `*` and `?`, covers `text`. */
export function covers(pattern: string, text: string): boolean {
  const source = pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 's').test(text);
}

function allows(statement: Statement, action: string, resource: string): boolean {
  return (
    statement.Effect === 'Allow' &&
    statement.Condition === undefined &&
    texts(statement.Action).some((pattern) => covers(pattern.toLowerCase(), action.toLowerCase())) &&
    texts(statement.Resource).some((pattern) => covers(pattern, resource))
  );
}

/** Statements of policy documents: JSON, URL-encoded as IAM returns them. */
const statementsOf = (documents: readonly string[]): readonly Statement[] =>
  documents.flatMap((document) => {
    const { Statement } = JSON.parse(decodeURIComponent(document)) as { Statement?: Statement | Statement[] };
    return Statement === undefined ? [] : [Statement].flat();
  });

/** Whether these policy documents allow Firehose to call the function. */
export function documentsAllow(documents: readonly string[], functionArn: string): boolean {
  const statements = statementsOf(documents);
  return NEEDED.every((action) =>
    [functionArn, `${functionArn}:$LATEST`].every((resource) =>
      statements.some((statement) => allows(statement, action, resource)),
    ),
  );
}

/** Whether any policy of a role allows it to assume another one. */
export async function mayAssume(aws: Aws, roleArn: string, otherRoleArn: string): Promise<boolean> {
  const statements = statementsOf(await roleDocuments(aws, roleName(roleArn)));
  return statements.some((statement) => allows(statement, 'sts:AssumeRole', otherRoleArn));
}

/** Every policy document of a role, inline and attached. */
async function roleDocuments(aws: Aws, role: string): Promise<readonly string[]> {
  const iam = await aws.iam();
  const { PolicyNames } = await iam.listRolePolicies({ RoleName: role, MaxItems: 1000 });
  const { AttachedPolicies } = await iam.listAttachedRolePolicies({ RoleName: role, MaxItems: 1000 });
  const documents: string[] = [];
  for (const PolicyName of PolicyNames ?? []) {
    const { PolicyDocument } = await iam.getRolePolicy({ RoleName: role, PolicyName });
    if (PolicyDocument !== undefined) documents.push(PolicyDocument);
  }
  for (const { PolicyArn } of AttachedPolicies ?? []) {
    const { Policy } = await iam.getPolicy({ PolicyArn });
    const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId: Policy?.DefaultVersionId });
    if (PolicyVersion?.Document !== undefined) documents.push(PolicyVersion.Document);
  }
  return documents;
}

/** Whether any policy of the stream's role allows it to call the function. */
export async function isGranted(aws: Aws, roleArn: string, functionArn: string): Promise<boolean> {
  return documentsAllow(await roleDocuments(aws, roleName(roleArn)), functionArn);
}

/** Adds our inline policy to the stream's role. */
export async function grant(aws: Aws, roleArn: string, functionArn: string): Promise<void> {
  await (await aws.iam()).putRolePolicy({
    RoleName: roleName(roleArn),
    PolicyName: grantName(functionArn),
    PolicyDocument: grantDocument(functionArn),
  });
}

/** Removes our inline policy; false if the role did not have it. */
export async function revoke(aws: Aws, roleArn: string, functionArn: string): Promise<boolean> {
  try {
    await (await aws.iam()).deleteRolePolicy({
      RoleName: roleName(roleArn),
      PolicyName: grantName(functionArn),
    });
    return true;
  } catch (error) {
    if (isAwsError(error, 'NoSuchEntityException')) return false;
    throw error;
  }
}
