import { Command, Option } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect, required } from '../lib/aws/command.ts';
import { DEFAULT_STACK, STACK_GRANT, stackOutput } from '../lib/aws/stack.ts';
import { printChecks } from '../lib/doctor/print-checks.ts';
import type { Session } from '../lib/dynatrace/api.ts';
import {
  type ApplyOptions,
  apply,
  arrivalCheck,
  checkedKey,
  escaped,
  inspect,
  keysIn,
  loadContent,
  openSession,
  PARTS,
  type Part,
  parsePosition,
  planApply,
  planRemove,
  previewChecks,
  printedPart,
  readTenant,
  runSteps,
  type Step,
  type Tenant,
  type TokenOptions,
} from '../lib/dynatrace/index.ts';
import { commandLine } from '../lib/shell.ts';
import { diffOf, EXIT, jsonText, print, printJson, progress, table, warn } from '../terminal.ts';

type Common = TokenOptions & { readonly dryRun?: boolean; readonly json?: boolean };

type Options = Common & {
  readonly region?: string;
  readonly stack?: string;
  /** False for `--no-record-key`. */
  readonly recordKey?: readonly string[] | false;
  readonly position?: string;
  readonly alerts?: boolean;
  readonly findings?: boolean;
  readonly lists?: boolean;
  readonly yes?: boolean;
  readonly print?: Part;
};

/** `eks-dns dynatrace`: makes everything that an environment needs to show the records, looks at it, takes it away. */
export function dynatraceCommand(): Command {
  const command = new Command('dynatrace').description(
    'make pipeline, route and dashboard in Dynatrace, check them, remove them',
  );
  for (const one of [applyCommand(), statusCommand(), removeCommand()]) command.addCommand(one);
  return command;
}

function applyCommand(): Command {
  const summary = 'make pipeline, route, dashboard and notebook, or bring them to this version';
  return environmentOptions(awsCommand('apply', summary, [STACK_GRANT], runApply))
    .option('--stack <name>', `stack whose record key the pipeline accepts (default: ${DEFAULT_STACK})`)
    .option('--record-key <key>', 'accept this key instead; repeat, or separate with commas', collect)
    .option('--no-record-key', 'accept records without a key: for functions that write none')
    .option(
      '--position <where>',
      'of the route: first, last or before:<pipeline> (default: first; one that is there stays)',
    )
    .option('--alerts', 'also make the anomaly detectors')
    .option('--findings', 'also write firewall blocks and alerts as security events, which are billed')
    .option('--lists', 'also upload the lookup tables')
    .option('--yes', 'go ahead of enabled routes of others')
    .option('--dry-run', 'show the change without making it')
    .addOption(
      new Option('--print [part]', 'print the JSON to apply it by other means, without calling Dynatrace')
        .choices(PARTS)
        .preset('pipeline'),
    )
    .option('--json', 'print the result as JSON');
}

function statusCommand(): Command {
  const summary = 'check what is there: exit code 1 if something is missing';
  return environmentOptions(new Command('status').description(summary))
    .option('--json', 'print the checks as JSON')
    .action(runStatus);
}

function removeCommand(): Command {
  const summary = 'take away what apply made, and nothing else';
  return environmentOptions(new Command('remove').description(summary))
    .option('--dry-run', 'show the change without making it')
    .option('--json', 'print the result as JSON')
    .action(runRemove);
}

const environmentOptions = (command: Command): Command =>
  command
    .argument('[url]', 'environment: https://<environment>.apps.dynatrace.com or .live.dynatrace.com')
    .option('--token-file <path>', 'file with the token (default: the environment variable DT_TOKEN)');

