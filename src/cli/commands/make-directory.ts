import { Command } from 'commander';
import { fromKubernetesList, isKubernetesList } from '../../inventory/kubectl.ts';
import { parseJson } from '../lib/io/json.ts';
import { emptyInput, linesOf } from '../lib/io/lines.ts';
import { readSettings } from '../lib/records/pipeline.ts';
import { EXIT, fail, progress, warn, write } from '../terminal.ts';

type Options = {
  readonly cluster?: string;
  readonly account?: string;
  readonly region?: string;
  readonly vpc?: string;
};

/** `eks-dns make-directory [file]`: the pods and nodes of `kubectl get -o json` as a small directory file. */
export function makeDirectoryCommand(): Command {
  return new Command('make-directory')
    .description('turn what kubectl prints into a small file of pods and nodes, for -d and DIRECTORY_FILE')
    .argument('[file]', 'output of kubectl get pods,nodes -A -o json; - for stdin (default)', '-')
    .option('-c, --cluster <name>', 'name or ARN of the cluster (default: as eksctl wrote it on the nodes)')
    .option('--account <id>', 'account of the cluster; lines of other accounts are then not attributed')
    .option('--region <name>', 'region of the cluster; lines of other regions are then not attributed')
    .option('--vpc <id>', 'VPC of the cluster; without it, clients of Resolver records are not looked up')
    .addHelpText(
      'after',
      '\nLabels and annotations are kept as far as POD_LABELS, POD_ANNOTATIONS and METADATA_FROM need them.',
    )
    .action(run);
}

// arn:aws:eks:eu-west-1:111122223333:cluster/shop
const ARN = /^arn:[\w-]{1,20}:eks:([\w-]{1,32}):(\d{12}):cluster\/([\w.-]{1,100})$/;

async function run(path: string, { cluster, account, region, vpc }: Options): Promise<void> {
  const json = parseJson(await textOf(path));
  if (!isKubernetesList(json)) throw fail(`${path} is not a list of Kubernetes objects`, SAVE, EXIT.usage);
  const [arn, arnRegion, arnAccount, name = cluster] = ARN.exec(cluster ?? '') ?? [];
  const facts = { name, arn, region: region ?? arnRegion, accountId: account ?? arnAccount, vpcId: vpc };
  const converted = fromKubernetesList(json, facts, readSettings(undefined));
  if (!converted.ok) throw fail(converted.faults, SAVE);
  await write(`${JSON.stringify(converted.file)}\n`);
  report(converted.file);
}

const SAVE = 'save it with `kubectl get pods,nodes -A -o json > pods.json`';

async function textOf(path: string): Promise<string> {
  const groups: string[] = [];
  for await (const lines of linesOf(path)) groups.push(lines.join('\n'));
  if (groups.length === 0) throw emptyInput(path);
  return groups.join('\n');
}

function report({ clusters, pods, nodes, takenAt }: Readonly<Record<string, unknown>>): void {
  const [cluster] = clusters as readonly { readonly name: string; readonly vpcId?: string }[];
  const count = (list: unknown): number => (list as readonly unknown[]).length;
  progress(`${count(pods)} pods and ${count(nodes)} nodes, as they were at ${String(takenAt)}`);
  if (cluster?.name === '')
    warn('the nodes do not name their cluster: add --cluster, or log groups that name one will not match');
}
