// An HTTP endpoint as strict as Firehose's specification and Dynatrace's limits allow it to be.
// https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { RECORD_LIMIT_BYTES } from './contract.ts';

/** What the endpoint does with a request; all but `accept` leave it undelivered. */
export type Answer = 'accept' | 'throttle' | 'fail' | 'wrong-request-id' | 'html' | 'hang-up';

export type EndpointOptions = {
  /** A record that was accepted. */
  readonly onRecord: (data: Buffer) => void;
  readonly violate: (text: string) => void;
  /** Decides how the n-th request (from 0) is answered. */
  readonly answer?: (request: number) => Answer;
  /** A request that inflates (envelopes' own gzip included) past this is refused with 413, for good. */
  readonly maxInflatedBytes?: number;
};

export type Endpoint = {
  readonly url: string;
  /** The largest request once everything in it is inflated, bytes. */
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
    readAll(request).then(
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
    answer = () => 'accept',
    maxInflatedBytes = Number.POSITIVE_INFINITY,
  }: EndpointOptions,
  state: { requests: number; largest: number },
): void {
  const decision = answer(state.requests++);
  if (decision === 'hang-up') return void response.destroy();
  if (decision === 'html') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  const text = inflate(bytes);
  const body = (text === undefined ? {} : JSON.parse(text.toString())) as Body;
  const reply = (status: number, requestId: unknown) => {
    const json = JSON.stringify({ requestId, timestamp: Date.now() });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
    response.writeHead(status, headers).end(json);
  };
  if (decision === 'throttle') return reply(429, body.requestId);
  if (decision === 'fail') return reply(500, body.requestId);
  if (decision === 'wrong-request-id') return reply(200, 'another-request');
  for (const fault of faultsOf(request, body, bytes.length)) violate(`request: ${fault}`);
  const records = decode(body);
  const inflatedBytes = records.reduce((sum, data) => sum + (inflate(data) ?? data).length, 0);
  state.largest = Math.max(state.largest, inflatedBytes);
  if (inflatedBytes > maxInflatedBytes) return reply(413, body.requestId);
  for (const data of records) onRecord(data);
  reply(200, body.requestId);
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
  const wanted: Readonly<Record<string, string | RegExp>> = {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'x-amz-firehose-protocol-version': '1.0',
    'x-amz-firehose-request-id': String(body.requestId),
    'x-amz-firehose-source-arn': /^arn:aws:firehose:[a-z0-9-]+:\d{12}:deliverystream\/[\w.-]{1,64}$/,
    'x-amz-firehose-access-key': /^.{1,4096}$/,
    'x-amz-firehose-common-attributes': /^\{"commonAttributes":\{.*\}\}$/,
  };
  if (method !== 'POST') yield `method ${method}`;
  for (const [name, value] of Object.entries(wanted)) {
    const found = String(headers[name]);
    if (typeof value === 'string' ? found !== value : !value.test(found)) yield `header ${name}: ${found}`;
  }
  if (bodyBytes > MAX_BODY_BYTES) yield `body of ${bodyBytes} bytes`;
  if (typeof body.timestamp !== 'number') yield 'timestamp is no number';
  const records = decode(body);
  if (records.length === 0 || records.length > MAX_RECORDS) yield `${records.length} records`;
  for (const data of records) if (data.length > RECORD_LIMIT_BYTES) yield `record of ${data.length} bytes`;
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
