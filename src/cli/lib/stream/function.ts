// The deployed function: how it is named on the command line, read, and checked before a stream calls it.
import type { Command } from 'commander';
import { EXIT, fail } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isAwsError } from '../aws/command.ts';
import { DEFAULT_STACK, stackOutput } from '../aws/stack.ts';
import { unqualified } from './processing.ts';

/** Options that name the function: itself, or its stack. */
export type FunctionOptions = { readonly function?: string; readonly stack?: string };

/** The properties of a deployed function that the commands use. */
export type DnsFunction = {
  /** Without version or alias. */
  readonly arn: string;
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly roleArn: string;
  readonly logGroup: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly isInVpc: boolean;
};

/** Adds `--function` and `--stack` to a command. */
export const addFunctionOptions = (command: Command): Command =>
  command
    .option('--function <name>', 'function, by name or ARN')
    .option('--stack <name>', `stack of the function (default: ${DEFAULT_STACK})`);

/** Permission to read functions. */
export const READ_FUNCTION_GRANT: Grant = {
  actions: ['lambda:GetFunctionConfiguration'],
  on: 'arn:aws:lambda:*:*:function:*',
};

/** How the function comes about where nothing is known but that there is none. */
export const DEPLOYMENT = 'deploy it with setup or SAM (docs/deploy.md)';

/** Firehose times an invocation out after five minutes. */
const FIREHOSE_TIMEOUT_SECONDS = 300;

/** Name or ARN from `--function`, otherwise the output `FunctionArn` of `--stack`. */
export async function functionId(aws: Aws, options: FunctionOptions): Promise<string> {
  if (options.function !== undefined) return options.function;
  const remedy = `${DEPLOYMENT}, or name it with --function or --stack`;
  return stackOutput(aws, options.stack ?? DEFAULT_STACK, 'FunctionArn', remedy);
}

/** Reads a function's configuration; undefined if it does not exist. */
export async function findFunction(aws: Aws, id: string): Promise<DnsFunction | undefined> {
  try {
    const found = await (await aws.lambda()).getFunctionConfiguration({ FunctionName: id });
    const name = found.FunctionName ?? id;
    return {
      arn: unqualified(found.FunctionArn ?? ''),
      name,
      timeoutSeconds: found.Timeout ?? 0,
      roleArn: found.Role ?? '',
      logGroup: found.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
      variables: found.Environment?.Variables ?? {},
      isInVpc: (found.VpcConfig?.SubnetIds ?? []).length > 0,
    };
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/**
 * Reads the function that a stream shall call; throws if Firehose could not use it, because every record would fail.
 */
export async function usableFunction(aws: Aws, options: FunctionOptions): Promise<DnsFunction> {
  const id = await functionId(aws, options);
  const found = await findFunction(aws, id);
  if (found === undefined)
    throw fail(
      `there is no function "${id}" in this account and region; a stream that calls it would deliver no records`,
      DEPLOYMENT,
      EXIT.refused,
    );
  if (found.timeoutSeconds > FIREHOSE_TIMEOUT_SECONDS)
    throw fail(
      `function "${found.name}" has a timeout of ${found.timeoutSeconds} s; Firehose waits only ${FIREHOSE_TIMEOUT_SECONDS} s`,
      'set the template parameter TimeoutSeconds to 60',
      EXIT.refused,
    );
  return found;
}
