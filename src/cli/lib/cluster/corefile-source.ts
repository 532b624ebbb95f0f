// Where a cluster's Corefile is kept, and how it is changed there.
import type { ResolveConflicts } from '@aws-sdk/client-eks';
import { EXIT, fail, progress, warn } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { isFault } from '../aws/command.ts';
import { belowAbsentMark, markedAbsent, undone } from '../corefile/markers.ts';
import { type CorednsAddon, readAddon, updateAddon, withCorefile } from './addon.ts';
import { type ClusterApi, openCluster } from './api.ts';
import { readCorefile, writeCorefile } from './config-map.ts';

/** A Corefile in its place. */
export type CorefileSource = {
  readonly corefile: string;
  /** `EKS add-on coredns`, `ConfigMap kube-system/coredns`. */
  readonly where: string;
  /** What runs it: `deployment/coredns`. */
  readonly workload: string;
  readonly write: (corefile: string) => Promise<void>;
};

type Options = {
  readonly region?: string;
  readonly configMap: string;
  readonly resolveConflicts: Lowercase<ResolveConflicts>;
};

const AUTO_MODE =
  'EKS Auto Mode runs CoreDNS on its nodes, and AWS gives nobody access to its Corefile or its log. ' +
  'Log the Resolver queries of the VPC instead: they name the instance, and answers';

/** Finds the Corefile: in the add-on's configuration when CoreDNS is an EKS add-on, else in the ConfigMap. */
export async function openCorefile(aws: Aws, cluster: string, options: Options): Promise<CorefileSource> {
  const isAuto = await isAutoMode(aws, cluster);
  const addon = options.configMap === 'coredns' ? await readAddon(aws, cluster) : undefined;
  if (addon !== undefined) return fromAddon(aws, cluster, addon, options);
  if (isAuto) throw fail(AUTO_MODE, `eks-dns enable-resolver-log --vpc <the cluster's VPC>`, EXIT.refused);
  return fromConfigMap(await openCluster(cluster, options.region), options.configMap);
}

/** Whether EKS Auto Mode computes the cluster's nodes; refuses a cluster that is not there. */
async function isAutoMode(aws: Aws, name: string): Promise<boolean> {
  try {
    const { cluster } = await (await aws.eks()).describeCluster({ name });
    return cluster?.computeConfig?.enabled === true;
  } catch (error) {
    if (!isFault(error, 'ResourceNotFoundException')) throw error;
    throw fail(
      `there is no EKS cluster "${name}" in this account and region`,
      '`aws eks list-clusters` shows names',
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
  // Where nobody has configured one, what EKS put into the cluster is the one to start from.
  const own = addon.corefile;
  const ours = own === undefined ? undefined : belowAbsentMark(own);
  const wasThere = own !== undefined && ours === undefined;
  return {
    corefile: ours ?? own ?? (await readLive(cluster, options.region)),
    where: 'EKS add-on coredns',
    workload: 'deployment/coredns',
    write: (after) => {
      // An undo of a Corefile that was not there before takes it out of the values again.
      const hasMarks = undone(after) !== after;
      const corefile = wasThere ? after : hasMarks ? markedAbsent(after) : undefined;
      const conflicts = options.resolveConflicts.toUpperCase() as ResolveConflicts;
      return updateAddon(aws, cluster, withCorefile(addon.values, corefile), conflicts);
    },
  };
}

async function readLive(cluster: string, region: string | undefined): Promise<string> {
  progress("the add-on has no corefile of its own; reading the cluster's");
  const found = await readCorefile(await openCluster(cluster, region), 'coredns');
  if (found === undefined)
    throw fail(
      'there is no ConfigMap kube-system/coredns',
      'see that the add-on is healthy: aws eks describe-addon',
    );
  return found.corefile;
}

const TRIES = 5;

async function fromConfigMap(api: ClusterApi, name: string): Promise<CorefileSource> {
  const found = await readCorefile(api, name);
  if (found === undefined)
    throw fail(
      `there is no ConfigMap kube-system/${name}`,
      'name the one with the Corefile: --config-map <name>; EKS Auto Mode has none',
      EXIT.refused,
    );
  if (name === 'coredns' && (await readCorefile(api, 'node-local-dns')) !== undefined)
    warn(
      'pods ask NodeLocal DNSCache here, and CoreDNS sees only the caches as clients: ' +
        'run this with --config-map node-local-dns, and subscribe the log group of its pods',
    );
  return {
    corefile: found.corefile,
    where: `ConfigMap kube-system/${name}`,
    workload: name === 'node-local-dns' ? 'daemonset/node-local-dns' : 'deployment/coredns',
    write: async (after) => {
      let current = found;
      for (let round = 1; !(await writeCorefile(api, name, current, after)); round += 1) {
        const again = await readCorefile(api, name);
        // Another label is no matter; another Corefile is somebody's work.
        if (again === undefined || again.corefile !== found.corefile || round === TRIES)
          throw fail('somebody else changed the Corefile meanwhile; nothing was written', 'run this again');
        current = again;
      }
    },
  };
}
