// Answers of EKS and EC2 that never end, come in endless pages or repeat secrets.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { invoke, keysOf, liveSource, NOW, useStubs } from '../support/live-directory.ts';

const stubs = useStubs();
const environment = { ...process.env };
let respond: (response: ServerResponse, request: IncomingMessage) => unknown;
const server = createServer((request, response) => void respond(response, request));
let requests = 0;
server.on('request', () => {
  requests += 1;
});

beforeEach(async () => {
  requests = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  Object.assign(process.env, {
    ...environment,
    AWS_ENDPOINT_URL_EKS: stubs.aws.url,
    AWS_ENDPOINT_URL_EC2: stubs.aws.url,
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
const replace = (service: 'EKS' | 'EC2'): void => {
  process.env[`AWS_ENDPOINT_URL_${service}`] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

function writeForEver(response: ServerResponse, text: string): void {
  const write = (): void => {
    while (!response.destroyed && response.write(text));
  };
  response.on('drain', write);
  write();
}

const source = () => liveSource({ ec2Lookup: true, lookupBudgetMs: 600_000 });
const keys = keysOf({ instanceIds: new Set(['i-1']) });

it('an answer of EKS that never ends', async () => {
  replace('EKS');
  respond = (response) => {
    response.write('{"cluster":{"name":"');
    writeForEver(response, 'x'.repeat(100_000));
  };
  const { health } = await invoke(source(), NOW);
  expect(health[0]).toMatchObject({ errors: 1, late: false });
  expect(health[0]?.lastError).toMatch(/more than 1048576 bytes/);
});

it('an error of EKS that never ends', async () => {
  replace('EKS');
  respond = (response) => writeForEver(response.writeHead(503), ' '.repeat(100_000));
  const { health } = await invoke(source(), NOW);
  expect(health[0]).toMatchObject({ errors: 1, late: false });
});

it('an answer of EC2 that never ends', async () => {
  replace('EC2');
  respond = (response) => {
    response.write('<DescribeInstancesResponse><reservationSet>');
    writeForEver(response, '<item></item>'.repeat(10_000));
  };
  const { health } = await invoke(source(), NOW, keys);
  expect(health[1]).toMatchObject({ errors: 1, late: false });
  expect(health[1]?.lastError).toMatch(/more than 8388608 bytes/);
});

const answer = (items: string, next = ''): string =>
  `<DescribeInstancesResponse><reservationSet><item><instancesSet>${items}</instancesSet></item></reservationSet>${next}</DescribeInstancesResponse>`;
const instance = (id: string, more = ''): string =>
  `<item><instanceId>${id}</instanceId><vpcId>vpc-1</vpcId>${more}</item>`;

it('endless pages of EC2', async () => {
  replace('EC2');
  respond = (response) =>
    response.end(answer(instance(`i-${requests}`), `<nextToken>${requests}</nextToken>`));
  const { health } = await invoke(source(), NOW, keys);
  expect(health[1]).toMatchObject({ errors: 1, late: false });
  expect(health[1]?.lastError).toMatch(/more than 20 pages/);
  expect(requests).toBeLessThanOrEqual(22);
});

it('more instances than were asked for', async () => {
  replace('EC2');
  const items = Array.from({ length: 1001 }, (_, n) => instance(`i-${n}`));
  respond = (response) => response.end(answer(items.join('')));
  const { health } = await invoke(source(), NOW, keys);
  expect(health[1]?.lastError).toMatch(/more than 1000 instances/);
});

it('an instance with more addresses than EC2 gives', async () => {
  replace('EC2');
  const ips = Array.from(
    { length: 3000 },
    (_, n) => `<item><privateIpAddress>10.1.${n >> 8}.${n & 255}</privateIpAddress></item>`,
  );
  const network = `<networkInterfaceSet><item><privateIpAddressesSet>${ips.join('')}</privateIpAddressesSet></item></networkInterfaceSet>`;
  respond = (response) => response.end(answer(instance('i-1', network)));
  const { directory } = await invoke(source(), NOW, keys);
  expect(directory.instanceAt('vpc-1', '10.1.0.7')?.id).toBe('i-1');
  expect(directory.instanceAt('vpc-1', '10.1.11.0')).toBeUndefined();
});

it.each(['EKS', 'EC2'] as const)(
  'errors of %s that repeat credentials, in name, header and message',
  async (service) => {
    replace(service);
    const token = `k8s-aws-v1.${'aZ4x'.repeat(30)}`;
    respond = (response, { headers }) => {
      const message = `${headers.authorization} ${token}`;
      response.writeHead(400, { 'x-amzn-errortype': token, 'content-type': 'application/json' });
      response.end(
        service === 'EKS'
          ? JSON.stringify({ __type: token, message })
          : `<Response><Errors><Error><Code>${token}</Code><Message>${message}</Message></Error></Errors></Response>`,
      );
    };
    const { health } = await invoke(source(), NOW, keys);
    const lastError = health[service === 'EKS' ? 0 : 1]?.lastError;
    expect(lastError).toContain('[redacted]');
    expect(lastError).not.toMatch(/aZ4x|Signature=|AKIDEXAMPLE/);
  },
);

it.each(['EKS', 'EC2'] as const)('a redirect of %s is not followed', async (service) => {
  replace(service);
  const paths: unknown[] = [];
  respond = (response, { url }) => {
    paths.push(url);
    response.writeHead(307, { location: '/elsewhere' }).end();
  };
  const { health } = await invoke(source(), NOW, keys);
  expect(health[service === 'EKS' ? 0 : 1]?.errors).toBe(1);
  expect(paths).toHaveLength(1);
});
