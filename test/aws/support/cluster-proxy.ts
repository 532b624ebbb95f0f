// Proxy in front of an emulator's EKS: the endpoints of clusters there lead nowhere, so those of stubs take their place.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Members of a cluster that replace those of the emulator. */
export type ClusterMembers = {
  readonly endpoint: string;
  readonly certificateAuthority: { readonly data: string };
  readonly resourcesVpcConfig?: { readonly vpcId: string; readonly endpointPublicAccess: boolean };
};

/** Sends a request on to `target` as it came. */
export async function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Response> {
  const headers = Object.entries(request.headers).filter(
    ([name]) => !/^(host|connection|content-length)$/.test(name),
  );
  return fetch(`${target}${request.url}`, {
    method: request.method ?? 'GET',
    headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
}

/** Starts the proxy; `members` are those of the clusters of a Region, `seen` is told of each call. */
export async function startClusterProxy(
  target: string,
  members: (region: string) => ClusterMembers | undefined,
  seen: (region: string, accessKey: string) => void = () => {},
) {
  const server = createServer(async (request, response) => {
    const answer = await forward(target, request, await buffer(request));
    const [, key = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    seen(region, key);
    const json = (await answer.json()) as { cluster?: object };
    if (json.cluster !== undefined) Object.assign(json.cluster, members(region));
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      'x-amzn-errortype': answer.headers.get('x-amzn-errortype') ?? '',
    });
    response.end(JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
