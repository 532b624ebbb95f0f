import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand } from '../lib/aws/command.ts';
import { commandLine } from '../lib/shell.ts';
import {
  ATTACH_GRANTS,
  type AttachPlan,
  addFunctionOptions,
  addStreamOptions,
  attach,
  type BufferingHints,
  DEFAULT_HINTS,
  dynatraceEndpoint,
  type FunctionOptions,
  grantDocument,
  grantName,
  OTHER_ENDPOINT,
  planAttach,
  roleName,
  type StreamOptions,
} from '../lib/stream/index.ts';
import { diffOf, jsonText, numberFrom, print, printJson, warn } from '../terminal.ts';

type Options = StreamOptions &
  FunctionOptions &
  BufferingHints & {
    readonly region?: string;
    readonly dryRun?: boolean;
    readonly json?: boolean;
    readonly settleSeconds: string;
  };

/** `eks-dns attach`: sets the function as the transformation Lambda of an existing stream. */
export function attachCommand(): Command {
  const summary = "set the function as the stream's transformation Lambda";
  const command = awsCommand('attach', summary, ATTACH_GRANTS, run);
  return addFunctionOptions(addStreamOptions(command))
    .option(
      '--buffer-mb <n>',
      'buffer size per invocation, MB of gzip, 0.2 to 3',
      numberFrom(0.2, 3),
      DEFAULT_HINTS.bufferMb,
    )
    .option(
      '--buffer-seconds <n>',
      'buffer interval, seconds, 0 to 900',
      numberFrom(0, 900),
      DEFAULT_HINTS.bufferSeconds,
    )
    .option(
      '--retries <n>',
      'attempts before a batch goes to the backup bucket',
      numberFrom(0, 300),
      DEFAULT_HINTS.retries,
    )
    .option(
      '--settle-seconds <n>',
      'seconds to wait for a new IAM policy to propagate',
      numberFrom(0, 600),
      '15',
    )
    .option('--dry-run', 'show the change without making it')
    .option('--json', 'print the result as JSON');
}

async function run(options: Options, aws: Aws): Promise<void> {
  const plan = await planAttach(aws, options);
  const { streamName, http, dnsFunction, needsGrant, needsUpdate } = plan;
  const isDryRun = options.dryRun === true;
  if (!isDryRun) await attach(aws, plan, options, Number(options.settleSeconds));
  if (options.json === true)
    return printJson({
      stream: streamName,
      function: dnsFunction.arn,
      changed: needsUpdate || needsGrant,
      dryRun: isDryRun,
      before: http.processing,
      after: plan.processing,
      grant: needsGrant ? { role: roleName(http.roleArn), policy: grantName(dnsFunction.arn) } : undefined,
    });
  if (isDryRun) return showChange(plan);
  print(
    needsUpdate || needsGrant
      ? `stream "${streamName}" now calls ${dnsFunction.name}; Firehose applies the change within a few minutes`
      : `nothing to do: stream "${streamName}" already calls ${dnsFunction.name}`,
  );
  if (dynatraceEndpoint(http.url) === undefined)
    warn(`stream "${streamName}" delivers to ${http.url}; ${OTHER_ENDPOINT}`);
  if (http.errorLogGroup === undefined)
    warn(
      "the stream's error logging is off, so errors of the function appear only in alarms and in its own log",
    );
  const target = { stream: streamName, function: dnsFunction.name, region: options.region };
  print(`next: ${commandLine(['eks-dns', 'doctor'], target)}`);
}

function showChange({ streamName, http, dnsFunction, processing, needsGrant }: AttachPlan): void {
  const policy = `role ${roleName(http.roleArn)}: inline policy ${grantName(dnsFunction.arn)}`;
  const changes = [
    needsGrant ? diffOf(policy, '', `${grantDocument(dnsFunction.arn)}\n`) : '',
    diffOf(`stream ${streamName}: ProcessingConfiguration`, jsonText(http.processing), jsonText(processing)),
  ].filter((diff) => diff !== '');
  print(changes.length === 0 ? 'nothing would change' : changes.join('\n'));
}
