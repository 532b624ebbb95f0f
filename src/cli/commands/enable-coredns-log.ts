import { createInterface } from 'node:readline/promises';
import type { ResolveConflicts } from '@aws-sdk/client-eks';
import { type Command, Option } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, required } from '../lib/aws/command.ts';
import { READ_CLUSTER_GRANT, UPDATE_ADDON_GRANT } from '../lib/cluster/addon.ts';
import { type CorefileSource, openCorefile } from '../lib/cluster/corefile-source.ts';
import { type LogStyle, withLog } from '../lib/corefile/edit.ts';
import { undone } from '../lib/corefile/markers.ts';
import { parseCorefile } from '../lib/corefile/parse.ts';
import { queriedBlocks } from '../lib/corefile/zones.ts';
import { diffOf, EXIT, fail, print, printJson, warn } from '../terminal.ts';

type Options = {
  readonly region?: string;
  readonly cluster?: string;
  readonly format?: string;
  readonly podIdentity?: boolean;
  readonly configMap: string;
  readonly resolveConflicts: Lowercase<ResolveConflicts>;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
};

/** `eks-dns enable-coredns-log`: makes a cluster's CoreDNS log every query. */
export function enableCorednsLogCommand(): Command {
  const grants = [READ_CLUSTER_GRANT, UPDATE_ADDON_GRANT];
  return awsCommand('enable-coredns-log', "make a cluster's CoreDNS log its queries", grants, enable)
    .option('--cluster <name>', 'EKS cluster')
    .option('--pod-identity', 'log the pod that asked, too (needs more memory in CoreDNS; see the warning)')
    .option('--format <format>', 'FORMAT of the log directive, verbatim')
    .option('--config-map <name>', 'ConfigMap in kube-system, where CoreDNS is no add-on', 'coredns')
    .addOption(
      new Option('--resolve-conflicts <how>', 'what EKS does about changes that were made by hand')
        .choices(['none', 'overwrite', 'preserve'])
        .default('none'),
    )
    .option('--undo', 'take exactly that change back')
    .option('--dry-run', 'show the diff, change nothing')
    .option('--yes', 'make the change without asking')
    .option('--json', 'print the outcome as JSON');
}

function styleOf({ format, podIdentity }: Options): LogStyle {
  if (format !== undefined && podIdentity === true)
    throw fail('--format and --pod-identity exclude each other', 'choose one', EXIT.usage);
  if (format !== undefined) return { kind: 'format', format };
  return { kind: podIdentity === true ? 'pod-identity' : 'plain' };
}

async function enable(options: Options, aws: Aws): Promise<void> {
  const cluster = required(options.cluster, '--cluster <name>');
  const style = styleOf(options);
  const source = await openCorefile(aws, cluster, options);
  const before = source.corefile;
  const { after, notes, warnings } =
    options.undo === true ? { after: undone(before), notes: [], warnings: [] } : withLog(before, style);
  for (const warning of warnings) warn(warning);
  const outcome = { cluster, where: source.where, changed: after !== before, before, after, notes, warnings };
  const json = options.json === true;
  if (!json) for (const note of notes) print(note);
  if (after === before) return json ? printJson(outcome) : print(`nothing to do in the ${source.where}`);
  if (!json) print(diffOf(`${cluster}: Corefile (${source.where})`, before, after));
  if (options.dryRun === true) return json ? printJson({ ...outcome, dryRun: true }) : undefined;
  if (options.yes !== true) await confirm();
  await source.write(after);
  if (json) return printJson(outcome);
  print(`changed the ${source.where}`);
  print(nextStep(after, source));
}

/** The cluster's DNS hangs on this file: a person says yes, or a script says --yes. */
async function confirm(): Promise<void> {
  const refusal = fail(
    'nothing was changed',
    'add --yes to make this change, or --dry-run to only see it',
    EXIT.usage,
  );
  if (process.stdin.isTTY !== true) throw refusal;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('change the Corefile? [y/N] ');
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw refusal;
}

function nextStep(corefile: string, source: CorefileSource): string {
  const reloads = queriedBlocks(parseCorefile(corefile)).some(({ directives }) =>
    directives.some(({ name }) => name === 'reload'),
  );
  if (reloads) return 'CoreDNS takes it up by itself within about two minutes (plugin reload)';
  return `this Corefile has no reload plugin, so restart it: kubectl -n kube-system rollout restart ${source.workload}`;
}
