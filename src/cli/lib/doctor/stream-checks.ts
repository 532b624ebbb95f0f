// Checks of function and stream: whether both exist, and whether the stream may and does call the function.
import { isUserError } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { DEFAULT_STACK } from '../aws/stack.ts';
import { filtersOf, unsubscribeCommand } from '../log-groups/filters.ts';
import { commandLine, inSentence } from '../shell.ts';
import {
  DYNATRACE_STACK,
  findStream,
  type Stream,
  type StreamOptions,
  streamName,
} from '../stream/delivery-stream.ts';
import { type DeployTarget, deployCommand, deployFix, deployTarget } from '../stream/deployment.ts';
import { dynatraceEndpoint, OTHER_ENDPOINT } from '../stream/dynatrace-endpoint.ts';
import { type DnsFunction, type FunctionOptions, findFunction, functionId } from '../stream/function.ts';
import { calls, lambdaIn, unqualified } from '../stream/processing.ts';
import { isGranted, roleName } from '../stream/role-grant.ts';
import { attempt, type Check, missing, ok, warning } from './check.ts';

/** Options of `doctor` that these checks and their fixes use. */
type CheckedOptions = FunctionOptions &
  StreamOptions & {
    readonly region?: string;
    readonly cluster?: readonly string[];
  };

/** Function and stream, as far as they were found, with their checks. */
export type StreamResult = {
  readonly dnsFunction: DnsFunction | undefined;
  readonly stream: Stream | undefined;
  /** Where parameters of the function are set. */
  readonly target: DeployTarget;
  readonly checks: readonly Check[];
};

/** Resolves to the message if something does not exist; rethrows other errors. */
async function orMessage<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (isUserError(error)) return error.message;
    throw error;
  }
}

/** Checks function, stream and how they are connected. */
export async function checkStream(aws: Aws, options: CheckedOptions): Promise<StreamResult> {
  let dnsFunction: DnsFunction | undefined;
  let stream: Stream | undefined;
  const checks = [
    ...(await attempt('function', async () => {
      const found = await orMessage(async () => findFunction(aws, await functionId(aws, options)));
      if (typeof found === 'object') dnsFunction = found;
      const of = await deployTarget(aws, options, dnsFunction);
      return [functionCheck(found, options), ...(dnsFunction ? [recordKeyCheck(dnsFunction, of)] : [])];
    })),
    ...(await attempt('stream', async () => {
      const found = await orMessage(async () => findStream(aws, await streamName(aws, options)));
      if (typeof found === 'object') stream = found;
      return streamChecks(found, options);
    })),
    ...(await attempt('attached', () => attachedChecks(aws, stream, dnsFunction))),
    ...(await attempt('no loop', () => loopCheck(aws, stream, dnsFunction))),
  ];
  return { dnsFunction, stream, target: await deployTarget(aws, options, dnsFunction), checks };
}

function functionCheck(found: DnsFunction | string | undefined, options: CheckedOptions): Check {
  const name = options.function ?? `stack "${options.stack ?? DEFAULT_STACK}"`;
  if (typeof found !== 'object')
    return missing(
      'function',
      typeof found === 'string' ? found : `there is no function ${name}`,
      'DNS logs are not normalised or attributed',
      functionFix(options),
    );
  return ok('function', `${found.name}, ${found.timeoutSeconds} s${found.isInVpc ? ', in a VPC' : ''}`);
}

/**
 * The command that deploys the function for the named clusters. Not with `--guided`: SAM prompts for every secret parameter
 * again and saves values that overwrite those of later deployments.
 */
function functionFix({ function: id, stack = DEFAULT_STACK, cluster, region }: CheckedOptions): string {
  if (id !== undefined)
    return 'correct --function, or leave it out: `aws lambda list-functions` lists the functions';
  if (cluster === undefined || cluster.length === 0)
    return 'run this again with --cluster and the name of a cluster, to see the command that deploys the function; `aws eks list-clusters` lists the clusters';
  const parameters = [`Clusters=${cluster.join(',')}`];
  return deployCommand({ stack, region, parameters, isAgreed: false });
}

/** The key itself is never printed: whoever has it can imitate records. */
function recordKeyCheck({ variables }: DnsFunction, target: DeployTarget): Check {
  if (variables.RECORD_KEY) return ok('record key', 'every record carries one');
  return warning(
    'record key',
    'the function has no RECORD_KEY',
    'whoever can print a line to a log group of the stream can imitate records in Dynatrace',
    // The template sets it. Whether the pipeline asks for it, the checks of Dynatrace show.
    deployFix(target),
  );
}

