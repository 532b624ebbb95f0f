// etcd, kube-apiserver and kube-controller-manager, built once with the Go toolchain and kept outside of the checkout.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { go, SERVER_CACHE } from '../go-toolchain.ts';

const ETCD = '3.6.5';
const KUBERNETES = '1.34.4';

/** Modules that k8s.io/kubernetes replaces in its go.mod; `go build` ignores the replacements of a dependency. */
const STAGING =
  `api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider cluster-bootstrap
  code-generator component-base component-helpers controller-manager cri-api cri-client csi-translation-lib
  dynamic-resource-allocation endpointslice externaljwt kms kube-aggregator kube-controller-manager kube-proxy
  kube-scheduler kubectl kubelet metrics mount-utils pod-security-admission sample-apiserver sample-cli-plugin
  sample-controller`.split(/\s+/);

/** Paths of the three programs. */
export type Binaries = {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
};

const pathsIn = (folder: string): Binaries => ({
  etcd: join(folder, `etcd-${ETCD}`, 'etcd'),
  apiServer: join(folder, `kubernetes-${KUBERNETES}`, 'kube-apiserver'),
  controllerManager: join(folder, `kubernetes-${KUBERNETES}`, 'kube-controller-manager'),
});

/** The programs of an earlier build; undefined when one is missing. */
export function findBinaries(): Binaries | undefined {
  const paths = pathsIn(SERVER_CACHE);
  return Object.values(paths).every((path) => existsSync(path)) ? paths : undefined;
}

/** Builds what is missing: about 15 minutes on two cores. Throws when a build fails. */
export function buildBinaries(): Binaries {
  const paths = pathsIn(SERVER_CACHE);
  const etcd = `module etcd-suite\n\ngo 1.24.0\n\nrequire go.etcd.io/etcd/server/v3 v${ETCD}\n`;
  const etcdTools = ['go.etcd.io/etcd/server/v3'];
  build(paths.etcd, etcd, etcdTools, 'go.etcd.io/etcd/server/v3');
  const replaced = STAGING.map((name) => `\tk8s.io/${name} => k8s.io/${name} v0.${KUBERNETES.slice(2)}\n`);
  const module = `module kubernetes-suite\n\ngo 1.24.0\n\nrequire k8s.io/kubernetes v${KUBERNETES}\n\nreplace (\n${replaced.join('')})\n`;
  const commands = ['kube-apiserver', 'kube-controller-manager'].map(
    (name) => `k8s.io/kubernetes/cmd/${name}`,
  );
  const apps = commands.map((command) => `${command}/app`);
  for (const [index, path] of [paths.apiServer, paths.controllerManager].entries())
    build(path, module, apps, commands[index] ?? '');
  return paths;
}

/** Builds `command` in a module of its own that imports `packages`, so that the versions are pinned. */
function build(path: string, goMod: string, packages: readonly string[], command: string): void {
  if (existsSync(path)) return;
  console.error(`building ${command} into ${dirname(path)}; this takes some minutes, once`);
  mkdirSync(dirname(path), { recursive: true });
  const folder = mkdtempSync(join(SERVER_CACHE, 'build-'));
  try {
    writeFileSync(join(folder, 'go.mod'), goMod);
    const imports = packages.map((name) => `import _ "${name}"\n`);
    writeFileSync(join(folder, 'tools.go'), `package tools\n\n${imports.join('')}`);
    go(['mod', 'tidy', '-e'], folder);
    go(['build', '-mod=mod', '-p', '1', '-o', 'built', command], folder);
    // Renamed when complete: an interrupted build leaves no program.
    renameSync(join(folder, 'built'), path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
