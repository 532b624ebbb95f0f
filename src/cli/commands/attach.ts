import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand } from '../lib/aws/command.ts';
import { STACK_GRANT } from '../lib/aws/stack.ts';
import { READ_FILTER_GRANTS, refuseLoop } from '../lib/log-groups/filters.ts';
import { type DnsFunction, type FunctionOptions, usableFunction } from '../lib/stream/function.ts';
import { attached, calls, type Hints, undoTags } from '../lib/stream/processing.ts';
import {
  grant,
  grantDocument,
  grantName,
  isGranted,
  READ_POLICY_GRANT,
  READ_ROLE_GRANT,
  roleName,
  WRITE_ROLE_GRANT,
} from '../lib/stream/role-grant.ts';
import {
  changeable,
  READ_STREAM_GRANT,
  readStream,
  type Stream,
  type StreamOptions,
  streamName,
} from '../lib/stream/stream.ts';
import { UPDATE_STREAM_GRANT, updateProcessing } from '../lib/stream/update.ts';
import { diffOf, numberFrom, print, printJson, progress, warn } from '../terminal.ts';

type Options = StreamOptions &
  FunctionOptions &
  Hints & { readonly dryRun?: boolean; readonly json?: boolean; readonly settleSeconds: string };

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** `eks-dns attach`: makes an existing stream call the function. */
export function attachCommand(): Command {
  const grants = [
    STACK_GRANT,
    READ_STREAM_GRANT,
    UPDATE_STREAM_GRANT,
    ...READ_FILTER_GRANTS,
    READ_ROLE_GRANT,
    READ_POLICY_GRANT,
    WRITE_ROLE_GRANT,
  ];
  return awsCommand('attach', 'chain the function onto an existing delivery stream', grants, attach)
    .option('--stream <name>', 'the delivery stream, by name or ARN')
    .option('--stream-stack <name>', "else Dynatrace's stack that made it (dynatrace-log-delivery-stream)")
    .option('--function <name>', 'the function, by name or ARN')
    .option('--stack <name>', "else this project's stack (eks-dns-firehose)")
    .option(
      '--buffer-mb <n>',
      'what Firehose gathers per invocation, MB of gzip, 0.2 to 3',
      numberFrom(0.2, 3),
      '0.5',
    )
    .option('--buffer-seconds <n>', 'or for how long, seconds, 0 to 900', numberFrom(0, 900), '60')
    .option('--retries <n>', 'tries before a batch goes to the backup bucket', numberFrom(0, 300), '3')
    .option('--settle-seconds <n>', 'wait after a new right, for IAM to spread it', numberFrom(0, 600), '15')
    .option('--dry-run', 'show the change, make none')
    .option('--json', 'print the outcome as JSON');
}

async function attach(options: Options, aws: Aws): Promise<void> {
  const name = await streamName(aws, options);
  const stream = await readStream(aws, name);
  const http = changeable(stream);
  const dnsFunction = await usableFunction(aws, options);
  await refuseLoop(aws, dnsFunction, stream);
  const after = attached(http.processing, dnsFunction.arn, options);
  const needsGrant = !(await isGranted(aws, http.roleArn, dnsFunction.arn));
  const outcome = {
    stream: name,
    function: dnsFunction.arn,
    changed: after !== undefined || needsGrant,
    dryRun: options.dryRun === true,
    before: http.processing,
    after: after ?? http.processing,
    grant: needsGrant ? { role: roleName(http.roleArn), policy: grantName(dnsFunction.arn) } : undefined,
  };
  if (options.dryRun === true) {
    if (options.json === true) return printJson(outcome);
    return showChange(stream, dnsFunction, outcome.after, needsGrant);
  }
  if (needsGrant) await grantAndSettle(aws, http.roleArn, dnsFunction.arn, Number(options.settleSeconds));
  if (after !== undefined) await change(aws, name, dnsFunction, options);
  if (options.json === true) return printJson(outcome);
  print(
    outcome.changed
      ? `stream "${name}" calls ${dnsFunction.name} now; Firehose takes the change up within a few minutes`
      : `nothing to do: stream "${name}" calls ${dnsFunction.name} already`,
  );
  if (http.errorLogGroup === undefined)
    warn(
      "the stream's error logging is off, so faults of the function show only as alarms and in its own log",
    );
  print(`next: eks-dns doctor --stream ${name} --function ${dnsFunction.name}`);
}

async function grantAndSettle(
  aws: Aws,
  roleArn: string,
  functionArn: string,
  seconds: number,
): Promise<void> {
  progress(`adding the inline policy ${grantName(functionArn)} to role ${roleName(roleArn)}`);
  await grant(aws, roleArn, functionArn);
  // A stream whose role may not call the function yet puts whole batches into the backup bucket.
  progress(`waiting ${seconds} s for IAM to spread it`);
  await sleep(seconds * 1000);
}

async function change(aws: Aws, name: string, dnsFunction: DnsFunction, hints: Hints): Promise<void> {
  progress(`changing the processing of stream "${name}"`);
  const before = await updateProcessing(aws, name, (http) =>
    attached(http.processing, dnsFunction.arn, hints),
  );
  const block = before?.http?.processing;
  // Attached already, with other hints: what the tags hold is older and still true.
  if (block === undefined || calls(block, dnsFunction.arn)) return;
  const Tags = undoTags(block);
  await (await aws.firehose()).tagDeliveryStream({ DeliveryStreamName: name, Tags });
}

function showChange(stream: Stream, dnsFunction: DnsFunction, after: object, needsGrant: boolean): void {
  const http = changeable(stream);
  const blocks = diffOf(`stream ${stream.name}: ProcessingConfiguration`, json(http.processing), json(after));
  const policy = `role ${roleName(http.roleArn)}: inline policy ${grantName(dnsFunction.arn)}`;
  const grants = needsGrant ? diffOf(policy, '', `${grantDocument(dnsFunction.arn)}\n`) : '';
  const changes = [grants, blocks].filter((diff) => diff !== '');
  print(changes.length === 0 ? 'nothing would change' : changes.join('\n'));
}
