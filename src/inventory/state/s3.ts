// The shared objects in S3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
import { pipeline, type Readable, Transform } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { awsOptions } from '../aws.ts';
import type { StateStore } from './store.ts';

/** Limit for an answer without an object: an error, a list of 1,000 keys. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Pages of folders; objects beside the folders are on them too. */
const MAX_FOLDER_PAGES = 5;

/** Statuses that say that another copy was first, or removed the object: its version has changed. */
const LOST = new Set([404, 409, 412]);

/** The HTTP status of a fault of S3; undefined for any other error. */
const statusOf = (error: unknown): number | undefined =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata
    ?.httpStatusCode;

const hasName = (error: unknown, name: string): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === name;

/** A bucket in the function's region. Loads the client with the first request. */
export function createS3Store(bucket: string, region: string | undefined): StateStore {
  let loading:
    | Promise<{ readonly sdk: typeof import('@aws-sdk/client-s3'); readonly client: S3Client }>
    | undefined;
  const load = async () => {
    loading ??= import('@aws-sdk/client-s3').then((sdk) => ({ sdk, client: createClient(sdk, region) }));
    return loading;
  };
  /** A role that may list the prefix only is denied objects that do not exist. Rejects where it may not list. */
  const exists = async (key: string, signal: AbortSignal): Promise<boolean> => {
    const { sdk, client } = await load();
    const request = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 });
    const { Contents = [] } = await client.send(request, { abortSignal: signal });
    return Contents.some(({ Key }) => Key === key);
  };

  return {
    read: async (key, etag, maxBytes, signal) => {
      const { sdk, client } = await load();
      const condition = etag === undefined ? {} : { IfNoneMatch: etag };
      const request = new sdk.GetObjectCommand({ Bucket: bucket, Key: key, ...condition });
      try {
        const { Body, ETag } = await client.send(request, { abortSignal: signal });
        const body = await readAll(Body as Readable, maxBytes, signal);
        return { kind: 'found', body, etag: ETag ?? '' };
      } catch (error) {
        if (statusOf(error) === 304) return { kind: 'unchanged' };
        const isDenied = statusOf(error) === 403;
        if (hasName(error, 'NoSuchKey') || (isDenied && !(await exists(key, signal))))
          return { kind: 'missing' };
        throw error;
      }
    },
    write: async (key, body, etag, signal) => {
      const { sdk, client } = await load();
      const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
      const request = new sdk.PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: 'application/gzip',
        ...condition,
      });
      try {
        const { ETag } = await client.send(request, { abortSignal: signal });
        return { kind: 'written', etag: ETag ?? '' };
      } catch (error) {
        // A bucket that does not exist is a fault.
        if (LOST.has(statusOf(error) ?? 0) && !hasName(error, 'NoSuchBucket')) return { kind: 'lost' };
        throw error;
      }
    },
    list: async (prefix, signal) => {
      const { sdk, client } = await load();
      const request = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix });
      const { Contents = [], IsTruncated } = await client.send(request, { abortSignal: signal });
      return { keys: Contents.flatMap(({ Key }) => Key ?? []), isComplete: IsTruncated !== true };
    },
    folders: async (prefix, signal) => {
      const { sdk, client } = await load();
      const found: string[] = [];
      const pages = sdk.paginateListObjectsV2(
        { client },
        { Bucket: bucket, Prefix: prefix, Delimiter: '/' },
        { abortSignal: signal },
      );
      let count = 0;
      for await (const { CommonPrefixes = [] } of pages) {
        found.push(...CommonPrefixes.flatMap(({ Prefix }) => Prefix ?? []));
        count += 1;
        if (count === MAX_FOLDER_PAGES) break;
      }
      return found;
    },
    disconnect: () => {
      loading?.then(
        ({ client }) => client.destroy(),
        () => {},
      );
    },
  };
}

function createClient(sdk: typeof import('@aws-sdk/client-s3'), region: string | undefined): S3Client {
  const client = new sdk.S3Client({
    ...awsOptions(region),
    // The snapshot is gzip, which has a checksum of its own.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  client.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const { response } = result as { response: { body: Readable; statusCode: number } };
      // The body of an object is counted by its reader.
      if (response.statusCode >= 300) response.body = limited(response.body, MAX_ANSWER_BYTES);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'limitAnswers' },
  );
  return client;
}

/** A stream that fails beyond `maxBytes`, and closes its connection. */
function limited(body: Readable, maxBytes: number): Readable {
  let bytes = 0;
  const limit = new Transform({
    transform: (chunk: Buffer, _, done) => {
      bytes += chunk.length;
      done(bytes > maxBytes ? new Error(`the answer has more than ${maxBytes} bytes`) : null, chunk);
    },
  });
  return pipeline(body, limit, () => {});
}

async function readAll(body: Readable, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onAbort = () => body.destroy(new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      // Leaving the loop destroys the stream and its connection.
      if (bytes > maxBytes) throw new Error(`the object has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  return Buffer.concat(chunks);
}
