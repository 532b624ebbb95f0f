// The function that is chained onto a stream.

import { EXIT, fail } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isFault } from '../aws/command.ts';
import { DEFAULT_STACK, stackOutput } from '../aws/stack.ts';
import { unqualified } from './processing.ts';

/** How people name the function on the command line. */
export type FunctionOptions = { readonly function?: string; readonly stack?: string };

/** What we need to know of a deployed function. */
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

/** Right to read functions. */
export const READ_FUNCTION_GRANT: Grant = {
  actions: ['lambda:GetFunctionConfiguration'],
  on: 'arn:aws:lambda:*:*:function:*',
};

/**
 * How the function is deployed. Not with `--guided`: SAM asks for every secret parameter again, and saves values that
 * a later deployment goes back to.
 */
export const DEPLOYMENT = 'sam build && sam deploy --parameter-overrides Clusters=<cluster>';

/** Firehose gives up on an invocation after five minutes. */
const FIREHOSE_WAITS_SECONDS = 300;

/** Name or ARN from `--function`, else the output `FunctionArn` of `--stack`. */
export async function functionId(aws: Aws, options: FunctionOptions): Promise<string> {
  if (options.function !== undefined) return options.function;
  const remedy = `deploy it (\`${DEPLOYMENT}\`), or name it with --function <name> or --stack <name>`;
  return stackOutput(aws, options.stack ?? DEFAULT_STACK, 'FunctionArn', remedy);
}

/** Reads a function's configuration; undefined when there is none. */
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
    if (isFault(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** Reads the function that a stream is to call; refuses one that Firehose could not use, as all its records would fail. */
export async function usableFunction(aws: Aws, options: FunctionOptions): Promise<DnsFunction> {
  const id = await functionId(aws, options);
  const found = await findFunction(aws, id);
  if (found === undefined)
    throw fail(
      `there is no function "${id}" in this account and region; a stream that calls it would deliver nothing`,
      `deploy it first: \`${DEPLOYMENT}\``,
      EXIT.refused,
    );
  if (found.timeoutSeconds > FIREHOSE_WAITS_SECONDS)
    throw fail(
      `function "${found.name}" may run ${found.timeoutSeconds} s; Firehose waits ${FIREHOSE_WAITS_SECONDS} s`,
      'set the template parameter TimeoutSeconds to 60',
      EXIT.refused,
    );
  return found;
}
