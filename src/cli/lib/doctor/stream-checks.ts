// Checks of function and stream: whether both exist, and whether the stream may and does call the function.
import { isUserError } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { DEFAULT_STACK } from '../aws/stack.ts';
import { filtersOf } from '../log-groups/filters.ts';
import {
  DYNATRACE_STACK,
  findStream,
  type Stream,
  type StreamOptions,
  streamName,
} from '../stream/delivery-stream.ts';
import { dynatraceEndpoint, OTHER_ENDPOINT } from '../stream/dynatrace-endpoint.ts';
import {
  DEPLOYMENT,
  type DnsFunction,
  type FunctionOptions,
  findFunction,
  functionId,
} from '../stream/function.ts';
import { calls, lambdaIn } from '../stream/processing.ts';
import { isGranted, roleName } from '../stream/role-grant.ts';
import { attempt, type Check, missing, ok, warning } from './check.ts';

/** Function and stream, as far as they were found, with their checks. */
export type StreamResult = {
  readonly dnsFunction: DnsFunction | undefined;
  readonly stream: Stream | undefined;
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
export async function checkStream(aws: Aws, options: FunctionOptions & StreamOptions): Promise<StreamResult> {
  let dnsFunction: DnsFunction | undefined;
  let stream: Stream | undefined;
  const checks = [
    ...(await attempt('function', async () => {
      const found = await orMessage(async () => findFunction(aws, await functionId(aws, options)));
      if (typeof found === 'object') dnsFunction = found;
      return [functionCheck(found, options), ...(dnsFunction ? [recordKeyCheck(dnsFunction)] : [])];
    })),
    ...(await attempt('stream', async () => {
      const found = await orMessage(async () => findStream(aws, await streamName(aws, options)));
      if (typeof found === 'object') stream = found;
      return streamChecks(found, options);
    })),
    ...(await attempt('attached', () => attachedChecks(aws, stream, dnsFunction))),
    ...(await attempt('no loop', () => loopCheck(aws, stream, dnsFunction))),
  ];
  return { dnsFunction, stream, checks };
}

function functionCheck(found: DnsFunction | string | undefined, options: FunctionOptions): Check {
  const name = options.function ?? `stack "${options.stack ?? DEFAULT_STACK}"`;
  if (typeof found !== 'object')
    return missing(
      'function',
      typeof found === 'string' ? found : `there is no function ${name}`,
      'DNS logs are not normalised or attributed',
      DEPLOYMENT,
    );
  return ok('function', `${found.name}, ${found.timeoutSeconds} s${found.isInVpc ? ', in a VPC' : ''}`);
}

/** The key itself is never printed: whoever has it can imitate records. */
function recordKeyCheck({ variables }: DnsFunction): Check {
  if (variables.RECORD_KEY) return ok('record key', 'every record carries one');
  return warning(
    'record key',
    'the function has no RECORD_KEY',
    'whoever can print a line to a log group of the stream can imitate records in Dynatrace',
    'deploy the current template.yaml, which sets it, then run eks-dns dynatrace apply',
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
        'name it with --stream or --stream-stack; or create one: sam deploy --parameter-overrides DynatraceUrl=... DynatraceTokenSecretArn=...',
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
          `enable CloudWatchLoggingOptions in the stack that created ${name} (or: aws firehose update-destination)`,
        )
      : ok('stream errors', `logged to ${http.errorLogGroup}`);
  return [first, log];
}

async function attachedChecks(
  aws: Aws,
  stream: Stream | undefined,
  dnsFunction: DnsFunction | undefined,
): Promise<readonly Check[]> {
  const http = stream?.http;
  const fix = `eks-dns attach${stream ? ` --stream ${stream.name}` : ''}${dnsFunction ? ` --function ${dnsFunction.name}` : ''}`;
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
          `eks-dns unsubscribe --log-group ${group} --filter-name ${filter.filterName}`,
        ),
      );
  }
  return checks.length > 0
    ? checks
    : [ok('no loop', 'the log groups of stream and function are not subscribed to the stream')];
}
