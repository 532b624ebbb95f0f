import { type Command, InvalidArgumentError, Option } from 'commander';
import { confirm } from '../confirm.ts';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect, required } from '../lib/aws/command.ts';
import { DEFAULT_STACK } from '../lib/aws/stack.ts';
import {
  type Cost,
  costOf,
  forgetDecided,
  PARTS,
  type Part,
  planSetup,
  readDecided,
  runSetup,
  SETUP_GRANTS,
  type SetupOptions,
  STEP_NAMES,
  writeDecided,
} from '../lib/setup/index.ts';
import { hasChanges, printPlan } from '../lib/setup/print-plan.ts';
import { addStreamOptions } from '../lib/stream/index.ts';
import { EXIT, fail, numberFrom, print, printJson } from '../terminal.ts';

type Options = Partial<Omit<SetupOptions, 'settleSeconds'>> & {
  readonly settleSeconds?: string;
  readonly undo?: boolean;
  readonly deleteStack?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
};

/** `eks-dns setup`: everything for one cluster, as one plan with one confirmation; `--undo` takes it back. */
export function setupCommand(): Command {
  const summary = 'set up everything for a cluster: one plan, one confirmation; --undo takes it back';
  return addStreamOptions(awsCommand('setup', summary, SETUP_GRANTS, run, remembered))
    .option('--cluster <name>', 'EKS cluster of this account and region')
    .option('--dynatrace <url>', 'environment: https://<environment>.apps.dynatrace.com')
    .option('--token-file <path>', "file with Dynatrace's token (default: the environment variable DT_TOKEN)")
    .option('--position <where>', 'of the route: first, last or before:<pipeline> (default: first)')
    .option('--stack <name>', `stack of the function (default: ${DEFAULT_STACK})`)
    .option('--token-secret <arn>', 'without a stream: let the stack make one, with the token in this secret')
    .option('--role-arn <arn>', 'role of CloudWatch Logs (default: from the stack of the stream)')
    .option('--log-group <name>', 'log groups of CoreDNS (default: Container Insights)', collect)
    .addOption(listOption('--without <part>', 'leave out; repeat, or separate with commas', PARTS))
    .addOption(listOption('--only <step>', 'only these steps; repeat, or separate with commas', STEP_NAMES))
    .option('--settle-seconds <n>', 'seconds to wait for IAM and Firehose', numberFrom(0, 3600))
    .option('--undo', 'take it back in reverse order; groups and buckets with data stay')
    .option('--delete-stack', 'with --undo: also delete the stack')
    .option('--dry-run', 'show the plan without making the changes')
    .option('--yes', 'make the changes without confirmation')
    .option('--json', 'print plan and result as JSON');
}

/** An option that holds a list of known words. */
function listOption(flags: string, summary: string, words: readonly string[]): Option {
  return new Option(flags, `${summary}: ${words.join(', ')}`).argParser(
    (value: string, before: readonly string[] | undefined) => {
      const list = collect(value, before);
      const unknown = list.find((one) => !words.includes(one));
      if (unknown === undefined) return list;
      throw new InvalidArgumentError(`"${unknown}" is none of ${words.join(', ')}.`);
    },
  );
}

/** What an earlier run decided, where an option does not say otherwise; a run for another cluster starts afresh. */
function remembered(options: Options): Options {
  const decided = readDecided();
  if (decided === undefined || (options.cluster ?? decided.cluster) !== decided.cluster) return options;
  if (options.region !== undefined && options.region !== decided.region) return options;
  const { stream, without = [], ...rest } = decided;
  const isNamed = options.streamStack !== undefined || options.tokenSecret !== undefined;
  const isWanted = (part: Part): boolean =>
    (part === 'dynatrace' && options.dynatrace !== undefined) || options.only?.includes(part) === true;
  return {
    ...rest,
    ...(isNamed ? {} : { stream }),
    without: without.filter((part) => !isWanted(part)),
    ...options,
  } as Options;
}

async function run(given: Options, aws: Aws): Promise<void> {
  if (given.deleteStack === true && given.undo !== true)
    throw fail('--delete-stack is part of --undo', 'add --undo', EXIT.usage);
  const { settleSeconds, ...rest } = given;
  const options: SetupOptions = {
    ...rest,
    cluster: required(given.cluster, '--cluster <name>'),
    without: given.without ?? [],
    only: given.only ?? [],
    ...(settleSeconds === undefined ? {} : { settleSeconds: Number(settleSeconds) }),
  };
  const plan = await planSetup(aws, options);
  const isUndo = options.undo === true;
  const cost = isUndo ? undefined : await costOf(plan.situation);
  const isDryRun = given.dryRun === true;
  const json = (changed: boolean) => resultOf(plan, cost, isDryRun, changed);
  const isJson = given.json === true;
  if (!isJson) printPlan(plan, cost);
  const [blocked] = plan.steps.flatMap(({ blocked: reason }) => reason ?? []);
  if (blocked !== undefined) {
    if (isJson) printJson(json(false));
    throw fail(`nothing was changed: ${blocked.reason}`, blocked.remedy, EXIT.refused);
  }
  if (!hasChanges(plan)) return finish(isJson ? json(false) : undefined, options, plan);
  if (isDryRun) return isJson ? printJson(json(false)) : undefined;
  if (given.yes !== true) await confirm(isUndo ? 'take this back?' : 'make these changes?');
  // Written first, so that the same command without options goes on after a failure.
  if (!isUndo) writeDecided(decidedBy(options, plan));
  const situation = await runSetup(aws, options);
  finish(isJson ? json(true) : undefined, options, { ...plan, situation });
}

type Plan = Awaited<ReturnType<typeof planSetup>>;

const decidedBy = (
  { cluster, region, dynatrace, logGroup, without }: SetupOptions,
  { situation: { stack, stream } }: Plan,
) => ({
  cluster,
  ...(region !== undefined && { region }),
  stack,
  ...(stream !== undefined && { stream: stream.name }),
  ...(dynatrace !== undefined && { dynatrace }),
  ...(logGroup !== undefined && { logGroup: [...logGroup] }),
  ...(without.length > 0 && { without: [...without] }),
});

function resultOf({ steps }: Plan, cost: Cost | undefined, dryRun: boolean, changed: boolean): object {
  return {
    dryRun,
    changed,
    steps: steps.map(({ name, changes, command, notes, blocked }) => ({
      name,
      changes,
      command,
      notes,
      blocked,
    })),
    cost,
  };
}

/** Says how it ended; `result` = print that as JSON instead. */
function finish(result: object | undefined, options: SetupOptions, plan: Plan): void {
  const isUndo = options.undo === true;
  if (!isUndo) writeDecided(decidedBy(options, plan));
  else if (options.only.length === 0) forgetDecided();
  if (result !== undefined) return printJson(result);
  if (!hasChanges(plan)) print('nothing to do');
  else print(isUndo ? 'done' : 'done; records arrive within a few minutes');
  if (!isUndo) print('next: eks-dns doctor');
}
