// Faults of the services that the function calls: down, slow, throttling, invalid responses. They cost attribution,
// never a record.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { OTHER_CA, pem, STUB_CA } from '../../../test/support/kubernetes-stub.ts';
import { type Fault, HEALTHY, healthy } from './fault.ts';
import { type StubServices, startStubServices } from './stub-services.ts';

const several: Fault['records'] = function* (traffic) {
  for (let i = 0; i < 12; i++) yield healthy(traffic, 300);
};

/** A fault that `breakThem` causes in the services. */
const serviceFault = (
  name: string,
  metric: string,
  breakThem: (services: StubServices) => unknown,
  more: Partial<Fault> = {},
): Fault => ({
  name,
  metric,
  outcomes: HEALTHY,
  records: several,
  stream: { bufferBytes: 60_000 },
  async services() {
    const services = await startStubServices();
    await breakThem(services);
    return services;
  },
  ...more,
});

type Answer = ReturnType<Parameters<StubServices['kubernetes']['answerWith']>[0]>;

const kubernetesAnswers =
  (answer: Answer) =>
  ({ kubernetes }: StubServices): void =>
    kubernetes.answerWith(() => answer);

/** Replaces the cluster's API by a server that answers every request with `text`. */
async function answerWithText({ aws, kubernetes }: StubServices, text: string): Promise<void> {
  const server = createTlsServer({ key: pem('server-key.pem'), cert: pem('server.pem') }, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  aws.putCluster('shop', { endpoint, ca: STUB_CA, vpcId: 'vpc-0a1b2c3d4e5f60718' });
  await kubernetes.close();
}

/** The AWS endpoint answers every request with `text`. */
const awsAnswers = (name: string, text: string): Fault => ({
  ...serviceFault(`EKS and EC2: ${name}`, 'DirectoryErrors', () => undefined),
  async services() {
    const services = await startStubServices();
    const server = createServer((_, response) => void response.end(text));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { ...services, env: { ...services.env, AWS_ENDPOINT_URL_EKS: url, AWS_ENDPOINT_URL_EC2: url } };
  },
});

/** For faults without a slow service: a busy machine must not count as a late response. */
const PATIENT = { LOOKUP_BUDGET_MS: '60000' };

const STATUSES = [401, 403, 404, 410, 429, 500, 503];

/** All faults of this file. */
export const SERVICE_FAULTS: readonly Fault[] = [
  serviceFault('Kubernetes, EKS and EC2 are available', 'AttributionExact', () => undefined, {
    env: PATIENT,
  }),
  serviceFault(
    'pods come and go',
    'AttributionExact',
    (services) => {
      const timer = setInterval(services.churn, 2);
      timer.unref();
    },
    { env: PATIENT },
  ),
  ...STATUSES.map((status) =>
    serviceFault(`Kubernetes: ${status}`, 'DirectoryErrors', kubernetesAnswers({ status })),
  ),
  serviceFault(
    'Kubernetes: 429 with Retry-After',
    'DirectoryErrors',
    kubernetesAnswers({ status: 429, headers: { 'retry-after': '60' } }),
  ),
  serviceFault('Kubernetes: down', 'DirectoryErrors', ({ kubernetes }) => kubernetes.close()),
  serviceFault('Kubernetes: never answers', 'LookupsLate', kubernetesAnswers('hang')),
  serviceFault('Kubernetes: hangs up', 'DirectoryErrors', kubernetesAnswers('cut')),
  serviceFault(
    'Kubernetes: connection lost during a response',
    'DirectoryErrors',
    kubernetesAnswers('half-closed'),
  ),
  serviceFault('Kubernetes: HTML', 'DirectoryErrors', (services) =>
    answerWithText(services, '<html><body>Sign in</body></html>'),
  ),
  serviceFault('Kubernetes: wrong JSON', 'DirectoryErrors', (services) =>
    answerWithText(services, '{"items":[null,1,{"metadata":7}]}'),
  ),
  serviceFault('Kubernetes: 256 MB of spaces', 'DirectoryErrors', (services) =>
    answerWithText(services, `[${' '.repeat(2 ** 28)}`),
  ),
  serviceFault("Kubernetes: another cluster's certificate", 'DirectoryErrors', ({ aws, kubernetes }) =>
    aws.putCluster('shop', { endpoint: kubernetes.endpoint, ca: OTHER_CA, vpcId: 'vpc-0a1b2c3d4e5f60718' }),
  ),
  serviceFault('EKS: cluster unknown', 'DirectoryErrors', () => undefined, {
    env: { CLUSTERS: 'no-such-cluster' },
  }),
  serviceFault('EKS: 503', 'DirectoryErrors', ({ aws }) =>
    aws.answerWith((kind) => (kind === 'eks' ? 'fail' : undefined)),
  ),
  serviceFault('EC2: 503', 'DirectoryErrors', ({ aws }) =>
    aws.answerWith((kind) => (kind === 'ec2' ? 'fail' : undefined)),
  ),
  serviceFault('EKS and EC2: never answer', 'LookupsLate', ({ aws }) => aws.answerWith(() => 'hang')),
  serviceFault('EKS and EC2: down', 'DirectoryErrors', ({ aws }) => aws.close()),
  awsAnswers('HTML', '<html><body>Proxy error</body></html>'),
  awsAnswers('nothing', ''),
  awsAnswers('wrong JSON', '{"cluster":{"endpoint":12,"certificateAuthority":null}}'),
  serviceFault(
    'Kubernetes: never answers, with a look-up budget longer than the function timeout',
    'LookupsLate',
    kubernetesAnswers('hang'),
    { timeoutMs: 3000, env: { LOOKUP_BUDGET_MS: '60000' } },
  ),
];
