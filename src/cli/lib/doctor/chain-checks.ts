// Function and stream: are both there, and does the one call the other?
import type { Aws } from '../aws/clients.ts';
import { DEFAULT_STACK } from '../aws/stack.ts';
import { filtersOf } from '../log-groups/filters.ts';
import {
  DEPLOYMENT,
  type DnsFunction,
  type FunctionOptions,
  findFunction,
  functionId,
} from '../stream/function.ts';
import { calls, lambdaIn } from '../stream/processing.ts';
import { isGranted, roleName } from '../stream/role-grant.ts';
import {
  DYNATRACE_STACK,
  findStream,
  type Stream,
  type StreamOptions,
  streamName,
} from '../stream/stream.ts';
import { bad, type Check, good, look, poor } from './check.ts';

/** What the chain hangs on, as far as it was found. */
export type Chain = {
  readonly dnsFunction: DnsFunction | undefined;
  readonly stream: Stream | undefined;
  readonly checks: readonly Check[];
};

const isRefusal = (error: unknown): error is Error => error instanceof Error && 'remedy' in error;

/** Resolves to undefined where something is not there; a fault of AWS goes on. */
async function orNothing<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (isRefusal(error)) return error.message;
    throw error;
  }
}

/** Looks at function, stream, and what ties them together. */
export async function checkChain(aws: Aws, options: FunctionOptions & StreamOptions): Promise<Chain> {
  let dnsFunction: DnsFunction | undefined;
  let stream: Stream | undefined;
  const checks = [
    ...(await look('function', async () => {
      const found = await orNothing(async () => findFunction(aws, await functionId(aws, options)));
      if (typeof found === 'object') dnsFunction = found;
      return [functionCheck(found, options)];
    })),
    ...(await look('stream', async () => {
      const found = await orNothing(async () => findStream(aws, await streamName(aws, options)));
      if (typeof found === 'object') stream = found;
      return streamChecks(found, options);
    })),
    ...(await look('attached', () => attachedChecks(aws, stream, dnsFunction))),
    ...(await look('no loop', () => loopCheck(aws, stream, dnsFunction))),
  ];
  return { dnsFunction, stream, checks };
}

function functionCheck(found: DnsFunction | string | undefined, options: FunctionOptions): Check {
  const name = options.function ?? `stack "${options.stack ?? DEFAULT_STACK}"`;
  if (typeof found !== 'object')
    return bad(
      'function',
      typeof found === 'string' ? found : `there is no function ${name}`,
      'nothing normalizes or attributes DNS logs',
      DEPLOYMENT,
    );
  return good('function', `${found.name}, ${found.timeoutSeconds} s${found.isInVpc ? ', in a VPC' : ''}`);
}

function streamChecks(found: Stream | string | undefined, options: StreamOptions): readonly Check[] {
  if (typeof found !== 'object') {
    const name = options.stream ?? `of stack "${options.streamStack ?? DYNATRACE_STACK}"`;
    return [
      bad(
        'stream',
        typeof found === 'string' ? found : `there is no stream ${name}`,
        'logs have no way to Dynatrace',
        'name it with --stream or --stream-stack; or make one: sam deploy --parameter-overrides DynatraceUrl=... DynatraceTokenSecretArn=...',
      ),
    ];
  }
  const { name, status, http } = found;
  if (status !== 'ACTIVE')
    return [poor('stream', `${name} is ${status}`, 'it takes no changes now', 'wait until it is ACTIVE')];
  if (http === undefined)
    return [
      bad(
        'stream',
        `${name} has no HTTP endpoint`,
        'it does not deliver to Dynatrace',
        'name another with --stream',
      ),
    ];
  const first = http.url.includes('/logs/ingest/aws_firehose')
    ? good('stream', `${name} delivers to ${http.url}`)
    : poor(
        'stream',
        `${name} delivers to ${http.url}`,
        'that is not the address under which Dynatrace takes Firehose logs',
        'see that this is the stream you mean',
      );
  const log =
    http.errorLogGroup === undefined
      ? poor(
          'stream errors',
          'error logging is off',
          'why records fail or are not delivered is written nowhere',
          `aws firehose update-destination: CloudWatchLoggingOptions (in the stack that made ${name})`,
        )
      : good('stream errors', `logged to ${http.errorLogGroup}`);
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
    const saw = called === undefined ? 'no stream calls the function' : `the stream calls ${called}`;
    const means = 'DNS logs reach Dynatrace as raw text, without the pod';
    return [bad('attached', saw, means, fix), bad('role', 'nothing is attached yet', means, fix)];
  }
  const role = roleName(http.roleArn);
  const isAllowed = await isGranted(aws, http.roleArn, dnsFunction.arn);
  return [
    good('attached', `${stream?.name} calls ${dnsFunction.name}`),
    isAllowed
      ? good('role', `${role} may call the function`)
      : bad('role', `${role} may not call the function`, 'every batch ends in the backup bucket', fix),
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
        bad(
          'no loop',
          `${group} is on the stream by filter "${filter.filterName}"`,
          'every batch causes the next, and costs, for ever',
          `eks-dns unsubscribe --log-group ${group} --filter-name ${filter.filterName}`,
        ),
      );
  }
  return checks.length > 0 ? checks : [good('no loop', "the chain's own log groups are not on the stream")];
}
