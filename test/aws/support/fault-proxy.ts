// Proxy in front of moto that answers chosen calls with AWS errors, or runs an action before it forwards them.
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { forward } from './cluster-proxy.ts';

type Rule = {
  /** Operation in the JSON protocol: `UpdateDestination`. */
  readonly operation: string;
  /** Number of calls to which the rule applies. */
  readonly times: number;
  /** Error code of the response; without it the call is forwarded after `before`, unless there is an `answer`. */
  readonly fault?: string;
  /** Response for calls that moto does not support. */
  readonly answer?: object;
  readonly before?: () => Promise<unknown>;
};

/** The proxy: use `url` as AWS_ENDPOINT_URL; `seen` lists the operations in order. */
export type FaultProxy = {
  readonly url: string;
  readonly seen: readonly string[];
  /** The same as IAM actions: `firehose:UpdateDestination`. */
  readonly actions: readonly string[];
  readonly close: () => Promise<void>;
};

/** IAM prefixes by service name of the JSON protocol, and by API version of the query protocol. */
const SERVICES: Readonly<Record<string, string>> = {
  Firehose_20150804: 'firehose',
  Logs_20140328: 'logs',
  Route53Resolver: 'route53resolver',
  GraniteServiceVersion20100801: 'cloudwatch',
  '2010-05-08': 'iam',
  '2010-05-15': 'cloudformation',
};

/** The IAM action of a request. */
function actionOf(target: string, url: string, body: string): string {
  const [service = '', operation = ''] = target.split('.');
  if (operation !== '') return `${SERVICES[service] ?? service}:${operation}`;
  const form = new URLSearchParams(body);
  if (form.has('Action')) return `${SERVICES[form.get('Version') ?? ''] ?? '?'}:${form.get('Action')}`;
  return /^\/2015-03-31\/functions\/[^/]+\/configuration/.test(url)
    ? 'lambda:GetFunctionConfiguration'
    : `? ${url}`;
}

/** Starts a proxy to moto with these rules. */
export async function startFaultProxy(target: string, rules: readonly Rule[]): Promise<FaultProxy> {
  const seen: string[] = [];
  const actions: string[] = [];
  const left = new Map(rules.map((rule) => [rule, rule.times]));
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, '');
    const body = await buffer(request);
    seen.push(operation);
    actions.push(actionOf(String(request.headers['x-amz-target'] ?? ''), request.url ?? '', body.toString()));
    const rule = rules.find((one) => one.operation === operation && (left.get(one) ?? 0) > 0);
    if (rule !== undefined) {
      left.set(rule, (left.get(rule) ?? 0) - 1);
      await rule.before?.();
      const { fault } = rule;
      const answer = fault === undefined ? rule.answer : { __type: fault, message: `${fault} by the test` };
      if (answer !== undefined) {
        response.writeHead(fault === undefined ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(JSON.stringify(answer));
        return;
      }
    }
    const answer = await forward(target, request, body);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    actions,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
