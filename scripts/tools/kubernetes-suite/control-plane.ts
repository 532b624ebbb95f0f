// A control plane without nodes on loopback: etcd, API server, controller manager, and the shipped RBAC rules.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { freePort, responds, type Server, startServer } from '../server-process.ts';
import { type Admin, openAdmin } from './admin.ts';
import type { Binaries } from './binaries.ts';
import { makeCertificates } from './certificates.ts';
import { startTokenReview } from './token-review.ts';

/** The group of the function's access entry, as in rbac.yaml. */
const GROUP = 'eks-dns-firehose';

/** A running control plane. */
export type ControlPlane = {
  readonly endpoint: string;
  /** PEM. */
  readonly ca: string;
  readonly admin: Admin;
  readonly stop: () => Promise<void>;
};

/** Starts the control plane and applies rbac.yaml. Stops what it has started when one of the servers does not start. */
export async function startControlPlane(binaries: Binaries): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'kubernetes-suite-'));
  const servers: Server[] = [];
  makeCertificates(folder);
  const file = (name: string): string => join(folder, name);
  const [client, peer, port, managerPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const endpoint = `https://127.0.0.1:${port}`;
  const review = await startTokenReview(GROUP);
  const { send, close } = openAdmin(endpoint, folder);
  const start = async (name: string, command: readonly string[], isUp: () => Promise<boolean>) => {
    const server = startServer(name, command, { isUp, environment: process.env });
    servers.push(server);
    await server.ready;
  };
  const stop = async (): Promise<void> => {
    close();
    review.close();
    for (const server of servers.reverse()) {
      server.stop();
      await server.ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start(
      'etcd',
      etcdCommand(binaries.etcd, file('etcd'), client, peer),
      responds(`http://127.0.0.1:${client}/health`),
    );
    writeFileSync(file('webhook.yaml'), kubeconfig({ cluster: { server: review.url }, user: {} }));
    const isReady = () =>
      send('GET', '/readyz').then(
        () => true,
        () => false,
      );
    await start('kube-apiserver', apiServerCommand(binaries.apiServer, file, client, port), isReady);
    const cluster = { server: endpoint, 'certificate-authority': file('ca.crt') };
    const user = { 'client-certificate': file('controller.crt'), 'client-key': file('controller.key') };
    writeFileSync(file('controller.yaml'), kubeconfig({ cluster, user }));
    const hasAccount = () =>
      send('GET', '/api/v1/namespaces/default/serviceaccounts/default').then(
        () => true,
        () => false,
      );
    const manager = [
      binaries.controllerManager,
      ...['', 'authentication-', 'authorization-'].map(
        (kind) => `--${kind}kubeconfig=${file('controller.yaml')}`,
      ),
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--secure-port=${managerPort}`,
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${file('accounts.key')}`,
    ];
    await start('kube-controller-manager', manager, hasAccount);
    await applyRules(send);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, ca: readFileSync(file('ca.crt'), 'utf8'), admin: send, stop };
}

const etcdCommand = (program: string, data: string, client: number, peer: number): readonly string[] => [
  program,
  '--data-dir',
  data,
  `--listen-client-urls=http://127.0.0.1:${client}`,
  `--advertise-client-urls=http://127.0.0.1:${client}`,
  `--listen-peer-urls=http://127.0.0.1:${peer}`,
  `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
  `--initial-cluster=default=http://127.0.0.1:${peer}`,
  '--unsafe-no-fsync',
];

const apiServerCommand = (
  program: string,
  file: (name: string) => string,
  etcdPort: number,
  port: number,
): readonly string[] => [
  program,
  `--etcd-servers=http://127.0.0.1:${etcdPort}`,
  `--secure-port=${port}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  '--endpoint-reconciler-type=none',
  `--tls-cert-file=${file('server.crt')}`,
  `--tls-private-key-file=${file('server.key')}`,
  `--client-ca-file=${file('ca.crt')}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${file('accounts.key')}`,
  `--service-account-signing-key-file=${file('accounts.key')}`,
  '--authorization-mode=RBAC',
  `--authentication-token-webhook-config-file=${file('webhook.yaml')}`,
  '--authentication-token-webhook-version=v1',
  '--service-cluster-ip-range=10.96.0.0/16',
];

/** A kubeconfig with one context, as JSON, which is YAML. */
const kubeconfig = ({ cluster, user }: { readonly cluster: object; readonly user: object }): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'suite', cluster }],
    users: [{ name: 'suite', user }],
    contexts: [{ name: 'suite', context: { cluster: 'suite', user: 'suite' } }],
    'current-context': 'suite',
  });

const PLURALS: Readonly<Record<string, string>> = {
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  Role: 'roles',
  RoleBinding: 'rolebindings',
};

/** Applies the shipped rbac.yaml. */
async function applyRules(admin: Admin): Promise<void> {
  for (const document of parseAllDocuments(readFileSync('scripts/kubernetes/rbac.yaml', 'utf8'))) {
    const rule = document.toJSON() as { kind: string; metadata: { namespace?: string } };
    const { namespace } = rule.metadata;
    const scope = namespace === undefined ? '' : `namespaces/${namespace}/`;
    await admin('POST', `/apis/rbac.authorization.k8s.io/v1/${scope}${PLURALS[rule.kind]}`, rule);
  }
}
