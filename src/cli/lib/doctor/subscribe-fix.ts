import type { Aws } from '../aws/clients.ts';
import { DEFAULT_STACK, stackOutput } from '../aws/stack.ts';
import { filtersOf } from '../log-groups/filters.ts';
import { defaultPattern } from '../log-groups/pattern.ts';
import { commandLine, inSentence } from '../shell.ts';
import { DYNATRACE_STACK, type Stream, type StreamOptions } from '../stream/delivery-stream.ts';
import type { FunctionOptions } from '../stream/function.ts';

type Options = FunctionOptions & StreamOptions;

/**
 * The command that subscribes a group, with all options that `subscribe` cannot find itself. `groups` are the other log
 * groups, whose filters may show the role. Without a known role, a sentence.
 */
export async function subscribeFix(
  aws: Aws,
  logGroup: string,
  stream: Stream | undefined,
  options: Options,
  groups: readonly string[],
): Promise<string> {
  if (stream === undefined) return 'name the stream with --stream or --stream-stack first';
  const to = await targetOf(aws, stream, options, groups);
  if (to === undefined)
    return `find out with which role CloudWatch Logs may write to stream ${stream.name} (docs/deploy.md), and name it: subscribe has the option --role-arn`;
  const pattern = defaultPattern(logGroup);
  const command = commandLine(['eks-dns', 'subscribe'], {
    'log-group': logGroup,
    ...to,
    'filter-pattern': pattern || undefined,
  });
  return stream.status === 'ACTIVE'
    ? command
    : `wait until stream ${stream.name} is ACTIVE, then: ${inSentence(command)}`;
}

/** Options that name stream and role: the stack that created both, or the role that other filters to the stream have. */
async function targetOf(
  aws: Aws,
  stream: Stream,
  options: Options,
  groups: readonly string[],
): Promise<Readonly<Record<string, string>> | undefined> {
  const known = [options.streamStack, DYNATRACE_STACK, options.stack ?? DEFAULT_STACK];
  for (const stack of new Set(known)) {
    if (stack !== undefined && (await hasCreated(aws, stack, stream))) return { 'stream-stack': stack };
  }
  for (const group of groups) {
    const filter = (await filtersOf(aws, group))?.find(({ destinationArn }) => destinationArn === stream.arn);
    if (filter?.roleArn !== undefined) return { stream: stream.name, 'role-arn': filter.roleArn };
  }
  return undefined;
}

async function hasCreated(aws: Aws, stack: string, stream: Stream): Promise<boolean> {
  try {
    return (await stackOutput(aws, stack, 'FirehoseArn', '')) === stream.arn;
  } catch {
    // Without stack, output or permission the fix only gets longer.
    return false;
  }
}
