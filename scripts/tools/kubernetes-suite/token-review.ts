// The webhook that tells the API server who a bearer token is, in the place of EKS: a presigned STS URL of the function's
// role becomes the group of its access entry.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const PREFIX = 'k8s-aws-v1.';

/** Whether the token is a presigned `GetCallerIdentity` for the cluster. */
function isOurs(token: string): boolean {
  if (!token.startsWith(PREFIX)) return false;
  const url = new URL(Buffer.from(token.slice(PREFIX.length), 'base64url').toString());
  const signed = url.searchParams.get('X-Amz-SignedHeaders') ?? '';
  return (
    /^sts\./.test(url.host) &&
    url.searchParams.get('Action') === 'GetCallerIdentity' &&
    signed.split(';').includes('x-k8s-aws-id')
  );
}

/** Starts the webhook on loopback. */
export async function startTokenReview(group: string) {
  const server = createServer(async (request, response) => {
    const { spec } = JSON.parse(await text(request)) as { spec: { token: string } };
    const status = isOurs(spec.token)
      ? { authenticated: true, user: { username: 'eks-dns-firehose', groups: [group] } }
      : { authenticated: false };
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', status };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(review));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: (): void => {
      server.close();
      server.closeAllConnections();
    },
  };
}
