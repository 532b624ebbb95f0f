// Pods of a cluster that refuses what the Pod Security Standard `restricted` forbids:
// https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
import type { IncomingMessage } from 'node:http';

type Reply = readonly [status: number, body: object];

/** What tests see and change. */
export type StubPods = {
  /** Manifests by `<namespace>/<name>`; those that are there now. */
  readonly running: Map<string, Manifest>;
  readonly created: Manifest[];
  readonly deleted: string[];
  /** Answer to every request with this method instead, such as a refusal. */
  readonly answers: Map<string, Reply>;
  /** Status (and node) of a pod at its nth read, from 1. */
  read: (manifest: Manifest, reads: number) => { readonly node?: string; readonly status: object };
  /** Called when a pod has been created. */
  onCreate: (manifest: Manifest) => void;
  reads: number;
};

type SecurityContext = Readonly<Record<string, unknown>>;

/** As far as the stub looks at it. */
export type Manifest = {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly securityContext?: SecurityContext;
    readonly containers: readonly {
      readonly image: string;
      readonly command: readonly string[];
      readonly securityContext?: SecurityContext;
    }[];
  } & Readonly<Record<string, unknown>>;
};

/** No pods; each succeeds at its second read. */
export const createPods = (): StubPods => ({
  running: new Map(),
  created: [],
  deleted: [],
  answers: new Map(),
  reads: 0,
  read: (_, reads) => ({ status: { phase: reads < 2 ? 'Pending' : 'Succeeded' } }),
  onCreate: () => {},
});

/** What the standard forbids in the manifest; empty if nothing. */
function violations({ spec }: Manifest): readonly string[] {
  const found: string[] = [];
  const forbid = (isForbidden: boolean, what: string): void => void (isForbidden && found.push(what));
  const { hostNetwork, hostPID, hostIPC, volumes, securityContext = {}, containers } = spec;
  forbid([hostNetwork, hostPID, hostIPC].includes(true), 'host namespaces');
  forbid(volumes !== undefined, 'volumes');
  for (const { securityContext: own = {} } of containers) {
    const context = { ...securityContext, ...own };
    forbid(context.runAsNonRoot !== true, 'runAsNonRoot != true');
    forbid(context.runAsUser === 0, 'runAsUser=0');
    forbid(context.privileged === true, 'privileged');
    forbid(context.allowPrivilegeEscalation !== false, 'allowPrivilegeEscalation != false');
    forbid(JSON.stringify(context.capabilities) !== '{"drop":["ALL"]}', 'unrestricted capabilities');
    const profile = (context.seccompProfile as { type?: string } | undefined)?.type;
    forbid(!['RuntimeDefault', 'Localhost'].includes(profile ?? ''), 'seccompProfile');
  }
  return found;
}

/** Answers a request for pods. */
export async function answerPods(
  pods: StubPods,
  request: IncomingMessage,
  bodyOf: (request: IncomingMessage) => Promise<unknown>,
): Promise<Reply> {
  const method = request.method ?? '';
  const body = await bodyOf(request);
  const [, namespace = '', name] =
    /^\/api\/v1\/namespaces\/([^/]+)\/pods(?:\/([^/?]+))?/.exec(request.url ?? '') ?? [];
  const special = pods.answers.get(method);
  if (special !== undefined) return special;
  const key = `${namespace}/${name}`;
  if (method === 'POST') {
    const manifest = body as Manifest;
    const forbidden = violations(manifest);
    if (manifest.metadata.namespace !== namespace || forbidden.length > 0)
      return [403, { message: `violates PodSecurity "restricted:latest": ${forbidden.join(', ')}` }];
    pods.running.set(`${namespace}/${manifest.metadata.name}`, manifest);
    pods.created.push(manifest);
    pods.onCreate(manifest);
    return [201, manifest];
  }
  const manifest = pods.running.get(key);
  if (manifest === undefined) return [404, { message: `pods "${name}" not found` }];
  if (method === 'DELETE') {
    pods.running.delete(key);
    pods.deleted.push(key);
    return [200, manifest];
  }
  pods.reads += 1;
  const { node, status } = pods.read(manifest, pods.reads);
  return [200, { ...manifest, spec: { ...manifest.spec, nodeName: node }, status }];
}
