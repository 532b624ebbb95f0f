// `doctor --probe`: a pod asks for one marked name, which is followed through the logs and the function to Dynatrace.
import { isUserError, progress } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import type { ClusterApi } from '../cluster/api.ts';
import type { NamedCluster } from '../cluster/kubectl.ts';
import { attempt, type Check, missing, ok } from '../doctor/check.ts';
import { type Chain, follow, skippedLinks } from './follow.ts';
import type { Marked, PodOptions } from './manifest.ts';
import { type Asked, NO_ANSWER, withPod } from './pod.ts';
import type { Waiting } from './waiting.ts';

/** How the probe is made; it ends after `limitMs`. */
export type ProbeOptions = PodOptions & {
  readonly cluster: NamedCluster;
  readonly marked: Marked;
  readonly limitMs: number;
};

/** Clocks of AWS, of nodes and of this machine may differ by so much. */
const SKEW_MS = 120_000;

const POD_LINK = 'probe: pod';

/**
 * Makes the pod, follows the name and removes the pod. One check for each link, in the order of the flow; what follows from
 * a link that is missing is not looked at. Throws when it is interrupted.
 */
export async function runProbe(
  aws: Aws,
  openCluster: () => Promise<ClusterApi>,
  chain: Chain,
  options: ProbeOptions,
  waiting: Waiting,
): Promise<readonly Check[]> {
  const { marked, limitMs } = options;
  const startMs = waiting.clock.nowMs();
  const times = { fromMs: startMs - SKEW_MS, deadlineMs: startMs + limitMs };
  const probe = async (): Promise<readonly Check[]> => {
    const api = await openCluster();
    progress(`probe: pod ${marked.pod} asks for ${marked.name}`);
    // Half of the time, so that the rest is left for the links behind it.
    return withPod(api, marked, options, waiting, startMs + limitMs / 2, async (asked) => {
      const pod = podCheck(asked, startMs, marked);
      if (pod.state !== 'ok') return [pod];
      return [pod, ...(await follow(aws, chain, marked, asked, times, waiting))];
    });
  };
  const checks = await attempt(POD_LINK, () => probe().catch(notMade));
  waiting.signal.throwIfAborted();
  return checks.length > 1 ? checks : [...checks, ...skippedLinks(chain, POD_LINK)];
}

/** A probe that could not be made has failed: what is known of the chain is not what was asked. */
function notMade(error: unknown): readonly Check[] {
  if (!isUserError(error)) throw error;
  return [missing(POD_LINK, error.message, 'nothing was followed', error.remedy ?? 'run it again')];
}

function podCheck({ askedMs, answer, server, node }: Asked, startMs: number, { name }: Marked): Check {
  const afterSeconds = Math.max(0, askedMs - startMs) / 1000;
  const asked = `asked${server === undefined ? '' : ` ${server}`} for ${name}${node === undefined ? '' : ` on ${node}`}`;
  const observed = `after ${Math.round(afterSeconds)} s, ${asked}: ${answer ?? 'its output does not tell the answer'}`;
  if (answer === NO_ANSWER)
    return missing(
      POD_LINK,
      observed,
      'DNS does not work in its namespace',
      'a NetworkPolicy may forbid it there; choose another with --probe-namespace',
    );
  return { ...ok(POD_LINK, observed), afterSeconds, ...(node === undefined ? {} : { names: [node] }) };
}
