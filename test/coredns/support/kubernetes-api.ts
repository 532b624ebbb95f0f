import { createServer, type Server } from 'node:http';

/** An API server without objects, so that the `kubernetes` plugin starts. */
export async function startEmptyApi(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.setHeader('content-type', 'application/json');
    // Lists only: clients fall back to them.
    if (searchParams.has('sendInitialEvents')) return response.writeHead(400).end();
    if (searchParams.get('watch') === 'true' || searchParams.get('watch') === '1')
      return response.flushHeaders();
    const isSlice = pathname.includes('endpointslices');
    const kind = isSlice
      ? 'EndpointSliceList'
      : pathname.endsWith('pods')
        ? 'PodList'
        : pathname.endsWith('services')
          ? 'ServiceList'
          : 'NamespaceList';
    response.end(
      JSON.stringify({
        kind,
        apiVersion: isSlice ? 'discovery.k8s.io/v1' : 'v1',
        metadata: { resourceVersion: '1' },
        items: [],
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
