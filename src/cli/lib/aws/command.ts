// Shared by all commands that call AWS: --region, --print-policy, and AWS errors explained.
import { Command } from 'commander';
import { EXIT, fail, printJson } from '../../terminal.ts';
import { nameRegion } from '../started-as.ts';
import { type Aws, openAws } from './clients.ts';

/**
 * IAM actions that a command needs and their resource:
 * `{ actions: ['firehose:DescribeDeliveryStream'], on: 'arn:aws:...' }`.
 */
export type Grant = { readonly actions: readonly string[]; readonly on: string };

type Common = { readonly region?: string; readonly printPolicy?: boolean };

const errorName = (error: unknown): string => (error instanceof Error ? error.name : '');

/** Whether an error is an AWS error with one of these codes. */
export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  return names.includes(errorName(error));
}

/** The IAM policy document for these grants. */
function policyDocument(grants: readonly Grant[]): object {
  const statements = grants.map(({ actions, on }) => ({ Effect: 'Allow', Action: actions, Resource: on }));
  return { Version: '2012-10-17', Statement: statements };
}

/** Turns common AWS errors into a message and a fix; returns any other error unchanged. */
function explain(error: unknown, command: string): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  if (name === 'CredentialsProviderError')
    return fail('no AWS credentials found', 'sign in (`aws sso login`) or set AWS_PROFILE');
  if (/^Region is missing/.test(message))
    return fail('no AWS region is set', 'add --region <region> or set AWS_REGION', EXIT.usage);
  if (/^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient)/.test(name))
    return fail(`AWS rejected the credentials: ${message}`, 'sign in again (`aws sso login`)');
  if (/^(AccessDenied|UnauthorizedOperation)/.test(name))
    return fail(
      message,
      `\`eks-dns ${command} --print-policy\` shows the permissions that this command needs`,
    );
  return error;
}

/**
 * A command with `--region` and `--print-policy`; `act` receives the options, the AWS clients and the arguments. Options
 * and arguments cannot be mandatory in commander's sense, because `--print-policy` works without them: use `required`.
 * `fillIn` adds options that were decided earlier.
 */
export function awsCommand<Options>(
  name: string,
  summary: string,
  grants: readonly Grant[],
  act: (options: Options, aws: Aws, args: readonly string[]) => Promise<void>,
  fillIn: (options: Options & Common) => Options & Common = (options) => options,
): Command {
  return new Command(name)
    .description(summary)
    .option('--region <region>', 'AWS region (default: AWS_REGION or the profile)')
    .option('--print-policy', 'only print the IAM policy that this command needs')
    .action(async (...received: unknown[]) => {
      const command = received.at(-1) as Command;
      const given = command.opts<Options & Common>();
      if (given.printPolicy === true) return printJson(policyDocument(grants));
      try {
        const options = fillIn(given);
        nameRegion(options.region);
        await act(options, openAws(options.region), command.args);
      } catch (error) {
        throw explain(error, nameOf(command));
      }
    });
}

/** The words that call a command: `doctor`, `dynatrace apply`. */
function nameOf(command: Command): string {
  const { parent } = command;
  // Only the program itself has no parent.
  return parent?.parent ? `${nameOf(parent)} ${command.name()}` : command.name();
}

/** The option's value; throws a usage error if it is missing. */
export function required<T>(value: T | undefined, option: string): T {
  if (value === undefined)
    throw fail(`${option} is missing`, `add ${option}; --help lists all options`, EXIT.usage);
  return value;
}

/** Parser of a commander option that may be repeated and may hold a comma-separated list. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').map((one) => one.trim())].filter((one) => one !== '');
}
