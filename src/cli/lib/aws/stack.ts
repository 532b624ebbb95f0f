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

/** A stack's outputs by key; undefined if the stack does not exist. */
async function stackOutputs(aws: Aws, stackName: string): Promise<ReadonlyMap<string, string> | undefined> {
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

/** One output of a stack; throws if the stack or the output does not exist. */
export async function stackOutput(aws: Aws, stackName: string, key: string, remedy: string): Promise<string> {
  const outputs = await stackOutputs(aws, stackName);
  if (outputs === undefined)
    throw fail(`there is no stack "${stackName}" in this account and region`, remedy);
  const value = outputs.get(key);
  if (value === undefined) throw fail(`stack "${stackName}" has no output ${key}`, remedy);
  return value;
}
