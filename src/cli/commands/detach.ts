import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand } from '../lib/aws/command.ts';
import { withDecided } from '../lib/setup/decided.ts';
import {
  addFunctionOptions,
  addStreamOptions,
  DETACH_GRANTS,
  type DetachPlan,
  detach,
  type FunctionOptions,
  planDetach,
  type StreamOptions,
} from '../lib/stream/index.ts';
import { diffOf, jsonText, numberFrom, print, printJson } from '../terminal.ts';

type Options = StreamOptions &
  FunctionOptions & { readonly dryRun?: boolean; readonly json?: boolean; readonly settleSeconds: string };

/** `eks-dns detach`: removes the function from the stream and restores the stream's processing from before `attach`. */
export function detachCommand(): Command {
  const summary = 'remove the function from the stream (before the function is deleted)';
  const command = awsCommand('detach', summary, DETACH_GRANTS, run, (options) =>
    withDecided(options, ['region', 'stack', 'stream']),
  );
  return addFunctionOptions(addStreamOptions(command))
    .option(
      '--settle-seconds <n>',
      'seconds to wait until Firehose stops invoking the function',
      numberFrom(0, 3600),
      '300',
    )
    .option('--dry-run', 'show the change without making it')
    .option('--json', 'print the result as JSON');
}

async function run(options: Options, aws: Aws): Promise<void> {
  const plan = await planDetach(aws, options);
  const result = {
    stream: plan.streamName,
    function: plan.functionArn,
    changed: plan.needsUpdate,
    dryRun: options.dryRun === true,
    before: plan.http.processing,
    after: plan.processing,
  };
  if (options.dryRun === true) return options.json === true ? printJson(result) : showChange(plan);
  const revoked = await detach(aws, plan, Number(options.settleSeconds));
  if (options.json === true) return printJson({ ...result, revoked });
  print(
    plan.needsUpdate
      ? `stream "${plan.streamName}" no longer calls the function, which can be deleted now`
      : `nothing to do: stream "${plan.streamName}" does not call ${plan.functionArn}`,
  );
}

function showChange({ streamName, http, processing }: DetachPlan): void {
  const title = `stream ${streamName}: ProcessingConfiguration`;
  const diff = diffOf(title, jsonText(http.processing), jsonText(processing));
  print(diff === '' ? 'nothing would change' : diff);
}
