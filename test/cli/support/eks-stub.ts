// A stub of EKS with one cluster, `shop`, and of the cluster's Kubernetes API over TLS.
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach } from '@jest/globals';
import { awsEnvironment } from '../../support/aws-stub.ts';
import { type Attributes, isGranted } from './granted.ts';
import { answerPods, createPods, type StubPods } from './pods-stub.ts';

const pem = (name: string): string =>
  readFileSync(new URL(`../../support/tls/${name}`, import.meta.url), 'utf8');

/** State of the stub; tests change it. */
type ClusterState = {
  addon: { status: string; configurationValues?: string; resolveConflicts?: string } | undefined;
  /** Corefiles of the ConfigMaps in kube-system by name. */
  readonly configMaps: Map<string, { corefile: string; version: number }>;
  vpcId: string;
  isAutoMode: boolean;
  /** Whether only its VPC reaches the API. */
  isPrivate: boolean;
  /** `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`; undefined = missing in the response. */
  authenticationMode: string | undefined;
  /** Status of the next update of the add-on. */
  updateStatus: string;
  /** Access entries by role ARN, with their groups. */
  readonly accessEntries: Map<string, readonly string[]>;
  /** Pods that are created, read and deleted one by one. */
  readonly pods: StubPods;
  /** Roles and bindings by their path. */
  readonly rules: Map<string, object>;
  /** Status of all Kubernetes responses, e.g. 401; undefined = normal responses. */
  kubernetesStatus: number | undefined;
  /** Runs before a ConfigMap is written. */
  beforePut: (() => void) | undefined;
  /** Whether the group may list pods; undefined = as the rules say. */
  groupMayList: boolean | undefined;
  /** Whether it may list the Leases of the nodes. */
  groupMayListLeases: boolean;
};

async function jsonOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const body = await text(request);
  return body === '' ? {} : JSON.parse(body);
}

const handle =
  (answer: (request: IncomingMessage) => Promise<readonly [status: number, body: object]>): RequestListener =>
  async (request, response) => {
    const [status, body] = await answer(request);
    const error = status === 404 ? { 'x-amzn-errortype': 'ResourceNotFoundException' } : {};
    response.writeHead(status, { 'content-type': 'application/json', ...error }).end(JSON.stringify(body));
  };

