// Commands of kubectl to print: for the cluster that is meant, whatever the current context is.
import { join } from 'node:path';
import { packageFolder } from '../io/package-folder.ts';
import { commandLine } from '../shell.ts';
import { pathFromUser } from '../started-as.ts';

/** The roles and bindings that the function needs, below the folder of this program. */
export const RULES_FILE = 'scripts/kubernetes/rbac.yaml';

/** A cluster by name; `region` where it has to be named. */
export type NamedCluster = { readonly name: string; readonly region: string | undefined };

/** `aws eks update-kubeconfig --name shop && kubectl get pods`: the first half makes the cluster the current context. */
export const kubectlCommand = ({ name, region }: NamedCluster, ...words: readonly string[]): string =>
  `${commandLine(['aws', 'eks', 'update-kubeconfig'], { region, name })} && ${commandLine(['kubectl', ...words])}`;

/** Path of the rules from where the user called the command. */
export const rulesPath = (): string => pathFromUser(join(packageFolder(), RULES_FILE));

/** The command that writes the rules into a cluster, or deletes them. */
export const rulesCommand = (cluster: NamedCluster, verb: 'apply' | 'delete' = 'apply'): string =>
  kubectlCommand(cluster, verb, '-f', rulesPath());
