// The options of `doctor --probe`, and what they make of the chain that doctor found.
import { type Command, InvalidArgumentError } from 'commander';
import { stringify } from 'yaml';
import type { Clock } from '../../../inventory/clock.ts';
import { EXIT, fail, numberFrom } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { openCluster } from '../cluster/api.ts';
import type { Check } from '../doctor/check.ts';
import type { Found } from '../doctor/index.ts';
import { runProbe } from './index.ts';
import { interruptible } from './interrupt.ts';
import type { ProbedLog } from './log-link.ts';
import { DEFAULT_IMAGE, mark, podManifest } from './manifest.ts';

/** Options of the command. */
export type ProbeFlags = {
  readonly probe?: boolean;
  readonly probeNamespace: string;
  readonly probeImage: string;
  readonly probeSeconds: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly region?: string;
};

/** Adds the options of the probe to a command. */
export const addProbeOptions = (command: Command): Command =>
  command
    .option('--probe', 'then let a pod ask for one marked name, and follow it to Dynatrace (asks first)')
    .option('--probe-namespace <name>', 'namespace of the pod', namespaceName, 'default')
    .option('--probe-image <image>', 'image of the pod, with sh and nslookup', imageName, DEFAULT_IMAGE)
    .option('--probe-seconds <n>', 'when the probe ends at the latest', numberFrom(30, 3600), '600')
    .option('--dry-run', 'with --probe: only print the pod')
    .option('--yes', 'with --probe: make the pod without confirmation');

/** It becomes a part of a path. */
function namespaceName(text: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('Expected the name of a namespace.');
}

function imageName(text: string): string {
  if (/^[\w][\w./:@-]{0,500}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected an image such as registry.example.com/busybox:1.37.0.');
}

/** A probe that has not begun. */
type ProbePlan = {
  readonly cluster: string;
  readonly manifest: object;
  /** The manifest for people. */
  readonly text: string;
  readonly run: (aws: Aws, clock: Clock) => Promise<readonly Check[]>;
};

/** Plans the probe; throws a usage error if it is not clear in which cluster. */
export function planProbe(flags: ProbeFlags, found: Found): ProbePlan {
  const [cluster, ...more] = found.clusters;
  if (cluster === undefined)
    throw fail(
      'no cluster of this account and region was found, so there is nothing to probe',
      'name it with --cluster <name> and --region <region>',
      EXIT.usage,
    );
  if (more.length > 0)
    throw fail(
      `a probe is of one cluster; there are ${found.clusters.map(({ name }) => name).join(', ')}`,
      'name one with --cluster <name>',
      EXIT.usage,
    );
  const { region, probeNamespace: namespace, probeImage: image, probeSeconds } = flags;
  const marked = mark();
  const manifest = podManifest(marked, { namespace, image });
  const options = {
    cluster: { name: cluster.name, region },
    namespace,
    image,
    marked,
    limitMs: Number(probeSeconds) * 1000,
  };
  const all: readonly ProbedLog[] = [
    { source: 'coredns', label: 'CoreDNS', logGroups: found.coreDnsGroups },
    { source: 'aws.vpcdnsquerylogs', label: 'Resolver', logGroups: found.resolverGroups },
  ];
  const chain = { ...found, logs: all.filter(({ logGroups }) => logGroups.length > 0) };
  return {
    cluster: cluster.name,
    manifest,
    text: stringify(manifest).trimEnd(),
    run: (aws, clock) =>
      interruptible('removing the pod', (signal) =>
        runProbe(aws, () => openCluster(cluster.name, region), chain, options, { clock, signal }),
      ),
  };
}
