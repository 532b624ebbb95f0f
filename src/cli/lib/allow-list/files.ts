// The files of an allow list, by path within the output folder.
import type { AllowList } from './build.ts';
import { type CiliumPolicy, isWritablePolicy, policyYaml } from './cilium.ts';
import { vpcFiles } from './dns-firewall.ts';

/** A file to write: `cilium/shop/payments-deployment-checkout.yaml`. */
export type OutputFile = { readonly path: string; readonly text: string };

/** Text of a log as part of a path: nothing but letters, digits, dashes, underscores and inner dots. */
const pathPart = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^\.+/, '-')
    .slice(0, 120) || '-';

/** All files, and the workloads whose names no object of Kubernetes can have. `about`: a line on the input. */
export function filesOf(
  list: AllowList,
  about: string,
): { readonly files: readonly OutputFile[]; readonly skipped: readonly CiliumPolicy[] } {
  const files = new Map<string, string>();
  const add = (folder: string, name: string, extension: string, text: string): void => {
    let path = `${folder}/${name}.${extension}`;
    for (let number = 2; files.has(path); number++) path = `${folder}/${name}-${number}.${extension}`;
    files.set(path, text);
  };
  const skipped: CiliumPolicy[] = [];
  for (const policy of list.policies) {
    if (!isWritablePolicy(policy)) {
      skipped.push(policy);
      continue;
    }
    const { cluster = 'unknown-cluster', namespace, kind, workload } = policy;
    const name = pathPart(`${namespace}-${kind}-${workload}`);
    add(`cilium/${pathPart(cluster)}`, name, 'yaml', policyYaml(policy, about));
  }
  for (const vpc of list.vpcs) {
    const { template, domains } = vpcFiles(vpc, about);
    const name = pathPart(vpc.vpcId ?? 'unknown-vpc');
    add('dns-firewall', name, 'yaml', template);
    if (domains !== undefined) add('dns-firewall', name, 'txt', domains);
  }
  return { files: [...files].map(([path, text]) => ({ path, text })), skipped };
}
