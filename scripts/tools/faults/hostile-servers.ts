// Servers of the fault matrix that answer in place of Kubernetes, EKS and EC2, as a fault likes.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { pem, STUB_CA } from '../../../test/support/kubernetes-stub.ts';
import { type Fat, fatPages, fatPod } from './fat-pods.ts';
import type { Services } from './fault.ts';
import type { StubServices } from './stub-services.ts';

type Respond = (url: URL, response: ServerResponse, request: IncomingMessage) => unknown;

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return (server.address() as AddressInfo).port;
};

const onRequest =
  (respond: Respond) =>
  (request: IncomingMessage, response: ServerResponse): void =>
    void respond(new URL(request.url ?? '', 'https://localhost'), response, request);

/** Replaces the cluster's API; what `respond` leaves undefined is answered with an empty list. */
export async function kubernetesServer({ aws, kubernetes }: StubServices, respond: Respond): Promise<void> {
  await kubernetes.close();
  const tls = { key: pem('server-key.pem'), cert: pem('server.pem') };
  const port = await listening(createServer(tls, onRequest(respond)));
  aws.putCluster('shop', { endpoint: `https://127.0.0.1:${port}`, ca: STUB_CA, vpcId: VPC });
}

/** Replaces EKS or EC2. */
export async function awsServer(
  services: StubServices,
  name: 'EKS' | 'EC2',
  respond: Respond,
): Promise<Services> {
  const port = await listening(createHttpServer(onRequest(respond)));
  const env = { ...services.env, [`AWS_ENDPOINT_URL_${name}`]: `http://127.0.0.1:${port}` };
  return { ...services, env };
}

/** The VPC of the cluster. */
export const VPC = 'vpc-0a1b2c3d4e5f60718';
/** Bytes. */
export const MEBIBYTE = 2 ** 20;

/** Writes `chunk` until the client closes the connection. */
export function writeForEver(response: ServerResponse, chunk: string | Buffer): void {
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', write);
  write();
}

/** The requests that a healthy cluster answers, with these lists of pods and watches. */
export const cluster =
  (pods: Respond, watch: Respond): Respond =>
  (url, response, request) => {
    if (url.pathname.endsWith('/kube-system')) return response.end('{"metadata":{"uid":"u"}}');
    if (url.pathname !== '/api/v1/pods')
      return response.end('{"metadata":{"resourceVersion":"7"},"items":[]}');
    return (url.searchParams.has('watch') ? watch : pods)(url, response, request);
  };

/** Starts a gzip response. */
export const gzipped = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-encoding': 'gzip' });

/** A list of so many large pods, in pages. */
export const pagesOf = (count: number, fat: Fat): Respond => {
  const page = fatPages(count, fat);
  return (url, response) => gzipped(response).end(page(url));
};

/** A list whose version is ahead of that of its watches. */
export const empty: Respond = (url, response) => {
  const version = url.searchParams.get('limit') === '1' ? 9999 : 7;
  response.end(`{"metadata":{"resourceVersion":"${version}"},"items":[]}`);
};

/** A watch event of a large pod, with its newline. */
export const eventOf = (index: number, fat: Fat): string => {
  const { start, spec, end } = fatPod(index, fat);
  return `{"type":"MODIFIED","object":${start}${JSON.stringify(fat.annotations ?? {})}${spec}${end}}\n`;
};
