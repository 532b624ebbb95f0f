import type { Aws } from '../aws/clients.ts';
import { DEFAULT_STACK, stackOutput } from '../aws/stack.ts';
import { defaultPattern } from '../log-groups/pattern.ts';
import type { FunctionOptions } from '../stream/function.ts';
import { DYNATRACE_STACK, type Stream, type StreamOptions } from '../stream/stream.ts';

/** The command that puts a group onto the stream, with all that `subscribe` cannot find by itself. */
export async function subscribeFix(
  aws: Aws,
  logGroup: string,
  stream: Stream | undefined,
  options: FunctionOptions & StreamOptions,
): Promise<string> {
  const to = stream === undefined ? '' : ` ${await targetOf(aws, stream, options)}`;
  const pattern = defaultPattern(logGroup);
  return `eks-dns subscribe --log-group ${logGroup}${to}${pattern && ` --filter-pattern '${pattern}'`}`;
}

/** Options that name the stream and the role of CloudWatch Logs: the stack that made both, where it is known. */
async function targetOf(aws: Aws, stream: Stream, options: FunctionOptions & StreamOptions): Promise<string> {
  const known = [options.streamStack, DYNATRACE_STACK, options.stack ?? DEFAULT_STACK];
  for (const stack of new Set(known)) {
    if (stack !== undefined && (await hasMade(aws, stack, stream))) return `--stream-stack ${stack}`;
  }
  return `--stream ${stream.name} --role-arn <role of CloudWatch Logs>`;
}

async function hasMade(aws: Aws, stack: string, stream: Stream): Promise<boolean> {
  try {
    return (await stackOutput(aws, stack, 'FirehoseArn', '')) === stream.arn;
  } catch {
    // No stack, no output or no right to look: the fix only gets longer.
    return false;
  }
}
