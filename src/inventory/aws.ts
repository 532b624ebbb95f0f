// Limits for the clients of AWS services.
import type { Readable } from 'node:stream';

/**
 * Options of every client: region and credentials, by default those of the environment. Retries are off, because the next
 * invocation retries.
 */
export const awsOptions = <C>(region: string | undefined, credentials?: C) => ({
  maxAttempts: 1,
  // Verification is not left to the environment.
  requestHandler: { httpsAgent: { rejectUnauthorized: true } },
  ...(region === undefined ? {} : { region }),
  ...(credentials === undefined ? {} : { credentials }),
});

/** The part of a client that `limitAnswers` uses. */
type Client = {
  readonly middlewareStack: {
    add(
      middleware: (next: Handler) => Handler,
      options: { readonly step: 'deserialize'; readonly priority: 'low'; readonly name: string },
    ): void;
  };
};

// biome-ignore lint/suspicious/noExplicitAny: the types of the clients differ per service.
type Handler = (request: any) => Promise<any>;

/**
 * Limits the answers of a client, before they are parsed: a call whose answer has more than `maxBytes` is rejected and
 * its connection closed. The time is limited by the `abortSignal` of the call. Answers are not inflated by the client.
 */
export function limitAnswers<T extends Client>(client: T, maxBytes: number): T {
  // Low priority: next to the connection, so that the answer is not yet read.
  client.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      result.response.body = await readBytes(result.response.body, maxBytes);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'limitAnswers' },
  );
  return client;
}

async function readBytes(body: Readable | undefined, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    // Leaving the loop destroys the stream and its connection.
    if (bytes > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
