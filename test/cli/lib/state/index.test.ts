import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { agesText, checkState, readSnapshotAges } from '../../../../src/cli/lib/state/index.ts';
import { awsEnvironment } from '../../../support/aws-stub.ts';
import { startS3Stub } from '../../../support/s3-stub.ts';
import { dnsFunctionWith } from '../../support/dns-function.ts';

const environment = { ...process.env };
let s3: Awaited<ReturnType<typeof startS3Stub>>;
beforeAll(async () => {
  s3 = await startS3Stub();
  Object.assign(process.env, awsEnvironment(s3.url), { AWS_ENDPOINT_URL_S3: s3.url });
});
afterAll(async () => {
  process.env = environment;
  await s3.close();
});
beforeEach(() => {
  s3.objects.clear();
  s3.answerWith(() => undefined);
});

const NOW = Date.parse('2026-03-01T12:00:00Z');
const VARIABLES = { STATE_BUCKET: 'state-bucket', STATE_PREFIX: 'dns', CLUSTERS: 'shop' };

const check = async (variables: Readonly<Record<string, string>> = VARIABLES) =>
  checkState(openAws('eu-west-1'), dnsFunctionWith(variables), NOW);

const put = (cluster: string, ageSeconds: number) => {
  s3.objects.set(`dns/${cluster}.v1.gz`, Buffer.from('x'));
  s3.modifiedAt(new Date(NOW - ageSeconds * 1000));
};

it('checks nothing without a bucket', async () => {
  expect(await check({})).toEqual([]);
  expect(await readSnapshotAges(openAws('eu-west-1'), {})).toBeUndefined();
});

it('is content with fresh snapshots, also those of readers', async () => {
  put('111122223333/eu-west-1/shop', 12);
  put('444455556666/eu-west-1/web', 12);
  const [found] = await check();
  expect(found).toEqual({
    name: 'shared memory',
    state: 'ok',
    observed: '111122223333/eu-west-1/shop: 12 s old\n444455556666/eu-west-1/web: 12 s old',
  });
});

it('warns of a cluster without a snapshot, and of an old one', async () => {
  put('444455556666/eu-west-1/web', 12);
  expect((await check())[0]).toMatchObject({
    state: 'warning',
    observed: 'no snapshot of 111122223333/eu-west-1/shop',
  });
  put('111122223333/eu-west-1/shop', 400);
  expect((await check())[0]).toMatchObject({
    state: 'warning',
    observed: expect.stringContaining('shop: 400 s old'),
  });
});

it('tells a bucket that does not exist from one that may not be listed', async () => {
  s3.answerWith(() => ({ status: 404, code: 'NoSuchBucket' }));
  expect((await check())[0]).toMatchObject({ state: 'missing', observed: 'there is no bucket state-bucket' });
  s3.answerWith(() => ({ status: 403, code: 'AccessDenied' }));
  expect((await check())[0]).toMatchObject({ state: 'unknown' });
});

it('prints ages', () => {
  expect(agesText([])).toBe('none');
});

it('finds the snapshots of others behind a folder with more keys than a page', async () => {
  for (let i = 0; i < 1500; i += 1) put(`000000000000/eu-west-1/c-${i}`, 12);
  put('111122223333/eu-west-1/shop', 12);
  expect((await check())[0]).toMatchObject({ state: 'ok' });
});
