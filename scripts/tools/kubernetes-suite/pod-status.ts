// The status of a simulated pod as its kubelet reports it. Times are epoch ms on the clock of the node.

/** One container over its life in the present sandbox, and its end in the last one. */
export type ContainerState = {
  readonly startedMs: number;
  readonly finishedMs?: number;
  /** Ended, but the kubelet does not know when: after an eviction. */
  readonly endIsUnknown?: boolean;
  readonly restarts?: number;
};

/** What the kubelet knows of a pod. */
export type PodState = {
  readonly phase: 'Running' | 'Succeeded' | 'Failed';
  readonly reason?: string;
  readonly ips: readonly string[];
  readonly acceptedMs: number;
  /** When the present sandbox was ready, or when it was found gone. */
  readonly sandbox: { readonly isReady: boolean; readonly sinceMs: number };
  /** An init container that ran in the first sandbox. */
  readonly setup: ContainerState;
  readonly main: ContainerState;
};

/** Kubernetes prints whole seconds: `2026-03-01T12:00:00Z`. */
export const wholeSeconds = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;

const IMAGE = { image: 'example.com/app:1', imageID: 'example.com/app@sha256:00' };

function containerStatus(
  name: string,
  { startedMs, finishedMs, endIsUnknown, restarts = 0 }: ContainerState,
): object {
  const startedAt = wholeSeconds(startedMs);
  const known = finishedMs === undefined ? {} : { startedAt, finishedAt: wholeSeconds(finishedMs) };
  const hasEnded = finishedMs !== undefined || endIsUnknown === true;
  const state = hasEnded
    ? { terminated: { exitCode: endIsUnknown ? 137 : 0, ...known } }
    : { running: { startedAt } };
  return { name, ...IMAGE, ready: !hasEnded, restartCount: restarts, state };
}

/** `status` of the pod, for a merge patch of the subresource. */
export function podStatus({ phase, reason, ips, acceptedMs, sandbox, setup, main }: PodState): object {
  const since = wholeSeconds(sandbox.sinceMs);
  const ready = { status: sandbox.isReady ? 'True' : 'False', lastTransitionTime: since };
  return {
    phase,
    ...(reason === undefined ? {} : { reason }),
    hostIP: '192.0.2.1',
    podIP: ips[0],
    podIPs: ips.map((ip) => ({ ip })),
    startTime: wholeSeconds(acceptedMs),
    conditions: ['PodReadyToStartContainers', 'Ready', 'ContainersReady'].map((type) => ({ type, ...ready })),
    initContainerStatuses: [containerStatus('setup', setup)],
    containerStatuses: [containerStatus('main', main)],
  };
}
