// The name that a probe asks for, and the pod that asks for it.
import { randomBytes } from 'node:crypto';

/** Image of the pod: any with `sh` and `nslookup`. Amazon's mirror has no limit for pulls from AWS. */
export const DEFAULT_IMAGE = 'public.ecr.aws/docker/library/busybox:1.37.0';

/** What a pod is made of. */
export type PodOptions = {
  readonly namespace: string;
  readonly image: string;
};

/** One probe: its pod and its name, which nobody else asks for. */
export type Marked = {
  /** `eks-dns-probe-0f3a9c2b7d41e85c` */
  readonly pod: string;
  /** `eks-dns-probe-0f3a9c2b7d41e85c.example.com`, without a final dot, as the record has it. */
  readonly name: string;
};

/**
 * A name for one probe. Below `example.com`, which belongs to nobody and, other than `.invalid` and `.test`, is resolved as
 * any name (RFC 6761, 6.5): a resolver may answer those itself, and Route 53 does not log what it answers from its cache. For
 * the same reason the marker is one label directly below it: no answer for a name above can be reused (RFC 8020).
 */
export function mark(random = randomBytes(8).toString('hex')): Marked {
  const pod = `eks-dns-probe-${random}`;
  return { pod, name: `${pod}.example.com` };
}

/** Seconds before the question, in which the API server learns the address of the pod. */
const BEFORE_S = 3;
/** Seconds after it: the end of a container is known in whole seconds, and the question must lie before. */
export const AFTER_S = 2;
/** Seconds after which the cluster itself ends the pod. */
const POD_LIMIT_S = 180;

const NOBODY_ID = 65_534;
const RESOURCES = { cpu: '10m', memory: '16Mi' };

/**
 * The pod: asks once, with a final dot, so that no search suffix is tried, and leaves the answer in its status. It has no
 * privileges (Pod Security Standard `restricted`), no token of a service account, and ends itself.
 */
export const podManifest = ({ pod, name }: Marked, { namespace, image }: PodOptions) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: pod,
    namespace,
    labels: { 'app.kubernetes.io/name': 'eks-dns-probe', 'app.kubernetes.io/managed-by': 'eks-dns' },
  },
  spec: {
    restartPolicy: 'Never',
    activeDeadlineSeconds: POD_LIMIT_S,
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: NOBODY_ID,
      runAsGroup: NOBODY_ID,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'probe',
        image,
        command: ['sh', '-c', SCRIPT, `${name}.`],
        resources: { requests: RESOURCES, limits: RESOURCES },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  },
});

const SCRIPT = `sleep ${BEFORE_S}; nslookup -type=a "$0" >/dev/termination-log 2>&1; sleep ${AFTER_S}`;
