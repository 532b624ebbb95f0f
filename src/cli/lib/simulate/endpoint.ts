// An HTTP endpoint that enforces Firehose's specification and Dynatrace's limits.
// https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { RECORD_LIMIT_BYTES } from './contract.ts';

/** How the endpoint replies to a request; only `accept` delivers it. */
export type Reply = 'accept' | 'throttle' | 'fail' | 'wrong-request-id' | 'html' | 'hang-up';

/** Callbacks and behaviour of an endpoint. */
export type EndpointOptions = {
  /** Receives each accepted record. */
  readonly onRecord: (data: Buffer) => void;
  readonly violate: (text: string) => void;
  /** The reply to the n-th request (from 0). */
  readonly replyTo?: (request: number) => Reply;
  /** Limit of a request after inflating it and the records in it; larger requests get a 413, which is final. */
  readonly maxInflatedBytes?: number;
};

/** A running endpoint. */
export type Endpoint = {
  readonly url: string;
  /** Size of the largest request after inflating it and the records in it, bytes. */
  largestInflatedBytes(): number;
  close(): Promise<void>;
};

type Body = { requestId?: unknown; timestamp?: unknown; records?: unknown };

const MAX_RECORDS = 10_000;
const MAX_BODY_BYTES = 67_108_864;

/** Starts the endpoint on a free loopback port. */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const state = { requests: 0, largest: 0 };
  const server = createServer((request, response) => {
    buffer(request).then(
      (bytes) => respond(request, response, bytes, options, state),
      () => response.destroy(),
    );
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/api/v2/logs/ingest/aws_firehose`,
    largestInflatedBytes: () => state.largest,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  {
    onRecord,
    violate,
    replyTo = () => 'accept',
    maxInflatedBytes = Number.POSITIVE_INFINITY,
  }: EndpointOptions,
  state: { requests: number; largest: number },
): void {
  const decision = replyTo(state.requests++);
  if (decision === 'hang-up') return void response.destroy();
  if (decision === 'html') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  const text = inflate(bytes);
  const body = (text === undefined ? {} : JSON.parse(text.toString())) as Body;
  const respondWith = (status: number, requestId: unknown) => {
    const json = JSON.stringify({ requestId, timestamp: Date.now() });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
    response.writeHead(status, headers).end(json);
  };
  if (decision === 'throttle') return respondWith(429, body.requestId);
  if (decision === 'fail') return respondWith(500, body.requestId);
  if (decision === 'wrong-request-id') return respondWith(200, 'another-request');
  for (const fault of faultsOf(request, body, bytes.length)) violate(`request: ${fault}`);
  const records = decode(body);
  const inflatedBytes = records.reduce((sum, data) => sum + (inflate(data) ?? data).length, 0);
  state.largest = Math.max(state.largest, inflatedBytes);
  if (inflatedBytes > maxInflatedBytes) return respondWith(413, body.requestId);
  for (const data of records) onRecord(data);
  respondWith(200, body.requestId);
}

function inflate(data: Buffer): Buffer | undefined {
  try {
    return gunzipSync(data);
  } catch {
    return undefined;
  }
}

const decode = ({ records }: Body): Buffer[] =>
  Array.isArray(records) ? records.map(({ data }) => Buffer.from(String(data), 'base64')) : [];

function* faultsOf({ method, headers }: IncomingMessage, body: Body, bodyBytes: number): Generator<string> {
  const expected: Readonly<Record<string, string | RegExp>> = {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'x-amz-firehose-protocol-version': '1.0',
    'x-amz-firehose-request-id': String(body.requestId),
    'x-amz-firehose-source-arn': /^arn:aws:firehose:[a-z0-9-]+:\d{12}:deliverystream\/[\w.-]{1,64}$/,
    'x-amz-firehose-access-key': /^.{1,4096}$/,
    'x-amz-firehose-common-attributes': /^\{"commonAttributes":\{.*\}\}$/,
  };
  if (method !== 'POST') yield `method ${method}`;
  for (const [name, value] of Object.entries(expected)) {
    const found = String(headers[name]);
    if (typeof value === 'string' ? found !== value : !value.test(found)) yield `header ${name}: ${found}`;
  }
  if (bodyBytes > MAX_BODY_BYTES) yield `body of ${bodyBytes} bytes`;
  if (typeof body.timestamp !== 'number') yield 'timestamp is not a number';
  const records = decode(body);
  if (records.length === 0 || records.length > MAX_RECORDS) yield `${records.length} records`;
  for (const data of records) if (data.length > RECORD_LIMIT_BYTES) yield `record of ${data.length} bytes`;
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