async function runApply(options: Options, aws: Aws, [url]: readonly string[]): Promise<void> {
  const content = loadContent();
  if (options.print !== undefined) {
    const keys = await keysToAdd(options, aws, undefined);
    return printJson(printedPart(content, options.print, keys, options.findings === true));
  }
  const position = options.position === undefined ? undefined : parsePosition(options.position);
  const address = required(url, '<url>');
  const session = await openSession(address, options);
  progress('reading pipelines and routes');
  const tenant = await readTenant(session);
  const applyOptions: ApplyOptions = {
    keys: await keysToAdd(options, aws, tenant),
    position,
    alerts: options.alerts === true,
    findings: options.findings === true,
    lists: options.lists === true,
    mayPrecede: options.yes === true,
  };
  const plan = await planApply(session, tenant, content, applyOptions);
  const { precedes, behind, action } = plan.route;
  const isDryRun = options.dryRun === true;
  if (!isDryRun) await apply(plan, applyOptions);
  const checks = isDryRun ? [] : await checksAfter(session);
  if (checks.some(({ state, name }) => state === 'missing' && name !== 'Dynatrace records'))
    process.exitCode = EXIT.failed;
  if (options.json === true)
    return printJson({ ...resultOf(plan.steps, isDryRun), precedes, behind, notes: plan.notes, checks });
  showSteps(plan.steps, isDryRun);
  for (const note of plan.notes) print(`note: ${note}`);
  if (action !== 'keep')
    for (const name of precedes)
      print(`ahead of the enabled route "${name}"${isDryRun ? ': needs --yes' : ''}`);
  if (behind.length > 0)
    warn(`enabled routes ahead of ours may take records of the function: ${behind.join(', ')}`);
  if (isDryRun) return;
  printChecks(checks);
  const { tokenFile, stack, region } = options;
  const target = { dynatrace: address, 'token-file': tokenFile, stack, region };
  print(`next: ${commandLine(['eks-dns', 'doctor'], target)}`);
}

/** What shows that the change works, as far as the token may look. */
async function checksAfter(session: Session) {
  const { pipeline } = await readTenant(session);
  return [...(await previewChecks(session, pipeline?.value)), await arrivalCheck(session)];
}

/** Keys by option; without one those that the pipeline has, and only for a new pipeline that of the default stack. */
async function keysToAdd(
  { recordKey, stack }: Options,
  aws: Aws,
  tenant: Tenant | undefined,
): Promise<ApplyOptions['keys']> {
  if (recordKey === false) return 'none';
  const named = (recordKey ?? []).map(checkedKey);
  const known = keysIn(tenant?.pipeline?.value);
  if (stack === undefined && (named.length > 0 || known.length > 0)) return named;
  const remedy = 'name its stack with --stack <name>, or the key with --record-key <key>';
  return [...named, checkedKey(await stackOutput(aws, stack ?? DEFAULT_STACK, 'RecordKey', remedy))];
}

async function runStatus(url: string | undefined, options: Common): Promise<void> {
  const address = required(url, '<url>');
  const checks = await inspect(await openSession(address, options), {
    content: loadContent(),
    url: address,
    tokenFile: options.tokenFile,
  });
  const isComplete = checks.every(({ state }) => state !== 'missing');
  if (!isComplete) process.exitCode = EXIT.failed;
  if (options.json === true) return printJson({ ok: isComplete, checks });
  printChecks(checks);
}

async function runRemove(url: string | undefined, options: Common): Promise<void> {
  const session = await openSession(required(url, '<url>'), options);
  const { steps, notes } = await planRemove(session, await readTenant(session), loadContent());
  const isDryRun = options.dryRun === true;
  if (!isDryRun) await runSteps(steps);
  if (options.json === true) return printJson({ ...resultOf(steps, isDryRun), notes });
  showSteps(steps, isDryRun);
  for (const note of notes) print(`note: ${note}`);
}

const isChange = ({ action }: Step): boolean => action !== 'keep';

const resultOf = (steps: readonly Step[], dryRun: boolean): object => ({
  dryRun,
  changed: steps.some(isChange),
  steps: steps.map(({ action, kind, name }) => ({ action, kind, name })),
});

/** The steps as a table; in a dry run with what each changes. */
function showSteps(steps: readonly Step[], isDryRun: boolean): void {
  if (!steps.some(isChange)) print('nothing to change');
  print(
    table(
      [isDryRun ? 'planned action' : 'action', 'what', 'name'],
      steps.map(({ action, kind, name }) => [action, kind, name]),
    ),
  );
  if (!isDryRun) return;
  for (const { kind, name, before, after } of steps.filter(isChange)) {
    print();
    print(diffOf(`${kind} ${name}`, textOf(before), textOf(after)));
  }
}

const textOf = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : escaped(jsonText(value));
