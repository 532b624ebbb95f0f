import type { ResolveConflicts } from '@aws-sdk/client-eks';
import { type Command, Option } from 'commander';
import { confirm } from '../confirm.ts';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, required } from '../lib/aws/command.ts';
import { READ_CLUSTER_GRANT, UPDATE_ADDON_GRANT } from '../lib/cluster/addon.ts';
import { type CorefileSource, openCorefile } from '../lib/cluster/index.ts';
import { kubectlCommand, type NamedCluster } from '../lib/cluster/kubectl.ts';
import { formatProblem, type LogStyle, reloadsItself, withLog, withoutEdits } from '../lib/corefile/index.ts';
import { commandLine } from '../lib/shell.ts';
import { diffOf, EXIT, fail, print, printJson, warn } from '../terminal.ts';

type Options = {
  readonly region?: string;
  readonly cluster?: string;
  readonly format?: string;
  readonly podIdentity?: boolean;
  readonly allZones?: boolean;
  readonly configMap: string;
  readonly resolveConflicts: Lowercase<ResolveConflicts>;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
};

/** `eks-dns enable-coredns-log`: enables query logging in a cluster's CoreDNS. */
export function enableCorednsLogCommand(): Command {
  const grants = [READ_CLUSTER_GRANT, UPDATE_ADDON_GRANT];
  return awsCommand('enable-coredns-log', "enable query logging in a cluster's CoreDNS", grants, enable)
    .option('--cluster <name>', 'EKS cluster')
    .option('--pod-identity', 'also log the querying pod (needs more memory in CoreDNS; see the warning)')
    .option('--format <format>', 'FORMAT of the log directive, verbatim')
    .option('--all-zones', "also log the zones outside the cluster's, such as stub domains")
    .option('--config-map <name>', 'ConfigMap in kube-system, if CoreDNS is not an EKS add-on', 'coredns')
    .addOption(
      new Option('--resolve-conflicts <how>', 'how EKS handles manual changes')
        .choices(['none', 'overwrite', 'preserve'])
        .default('none'),
    )
    .option('--undo', 'undo exactly that change')
    .option('--dry-run', 'show the diff without making the change')
    .option('--yes', 'make the change without confirmation')
    .option('--json', 'print the result as JSON');
}

function styleOf({ format, podIdentity }: Options): LogStyle {
  if (format !== undefined && podIdentity === true)
    throw fail('--format and --pod-identity exclude each other', 'choose one', EXIT.usage);
  const problem = format === undefined ? undefined : formatProblem(format);
  if (problem !== undefined)
    throw fail(
      `--format cannot be used: ${problem}`,
      `\`${commandLine(['eks-dns', 'explain-format', format ?? ''])}\` shows what CoreDNS would do`,
      EXIT.usage,
    );
  if (format !== undefined) return { kind: 'format', format };
  return { kind: podIdentity === true ? 'pod-identity' : 'plain' };
}

async function enable(options: Options, aws: Aws): Promise<void> {
  const cluster = required(options.cluster, '--cluster <name>');
  const style = styleOf(options);
  const source = await openCorefile(aws, cluster, options);
  const before = source.corefile;
  const { after, notes, warnings } =
    options.undo === true
      ? { after: withoutEdits(before), notes: [], warnings: [] }
      : withLog(before, style, { allZones: options.allZones === true });
  for (const warning of warnings) warn(warning);
  const result = { cluster, where: source.where, changed: after !== before, before, after, notes, warnings };
  const json = options.json === true;
  if (!json) for (const note of notes) print(note);
  if (after === before) return json ? printJson(result) : print(`nothing to do in the ${source.where}`);
  if (!json) print(diffOf(`${cluster}: Corefile (${source.where})`, before, after));
  if (options.dryRun === true) return json ? printJson({ ...result, dryRun: true }) : undefined;
  // The cluster's DNS depends on this file.
  if (options.yes !== true) await confirm('change the Corefile?');
  await source.write(after);
  if (json) return printJson(result);
  print(`changed the ${source.where}`);
  print(nextStep(after, source, { name: cluster, region: options.region }));
}

function nextStep(corefile: string, source: CorefileSource, cluster: NamedCluster): string {
  if (reloadsItself(corefile)) return 'CoreDNS reloads the Corefile within about two minutes (plugin reload)';
  return `this Corefile has no reload plugin, so restart CoreDNS: \`${kubectlCommand(cluster, '-n', 'kube-system', 'rollout', 'restart', source.workload)}\``;
}
