import type { Aws } from '../aws/clients.ts';
import { DEFAULT_STACK, stackOutput } from '../aws/stack.ts';
import { defaultPattern } from '../log-groups/pattern.ts';
import { DYNATRACE_STACK, type Stream, type StreamOptions } from '../stream/delivery-stream.ts';
import type { FunctionOptions } from '../stream/function.ts';

/** The command that subscribes a group, with all options that `subscribe` cannot find itself. */
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

/** Options that name the stream and the role of CloudWatch Logs; if known, the stack that created both. */
async function targetOf(aws: Aws, stream: Stream, options: FunctionOptions & StreamOptions): Promise<string> {
  const known = [options.streamStack, DYNATRACE_STACK, options.stack ?? DEFAULT_STACK];
  for (const stack of new Set(known)) {
    if (stack !== undefined && (await hasCreated(aws, stack, stream))) return `--stream-stack ${stack}`;
  }
  return `--stream ${stream.name} --role-arn ROLE_OF_CLOUDWATCH_LOGS`;
}

async function hasCreated(aws: Aws, stack: string, stream: Stream): Promise<boolean> {
  try {
    return (await stackOutput(aws, stack, 'FirehoseArn', '')) === stream.arn;
  } catch {
    // Without stack, output or permission the fix only gets longer.
    return false;
  }
}