/** Starts both servers on loopback; `url` is the AWS endpoint of EKS. */
export async function startEksStub() {
  // Loaded first, so that the time limit of the first request does not include it.
  await import('@aws-sdk/client-eks');
  const state: ClusterState = {
    addon: undefined,
    configMaps: new Map(),
    vpcId: 'vpc-1',
    isAutoMode: false,
    isPrivate: false,
    authenticationMode: 'API',
    updateStatus: 'Successful',
    accessEntries: new Map(),
    pods: createPods(),
    rules: new Map(),
    kubernetesStatus: undefined,
    beforePut: undefined,
    groupMayList: true,
    groupMayListLeases: true,
  };
  const kubernetes = createTlsServer(
    { key: pem('server-key.pem'), cert: pem('server.pem') },
    handle((request) => answerKubernetes(state, request)),
  );
  const kubernetesPort = await listening(kubernetes);
  const eks = createHttpServer(handle((request) => answerEks(state, kubernetesPort, request)));
  const port = await listening(eks);
  return {
    state,
    url: `http://127.0.0.1:${port}`,
    /** The API of the cluster. */
    kubernetes: kubernetesOf(kubernetesPort),
    close: async (): Promise<void> => {
      for (const server of [eks, kubernetes]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const kubernetesOf = (port: number) => ({
  endpoint: `https://127.0.0.1:${port}`,
  certificateAuthority: { data: Buffer.from(pem('ca.pem')).toString('base64') },
});

async function answerEks(
  state: ClusterState,
  kubernetesPort: number,
  request: IncomingMessage,
): Promise<readonly [number, object]> {
  const [, , cluster, part, item, verb] = (request.url ?? '').split('/').map(decodeURIComponent);
  if (cluster !== 'shop') return [404, { message: `No cluster found for name: ${cluster}.` }];
  if (part === undefined)
    return [
      200,
      {
        cluster: {
          name: 'shop',
          status: 'ACTIVE',
          arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/shop',
          ...kubernetesOf(kubernetesPort),
          resourcesVpcConfig: {
            vpcId: state.vpcId,
            endpointPublicAccess: !state.isPrivate,
            subnetIds: ['subnet-1', 'subnet-2'],
            clusterSecurityGroupId: 'sg-1',
          },
          accessConfig: { authenticationMode: state.authenticationMode },
          computeConfig: { enabled: state.isAutoMode },
        },
      },
    ];
  if (part === 'access-entries') {
    if (state.authenticationMode === 'CONFIG_MAP')
      return [400, { message: "the cluster's authentication mode knows no access entries" }];
    if (request.method === 'POST') {
      const entry = (await jsonOf(request)) as { principalArn: string; kubernetesGroups: string[] };
      state.accessEntries.set(entry.principalArn, entry.kubernetesGroups);
      return [200, { accessEntry: entry }];
    }
    if (request.method === 'DELETE') return [state.accessEntries.delete(item ?? '') ? 200 : 404, {}];
    const groups = state.accessEntries.get(item ?? '');
    if (groups === undefined) return [404, { message: 'no such entry' }];
    return [200, { accessEntry: { principalArn: item, kubernetesGroups: groups, username: 'dns' } }];
  }
  if (part === 'updates')
    return [200, { update: { status: state.updateStatus, errors: [{ errorMessage: 'conflict' }] } }];
  if (state.addon === undefined) return [404, { message: 'No addon: coredns' }];
  if (verb === 'update') {
    const { configurationValues, resolveConflicts } = await jsonOf(request);
    state.addon.resolveConflicts = String(resolveConflicts);
    if (state.updateStatus === 'Successful') state.addon.configurationValues = String(configurationValues);
    return [200, { update: { id: 'u-1', status: 'InProgress' } }];
  }
  return [200, { addon: { addonName: 'coredns', ...state.addon } }];
}

async function answerKubernetes(
  state: ClusterState,
  request: IncomingMessage,
): Promise<readonly [number, object]> {
  const refused = state.kubernetesStatus;
  if (refused !== undefined) return [refused, { kind: 'Status', message: `${refused} by the test` }];
  if (!/^Bearer k8s-aws-v1\./.test(request.headers.authorization ?? '')) return [401, {}];
  const name = (request.url ?? '').split('/').at(-1) ?? '';
  if (name === 'subjectaccessreviews') return [201, { status: { allowed: await isAllowed(state, request) } }];
  if (request.url?.includes('/rbac.authorization.k8s.io/')) return answerRules(state, request);
  if (/\/pods(?:\/|$)/.test(request.url ?? '')) return answerPods(state.pods, request, jsonOf);
  if (request.method === 'PUT') state.beforePut?.();
  const map = state.configMaps.get(name);
  if (map === undefined) return [404, { message: `configmaps "${name}" not found` }];
  if (request.method === 'PUT') {
    const { metadata, data } = (await jsonOf(request)) as {
      metadata: { resourceVersion: string };
      data: { Corefile: string };
    };
    if (metadata.resourceVersion !== String(map.version))
      return [409, { message: 'the object has been modified' }];
    state.configMaps.set(name, { corefile: data.Corefile, version: map.version + 1 });
    return [200, {}];
  }
  const metadata = { name, resourceVersion: String(map.version), labels: { 'k8s-app': 'kube-dns' } };
  return [200, { kind: 'ConfigMap', metadata, data: { Corefile: map.corefile, extra: 'kept' } }];
}

/** Roles and bindings as objects of any content, with a version that every write raises. */
async function answerRules(
  { rules }: ClusterState,
  request: IncomingMessage,
): Promise<readonly [number, object]> {
  const { url = '', method } = request;
  if (method === 'DELETE') return [rules.delete(url) ? 200 : 404, {}];
  if (method === 'POST' || method === 'PUT') {
    const object = (await jsonOf(request)) as { metadata: { name: string } };
    const path = method === 'PUT' ? url : `${url}/${object.metadata.name}`;
    rules.set(path, { ...object, metadata: { ...object.metadata, resourceVersion: '1' } });
    return [method === 'PUT' ? 200 : 201, object];
  }
  const found = rules.get(url);
  return found === undefined ? [404, { message: `${url} not found` }] : [200, found];
}

/**
 * Starts a stub per test and configures EKS clients to use it; after each test, closes it and restores the environment.
 */
export function eksStubPerTest() {
  const environment = { ...process.env };
  let stub: Awaited<ReturnType<typeof startEksStub>>;
  beforeEach(async () => {
    stub = await startEksStub();
    Object.assign(process.env, awsEnvironment(stub.url));
  });
  afterEach(async () => {
    process.env = { ...environment };
    await stub.close();
  });
  return {
    get state(): ClusterState {
      return stub.state;
    },
    get url(): string {
      return stub.url;
    },
  };
}

/** Rules as `scripts/kubernetes/rbac.yaml` grants them. */
async function isAllowed(state: ClusterState, request: IncomingMessage): Promise<boolean> {
  const { spec } = (await jsonOf(request)) as {
    spec: { groups: readonly string[]; resourceAttributes: Attributes };
  };
  if (state.groupMayList === undefined) return isGranted(state.rules, spec.groups, spec.resourceAttributes);
  const { verb, resource, group, namespace } = spec.resourceAttributes;
  if (resource !== 'leases') return state.groupMayList;
  const isOurs = verb === 'list' && group === 'coordination.k8s.io' && namespace === 'kube-node-lease';
  return isOurs && state.groupMayList && state.groupMayListLeases;
}
