// What every command that talks to AWS has: a region, its IAM policy in print, and faults of AWS in plain words.
import { Command } from 'commander';
import { EXIT, fail, printJson } from '../../terminal.ts';
import { type Aws, openAws } from './clients.ts';

/** Actions that a command calls, and on what: `{ actions: ['firehose:DescribeDeliveryStream'], on: 'arn:aws:...' }`. */
export type Grant = { readonly actions: readonly string[]; readonly on: string };

type Common = { readonly region?: string; readonly printPolicy?: boolean };

const faultName = (error: unknown): string => (error instanceof Error ? error.name : '');

/** True for a fault of AWS with one of these codes. */
export function isFault(error: unknown, ...names: readonly string[]): boolean {
  return names.includes(faultName(error));
}

/** The IAM policy document for these grants. */
function policyDocument(grants: readonly Grant[]): object {
  const statements = grants.map(({ actions, on }) => ({ Effect: 'Allow', Action: actions, Resource: on }));
  return { Version: '2012-10-17', Statement: statements };
}

/** Says what a fault of AWS means for the person at the terminal; anything else stays as it is. */
function explain(error: unknown, command: string): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  if (name === 'CredentialsProviderError')
    return fail('no AWS credentials were found', 'sign in (`aws sso login`) or set AWS_PROFILE');
  if (/^Region is missing/.test(message))
    return fail('no AWS region is set', 'add --region <region> or set AWS_REGION', EXIT.usage);
  if (/^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient)/.test(name))
    return fail(`AWS does not accept these credentials: ${message}`, 'sign in again (`aws sso login`)');
  if (/^(AccessDenied|UnauthorizedOperation)/.test(name))
    return fail(message, `\`eks-dns ${command} --print-policy\` shows the rights that this command needs`);
  return error;
}

/**
 * A command with `--region` and `--print-policy`; `act` gets the options and AWS. Options cannot be mandatory in
 * commander's sense, because `--print-policy` goes without them: use `required`.
 */
export function awsCommand<Options>(
  name: string,
  summary: string,
  grants: readonly Grant[],
  act: (options: Options, aws: Aws) => Promise<void>,
): Command {
  return new Command(name)
    .description(summary)
    .option('--region <region>', 'AWS region (else AWS_REGION or the profile)')
    .option('--print-policy', 'print the IAM policy that this command needs, and do nothing else')
    .action(async (options: Options & Common) => {
      if (options.printPolicy === true) return printJson(policyDocument(grants));
      try {
        await act(options, openAws(options.region));
      } catch (error) {
        throw explain(error, name);
      }
    });
}

/** The option's value, or a refusal that names the option. */
export function required<T>(value: T | undefined, option: string): T {
  if (value === undefined)
    throw fail(`${option} is missing`, `add ${option}; --help shows all options`, EXIT.usage);
  return value;
}

/** For commander: an option that may be given several times and may hold commas. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').map((one) => one.trim())].filter((one) => one !== '');
}
