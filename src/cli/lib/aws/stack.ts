import { fail } from '../../terminal.ts';
import type { Aws } from './clients.ts';
import { type Grant, isAwsError } from './command.ts';

/** Default name of this project's stack (samconfig.toml). */
export const DEFAULT_STACK = 'eks-dns-firehose';

/** Permission to read a stack's outputs. */
export const STACK_GRANT: Grant = {
  actions: ['cloudformation:DescribeStacks'],
  on: 'arn:aws:cloudformation:*:*:stack/*',
};

/** Permission to list a stack's resources. */
export const STACK_RESOURCES_GRANT: Grant = {
  actions: ['cloudformation:ListStackResources'],
  on: 'arn:aws:cloudformation:*:*:stack/*',
};

/** A stack's outputs by key; undefined if the stack does not exist. */
export async function stackOutputs(
  aws: Aws,
  stackName: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const client = await aws.cloudformation();
  try {
    const { Stacks } = await client.describeStacks({ StackName: stackName });
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return new Map(outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']));
  } catch (error) {
    // CloudFormation has no specific error code for this.
    if (isAwsError(error, 'ValidationError') && /does not exist/.test((error as Error).message))
      return undefined;
    throw error;
  }
}

/** One output of a stack; undefined if the stack does not have it. Throws if the stack does not exist. */
export async function findOutput(
  aws: Aws,
  stackName: string,
  key: string,
  remedy: string,
): Promise<string | undefined> {
  const outputs = await stackOutputs(aws, stackName);
  if (outputs === undefined)
    throw fail(`there is no stack "${stackName}" in this account and region`, remedy);
  return outputs.get(key);
}

/** One output of a stack; throws if the stack or the output does not exist. */
export async function stackOutput(aws: Aws, stackName: string, key: string, remedy: string): Promise<string> {
  const value = await findOutput(aws, stackName, key, remedy);
  if (value === undefined) throw fail(`stack "${stackName}" has no output ${key}`, remedy);
  return value;
}

/** Stacks that are searched: a stack and those nested in it. */
const MAX_STACKS = 20;

/** Names of the resources of a type in a stack and the stacks nested in it. */
export async function resourcesOf(aws: Aws, stackName: string, type: string): Promise<readonly string[]> {
  const client = await aws.cloudformation();
  const found: string[] = [];
  const stacks = [stackName];
  for (let at = 0; at < Math.min(stacks.length, MAX_STACKS); at += 1) {
    let NextToken: string | undefined;
    do {
      const page = await client.listStackResources({ StackName: stacks[at] ?? '', NextToken });
      for (const { ResourceType, PhysicalResourceId: id } of page.StackResourceSummaries ?? [])
        if (id !== undefined && ResourceType === type) found.push(id);
        else if (id !== undefined && ResourceType === 'AWS::CloudFormation::Stack') stacks.push(id);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  }
  return found;
}
