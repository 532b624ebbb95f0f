// Faults of the services that the function asks: down, slow, throttling, lying. They cost attribution, never a record.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { OTHER_CA, pem, STUB_CA } from '../../test/support/kubernetes-stub.ts';
import { type Fault, HEALTHY, healthy } from './fault.ts';
import { startWorld, type World } from './world.ts';

const several: Fault['records'] = function* (traffic) {
  for (let i = 0; i < 12; i++) yield healthy(traffic, 300);
};

/** A fault of a world in which `spoil` has done its work. */
const outside = (
  name: string,
  tells: string,
  spoil: (world: World) => unknown,
  more: Partial<Fault> = {},
): Fault => ({
  name,
  tells,
  ends: HEALTHY,
  records: several,
  stream: { bufferBytes: 60_000 },
  async outside() {
    const world = await startWorld();
    await spoil(world);
    return world;
  },
  ...more,
});

type Answer = ReturnType<Parameters<World['kubernetes']['answerWith']>[0]>;

const kubernetesAnswers =
  (answer: Answer) =>
  ({ kubernetes }: World): void =>
    kubernetes.answerWith(() => answer);

/** Puts a server that answers everything with `text` in the place of the cluster's. */
async function lie({ aws, kubernetes }: World, text: string): Promise<void> {
  const server = createTlsServer({ key: pem('server-key.pem'), cert: pem('server.pem') }, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  aws.putCluster('shop', { endpoint, ca: STUB_CA, vpcId: 'vpc-0a1b2c3d4e5f60718' });
  await kubernetes.close();
}

/** The AWS endpoint answers everything with `text`. */
const awsLies = (name: string, text: string): Fault => ({
  ...outside(`EKS and EC2: ${name}`, 'DirectoryErrors', () => undefined),
  async outside() {
    const world = await startWorld();
    const server = createServer((_, response) => void response.end(text));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { ...world, env: { ...world.env, AWS_ENDPOINT_URL_EKS: url, AWS_ENDPOINT_URL_EC2: url } };
  },
});

/** For faults without a slow service: a busy machine must not count as a late answer. */
const PATIENT = { LOOKUP_BUDGET_MS: '60000' };

const STATUSES = [401, 403, 404, 410, 429, 500, 503];

export const OUTSIDE_FAULTS: readonly Fault[] = [
  outside('Kubernetes, EKS and EC2 are well', 'AttributionExact', () => undefined, { env: PATIENT }),
  outside(
    'pods come and go',
    'AttributionExact',
    (world) => {
      const timer = setInterval(world.churn, 2);
      timer.unref();
    },
    { env: PATIENT },
  ),
  ...STATUSES.map((status) =>
    outside(`Kubernetes: ${status}`, 'DirectoryErrors', kubernetesAnswers({ status })),
  ),
  outside(
    'Kubernetes: 429 with Retry-After',
    'DirectoryErrors',
    kubernetesAnswers({ status: 429, headers: { 'retry-after': '60' } }),
  ),
  outside('Kubernetes: down', 'DirectoryErrors', ({ kubernetes }) => kubernetes.close()),
  outside('Kubernetes: never answers', 'LookupsLate', kubernetesAnswers('hang')),
  outside('Kubernetes: hangs up', 'DirectoryErrors', kubernetesAnswers('cut')),
  outside('Kubernetes: breaks off in the middle', 'DirectoryErrors', kubernetesAnswers('half-closed')),
  outside('Kubernetes: HTML', 'DirectoryErrors', (world) => lie(world, '<html><body>Sign in</body></html>')),
  outside('Kubernetes: wrong JSON', 'DirectoryErrors', (world) =>
    lie(world, '{"items":[null,1,{"metadata":7}]}'),
  ),
  outside('Kubernetes: a gigabyte of nothing', 'DirectoryErrors', (world) =>
    lie(world, `[${' '.repeat(2 ** 28)}`),
  ),
  outside("Kubernetes: another cluster's certificate", 'DirectoryErrors', ({ aws, kubernetes }) =>
    aws.putCluster('shop', { endpoint: kubernetes.endpoint, ca: OTHER_CA, vpcId: 'vpc-0a1b2c3d4e5f60718' }),
  ),
  outside('EKS: cluster unknown', 'DirectoryErrors', () => undefined, {
    env: { CLUSTERS: 'no-such-cluster' },
  }),
  outside('EKS: 503', 'DirectoryErrors', ({ aws }) =>
    aws.answerWith((kind) => (kind === 'eks' ? 'fail' : undefined)),
  ),
  outside('EC2: 503', 'DirectoryErrors', ({ aws }) =>
    aws.answerWith((kind) => (kind === 'ec2' ? 'fail' : undefined)),
  ),
  outside('EKS and EC2: never answer', 'LookupsLate', ({ aws }) => aws.answerWith(() => 'hang')),
  outside('EKS and EC2: down', 'DirectoryErrors', ({ aws }) => aws.close()),
  awsLies('HTML', '<html><body>Proxy error</body></html>'),
  awsLies('nothing', ''),
  awsLies('wrong JSON', '{"cluster":{"endpoint":12,"certificateAuthority":null}}'),
  outside(
    'Kubernetes: never answers, and the budget is longer than the function may live',
    'LookupsLate',
    kubernetesAnswers('hang'),
    { timeoutMs: 3000, env: { LOOKUP_BUDGET_MS: '60000' } },
  ),
];