function streamChecks(found: Stream | string | undefined, options: StreamOptions): readonly Check[] {
  if (typeof found !== 'object') {
    const name = options.stream ?? `of stack "${options.streamStack ?? DYNATRACE_STACK}"`;
    return [
      missing(
        'stream',
        typeof found === 'string' ? found : `there is no stream ${name}`,
        'logs do not reach Dynatrace',
        'name it with --stream or --stream-stack (`aws firehose list-delivery-streams` lists the streams), or let the stack of the function create one: docs/deploy.md',
      ),
    ];
  }
  const { name, status, http } = found;
  if (status !== 'ACTIVE')
    return [warning('stream', `${name} is ${status}`, 'it cannot be changed now', 'wait until it is ACTIVE')];
  if (http === undefined)
    return [
      missing(
        'stream',
        `${name} has no HTTP endpoint`,
        'it does not deliver to Dynatrace',
        'name another stream with --stream',
      ),
    ];
  const delivers = `${name} delivers to ${http.url}`;
  const first =
    dynatraceEndpoint(http.url) === undefined
      ? warning('stream', delivers, OTHER_ENDPOINT, 'make sure that this is the right stream')
      : ok('stream', delivers);
  const log =
    http.errorLogGroup === undefined
      ? warning(
          'stream errors',
          'error logging is off',
          'the reasons for failed records and deliveries are not logged',
          `enable CloudWatchLoggingOptions in the template or tool that created ${name}`,
        )
      : ok('stream errors', `logged to ${http.errorLogGroup}`);
  return [first, log];
}

/** Firehose calls one function per stream, and changes no stream that is not ACTIVE: `attach` refuses both. */
function attachFix(stream: Stream | undefined, dnsFunction: DnsFunction | undefined): string {
  const processing = stream?.http?.processing;
  const other = processing?.Enabled === true ? lambdaIn(processing) : undefined;
  if (stream === undefined || dnsFunction === undefined)
    return 'first the checks of function and stream above';
  if (other !== undefined && unqualified(other) !== dnsFunction.arn)
    return `a stream calls one function: take ${other} out of it, or let the function's stack create a separate stream for DNS logs (docs/deploy.md)`;
  const target = { stream: stream.name, function: dnsFunction.name };
  const command = commandLine(['eks-dns', 'attach'], target);
  return stream.status === 'ACTIVE'
    ? command
    : `wait until stream ${stream.name} is ACTIVE, then: ${inSentence(command)}`;
}

async function attachedChecks(
  aws: Aws,
  stream: Stream | undefined,
  dnsFunction: DnsFunction | undefined,
): Promise<readonly Check[]> {
  const http = stream?.http;
  const fix = attachFix(stream, dnsFunction);
  const called = http && lambdaIn(http.processing);
  if (http === undefined || dnsFunction === undefined || !calls(http.processing, dnsFunction.arn)) {
    const observed = called === undefined ? 'no stream calls the function' : `the stream calls ${called}`;
    const impact = 'DNS logs reach Dynatrace as raw text, without the pod';
    return [
      missing('attached', observed, impact, fix),
      missing('role', 'no function is attached', impact, fix),
    ];
  }
  const role = roleName(http.roleArn);
  const isAllowed = await isGranted(aws, http.roleArn, dnsFunction.arn);
  return [
    ok('attached', `${stream?.name} calls ${dnsFunction.name}`),
    isAllowed
      ? ok('role', `${role} may call the function`)
      : missing('role', `${role} may not call the function`, 'every batch goes to the backup bucket', fix),
  ];
}

async function loopCheck(
  aws: Aws,
  stream: Stream | undefined,
  dnsFunction: DnsFunction | undefined,
): Promise<readonly Check[]> {
  if (stream === undefined || dnsFunction === undefined) return [];
  const groups = [dnsFunction.logGroup, ...(stream.http?.errorLogGroup ? [stream.http.errorLogGroup] : [])];
  const checks: Check[] = [];
  for (const group of groups) {
    const filter = (await filtersOf(aws, group))?.find(({ destinationArn }) => destinationArn === stream.arn);
    if (filter !== undefined)
      checks.push(
        missing(
          'no loop',
          `${group} is subscribed to the stream by filter "${filter.filterName}"`,
          'every batch causes the next, endlessly, and each is billed',
          unsubscribeCommand(group, filter.filterName),
        ),
      );
  }
  return checks.length > 0
    ? checks
    : [ok('no loop', 'the log groups of stream and function are not subscribed to the stream')];
}
