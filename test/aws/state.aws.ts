// The shared memory against the S3 of moto and of ministack: conditional reads and writes.
import { S3 } from '@aws-sdk/client-s3';
import { expect, it } from '@jest/globals';
import { createS3Store } from '../../src/inventory/state/s3.ts';

const { signal } = new AbortController();
const REGION = 'eu-west-1';

it.each(['MOTO_URL', 'MINISTACK_URL'] as const)('reads and writes conditionally: %s', async (variable) => {
  const endpoint = process.env[variable] ?? '';
  const bucket = `state-${variable.toLowerCase().replace('_', '-')}`;
  const before = process.env.AWS_ENDPOINT_URL_S3;
  process.env.AWS_ENDPOINT_URL_S3 = endpoint;
  try {
    const s3 = new S3({ region: REGION, endpoint, forcePathStyle: true });
    await s3.createBucket({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: REGION } });
    const store = createS3Store(bucket, REGION);
    const key = 'dns/111122223333/eu-west-1/shop.v1.gz';
    expect(await store.read(key, undefined, 1000, signal)).toEqual({ kind: 'missing' });
    const first = await store.write(key, Buffer.from('one'), undefined, signal);
    expect(first.kind).toBe('written');
    expect(await store.write(key, Buffer.from('two'), undefined, signal)).toEqual({ kind: 'lost' });
    const etag = first.kind === 'written' ? first.etag : '';
    expect(await store.read(key, undefined, 1000, signal)).toEqual({
      kind: 'found',
      body: Buffer.from('one'),
      etag,
    });
    expect(await store.read(key, etag, 1000, signal)).toEqual({ kind: 'unchanged' });
    const second = await store.write(key, Buffer.from('two'), etag, signal);
    expect(second.kind).toBe('written');
    expect(await store.write(key, Buffer.from('three'), etag, signal)).toEqual({ kind: 'lost' });
    expect(await store.list('dns/', signal)).toEqual({ keys: [key], isComplete: true });
    await expect(store.read(key, undefined, 2, signal)).rejects.toThrow('more than 2 bytes');
    await expect(createS3Store('no-such-bucket', REGION).read(key, undefined, 9, signal)).rejects.toThrow();
    await s3.deleteObject({ Bucket: bucket, Key: key });
    expect(await store.write(key, Buffer.from('four'), etag, signal)).toEqual({ kind: 'lost' });
    store.disconnect();
    s3.destroy();
  } finally {
    if (before === undefined) delete process.env.AWS_ENDPOINT_URL_S3;
    else process.env.AWS_ENDPOINT_URL_S3 = before;
  }
});
