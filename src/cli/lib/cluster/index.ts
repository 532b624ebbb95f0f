// Finds a cluster's Corefile (EKS add-on or ConfigMap) and changes it there.
import type { ResolveConflicts } from '@aws-sdk/client-eks';
import { EXIT, fail, progress, warn } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { isAwsError } from '../aws/command.ts';
import { withAbsentMarker, withoutAbsentMarker, withoutEdits } from '../corefile/markers.ts';
import { commandLine } from '../shell.ts';
import { type CorednsAddon, describeAddon, readAddon, updateAddon, withCorefile } from './addon.ts';
import { type ClusterApi, openCluster } from './api.ts';
import { readCorefile, writeCorefile } from './config-map.ts';

/** A Corefile, its location, and how to write it. */
export type CorefileSource = {
  readonly corefile: string;
  /** `EKS add-on coredns`, `ConfigMap kube-system/coredns`. */
  readonly where: string;
  /** The workload that uses it: `deployment/coredns`. */
  readonly workload: string;
  readonly write: (corefile: string) => Promise<void>;
};

type Options = {
  readonly region?: string;
  readonly configMap: string;
  readonly resolveConflicts: Lowercase<ResolveConflicts>;
};

const AUTO_MODE =
  'EKS Auto Mode runs CoreDNS on its nodes, and AWS gives no access to its Corefile or its log. ' +
  'Log the Resolver queries of the VPC instead: they contain the instance and the answers';

/** Finds the Corefile: in the add-on's configuration if CoreDNS is an EKS add-on, otherwise in the ConfigMap. */
export async function openCorefile(aws: Aws, cluster: string, options: Options): Promise<CorefileSource> {
  const mode = await readMode(aws, cluster);
  const addon = options.configMap === 'coredns' ? await readAddon(aws, cluster) : undefined;
  if (addon !== undefined) return fromAddon(aws, cluster, addon, options);
  if (mode.isAuto)
    throw fail(
      AUTO_MODE,
      commandLine(['eks-dns', 'enable-resolver-log'], { vpc: mode.vpcId, region: options.region }),
      EXIT.refused,
    );
  return fromConfigMap(await openCluster(cluster, options.region), options.configMap);
}

/** Whether EKS Auto Mode manages the cluster's nodes, and its VPC; throws if the cluster does not exist. */
async function readMode(
  aws: Aws,
  name: string,
): Promise<{ readonly isAuto: boolean; readonly vpcId: string | undefined }> {
  try {
    const { cluster } = await (await aws.eks()).describeCluster({ name });
    return {
      isAuto: cluster?.computeConfig?.enabled === true,
      vpcId: cluster?.resourcesVpcConfig?.vpcId,
    };
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
    throw fail(
      `there is no EKS cluster "${name}" in this account and region`,
      'list them with `aws eks list-clusters`',
    );
  }
}

async function fromAddon(
  aws: Aws,
  cluster: string,
  addon: CorednsAddon,
  options: Options,
): Promise<CorefileSource> {
  if (!/^(ACTIVE|DEGRADED)$/.test(addon.status))
    throw fail(
      `the CoreDNS add-on is ${addon.status}`,
      'wait until it is ACTIVE, then run this again',
      EXIT.refused,
    );
  // If none is configured, start from the Corefile that EKS put into the cluster.
  const own = addon.corefile;
  const ours = own === undefined ? undefined : withoutAbsentMarker(own);
  const wasConfigured = own !== undefined && ours === undefined;
  return {
    corefile: ours ?? own ?? (await readLive(cluster, options.region)),
    where: 'EKS add-on coredns',
    workload: 'deployment/coredns',
    write: (after) => {
      // Undoing a Corefile that was not configured before removes it from the values.
      const hasMarkers = withoutEdits(after) !== after;
      const corefile = wasConfigured ? after : hasMarkers ? withAbsentMarker(after) : undefined;
      const conflicts = options.resolveConflicts.toUpperCase() as ResolveConflicts;
      return updateAddon(aws, cluster, withCorefile(addon.values, corefile), conflicts);
    },
  };
}

async function readLive(cluster: string, region: string | undefined): Promise<string> {
  progress("the add-on has no corefile configured; reading the cluster's");
  const found = await readCorefile(await openCluster(cluster, region), 'coredns');
  if (found === undefined)
    throw fail(
      'there is no ConfigMap kube-system/coredns',
      `check that the add-on is healthy: \`${describeAddon(cluster)}\``,
    );
  return found.corefile;
}

const TRIES = 5;

async function fromConfigMap(api: ClusterApi, name: string): Promise<CorefileSource> {
  const found = await readCorefile(api, name);
  if (found === undefined)
    throw fail(
      `there is no ConfigMap kube-system/${name}`,
      'name the ConfigMap with the Corefile: --config-map <name>; EKS Auto Mode has none',
      EXIT.refused,
    );
  if (name === 'coredns' && (await readCorefile(api, 'node-local-dns')) !== undefined)
    warn(
      'pods query NodeLocal DNSCache here, and CoreDNS sees only the caches as clients: ' +
        'run this with --config-map node-local-dns, and subscribe the log group of its pods',
    );
  return {
    corefile: found.corefile,
    where: `ConfigMap kube-system/${name}`,
    workload: name === 'node-local-dns' ? 'daemonset/node-local-dns' : 'deployment/coredns',
    write: async (after) => {
      let current = found;
      for (let round = 1; !(await writeCorefile(api, name, current, after)); round += 1) {
        const latest = await readCorefile(api, name);
        // A changed label does not matter; a changed Corefile must not be overwritten.
        if (latest === undefined || latest.corefile !== found.corefile || round === TRIES)
          throw fail('the Corefile was changed by another client; nothing was written', 'run this again');
        current = latest;
      }
    },
  };
}
