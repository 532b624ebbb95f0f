// The pod of a probe: made, watched until it has asked, and removed whatever happens.
import * as z from 'zod';
import { redact } from '../../../inventory/redact.ts';
import { EXIT, fail, isUserError, warn } from '../../terminal.ts';
import type { ApiResponse, ClusterApi } from '../cluster/api.ts';
import { kubectlCommand, type NamedCluster } from '../cluster/kubectl.ts';
import { plain } from '../dynatrace/plain.ts';
import { AFTER_S, type Marked, type PodOptions, podManifest } from './manifest.ts';
import { lookUntil, type Waiting } from './waiting.ts';

/** What became of the question. */
export type Asked = {
  /** When it was asked, epoch ms by our clock, to about two seconds. */
  readonly askedMs: number;
  readonly ips: readonly string[];
  readonly node: string | undefined;
  /** `NXDOMAIN`; undefined where the pod's output does not tell. */
  readonly answer: string | undefined;
  /** Address of the DNS server that the pod asked. */
  readonly server: string | undefined;
};

const POLL_MS = 1000;

const STATUS = z.object({
  spec: z.object({ nodeName: z.string().optional() }).optional(),
  status: z
    .object({
      phase: z.string().optional(),
      reason: z.string().optional(),
      message: z.string().optional(),
      podIPs: z.array(z.object({ ip: z.string() })).optional(),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
        .optional(),
      containerStatuses: z
        .array(
          z.object({
            state: z
              .object({
                waiting: z
                  .object({ reason: z.string().optional(), message: z.string().optional() })
                  .optional(),
                terminated: z
                  .object({ exitCode: z.number().optional(), message: z.string().optional() })
                  .optional(),
              })
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});
type PodStatus = z.infer<typeof STATUS>;

const said = ({ status, body }: ApiResponse): string =>
  plain(`${status} ${redact(z.object({ message: z.string() }).safeParse(body).data?.message ?? '')}`);

/**
 * Makes the pod, calls `work` once it has asked, and removes the pod after that or after any failure. Throws a user error if
 * it cannot be made, or has not asked by `deadlineMs`.
 */
export async function withPod<T>(
  api: ClusterApi,
  marked: Marked,
  options: PodOptions & { readonly cluster: NamedCluster },
  waiting: Waiting,
  deadlineMs: number,
  work: (asked: Asked) => Promise<T>,
): Promise<T> {
  const { namespace } = options;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const path = `${pods}/${marked.pod}`;
  waiting.signal.throwIfAborted();
  try {
    const made = await api('POST', pods, podManifest(marked, options));
    if (made.status !== 201)
      throw fail(
        `the pod cannot be created in namespace ${namespace}: ${said(made)}`,
        'your Kubernetes user needs create, get and delete on pods there; choose another namespace with --probe-namespace',
      );
    return await work(await untilAsked(api, path, waiting, deadlineMs));
  } finally {
    // Also after an error of the request: it may have been carried out.
    const words = ['--namespace', namespace, 'delete', 'pod', marked.pod];
    await remove(api, path, kubectlCommand(options.cluster, ...words));
  }
}

async function remove(api: ClusterApi, path: string, command: string): Promise<void> {
  let reason: string;
  try {
    const response = await api('DELETE', `${path}?gracePeriodSeconds=0`);
    if ([200, 202, 404].includes(response.status)) return;
    reason = said(response);
  } catch (error) {
    reason = isUserError(error) ? error.message : 'the API server cannot be reached';
  }
  process.exitCode = EXIT.failed;
  warn(`the pod is still there (${reason}); remove it: \`${command}\``);
}

async function untilAsked(
  api: ClusterApi,
  path: string,
  waiting: Waiting,
  deadlineMs: number,
): Promise<Asked> {
  let last: PodStatus = {};
  const found = await lookUntil(
    waiting,
    deadlineMs,
    () => POLL_MS,
    async () => {
      const response = await api('GET', path);
      if (response.status === 404) throw fail('somebody else removed the pod', 'run it again');
      if (response.status !== 200)
        throw fail(`the pod cannot be read: ${said(response)}`, 'your Kubernetes user needs get on pods');
      last = STATUS.safeParse(response.body).data ?? last;
      return askedIn(last, waiting.clock.nowMs());
    },
  );
  if (found !== undefined) return found;
  const { reason, remedy } = whyNot(last);
  throw fail(`the pod has not asked in time: ${reason}`, remedy);
}

/** The result of a pod that has ended; undefined until then. Throws if it cannot or did not run. */
function askedIn(pod: PodStatus, nowMs: number): Asked | undefined {
  const { phase, podIPs = [], containerStatuses = [] } = pod.status ?? {};
  const [{ state } = {}] = containerStatuses;
  if (
    /^(ErrImagePull|ImagePullBackOff|InvalidImageName|Create\w+Error)$/.test(state?.waiting?.reason ?? '')
  ) {
    const { reason, remedy } = whyNot(pod);
    throw fail(`the pod cannot start: ${reason}`, remedy);
  }
  if (phase === 'Failed' || (state?.terminated?.exitCode ?? 0) !== 0)
    throw fail(
      `the pod failed: ${whyNot(pod).reason}`,
      'the image must have sh and nslookup; choose another with --probe-image',
    );
  if (phase !== 'Succeeded') return undefined;
  const text = state?.terminated?.message ?? '';
  return {
    askedMs: nowMs - AFTER_S * 1000,
    ips: podIPs.map(({ ip }) => ip),
    node: pod.spec?.nodeName,
    answer: answerIn(text),
    server: /^Server:\s+([0-9a-f.:]+)/im.exec(text)?.[1],
  };
}

/** What nslookup of busybox or of BIND says. */
function answerIn(text: string): string | undefined {
  const code = /can't find [^\s:]+: (NXDOMAIN|SERVFAIL|REFUSED|FORMERR|No answer)/i.exec(text)?.[1];
  if (code !== undefined) return code;
  if (/timed out|no servers could be reached/i.test(text)) return NO_ANSWER;
  return /^Name:\s/m.test(text) ? 'NOERROR' : undefined;
}

/** The `answer` of a pod whose question nobody answered. */
export const NO_ANSWER = 'no answer';

/** Why a pod does not run, as its status says. */
function whyNot({ status }: PodStatus): { readonly reason: string; readonly remedy: string } {
  const { phase, reason, message, conditions = [], containerStatuses = [] } = status ?? {};
  const held = containerStatuses[0]?.state?.waiting;
  const text = (...parts: readonly (string | undefined)[]): string =>
    plain(redact(parts.filter((part) => part !== undefined && part !== '').join(': ')));
  if (held?.reason !== undefined && held.reason !== 'ContainerCreating')
    return {
      reason: text(held.reason, held.message),
      remedy: 'choose an image that the nodes can pull with --probe-image',
    };
  const unscheduled = conditions.find((one) => one.type === 'PodScheduled' && one.status === 'False');
  if (unscheduled !== undefined)
    return { reason: text('not scheduled', unscheduled.message), remedy: 'a node must have room for it' };
  return {
    reason: text(phase ?? 'no status', reason, message),
    remedy: 'look at the events of its namespace',
  };
}
