// A stub of AWS: one response per operation; operations without one get AccessDeniedException.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach } from '@jest/globals';
import { awsEnvironment } from '../../support/aws-stub.ts';

/** Input of an operation. */
type Input = Readonly<Record<string, unknown>>;

/** Responses by operation, `{ DescribeDeliveryStream: () => ({ ... }) }`; a string is an error, `<code>` or `<code>: <message>`. */
export type Answers = Readonly<Record<string, (input: Input) => object | string>>;

/** One received call. */
export type Call = { readonly operation: string; readonly input: Input };

async function callOf(request: IncomingMessage): Promise<Call & { readonly isXml: boolean }> {
  const body = await text(request);
  const target = /\.(\w+)$/.exec(String(request.headers['x-amz-target'] ?? ''))?.[1];
  if (target !== undefined) return { operation: target, input: JSON.parse(body), isXml: false };
  const form = new URLSearchParams(body);
  const action = form.get('Action');
  if (action !== null) return { operation: action, input: Object.fromEntries(form), isXml: true };
  // The only REST call: GET /2015-03-31/functions/<name>/configuration.
  const FunctionName = decodeURIComponent((request.url ?? '').split('/')[3] ?? '');
  return { operation: 'GetFunctionConfiguration', input: { FunctionName }, isXml: false };
}

const xmlOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.map((one) => `<member>${xmlOf(one)}</member>`).join('')
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([name, one]) => `<${name}>${xmlOf(one)}</${name}>`)
          .join('')
      : String(value);

function faultText(name: string, message: string, isXml: boolean): string {
  return isXml
    ? `<ErrorResponse><Error><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`
    : JSON.stringify({ __type: name, message });
}

/** Starts the stub on loopback; `environment` configures all clients to use it, `calls` lists the received calls. */
async function startCallsStub(answers: Answers) {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const { operation, input, isXml } = await callOf(request);
    calls.push({ operation, input });
    const answer = answers[operation]?.(input) ?? 'AccessDeniedException';
    const [fault, message = `${fault} by the test`] = typeof answer === 'string' ? answer.split(': ') : [];
    const content = isXml
      ? `<${operation}Response><${operation}Result>${xmlOf(answer)}</${operation}Result></${operation}Response>`
      : JSON.stringify(answer);
    response.writeHead(fault === undefined ? 200 : 400, {
      'content-type': isXml ? 'text/xml' : 'application/x-amz-json-1.1',
      ...(fault && { 'x-amzn-errortype': fault }),
    });
    response.end(fault === undefined ? content : faultText(fault, message, isXml));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    calls,
    environment: { ...awsEnvironment(url), AWS_ENDPOINT_URL: url },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Starts a stub and configures all clients to use it; after each test, closes those that it started and restores the
 * environment.
 */
export function callsStubPerTest() {
  const environment = { ...process.env };
  const started: Awaited<ReturnType<typeof startCallsStub>>[] = [];
  afterEach(async () => {
    process.env = { ...environment };
    for (const stub of started.splice(0)) await stub.close();
  });
  return async (answers: Answers) => {
    const stub = await startCallsStub(answers);
    started.push(stub);
    Object.assign(process.env, stub.environment);
    return stub;
  };
}
