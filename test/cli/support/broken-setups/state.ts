// Breaks of the memory that the copies of the function share.
import type { startS3Stub } from '../../../support/s3-stub.ts';
import type { BrokenSetup, Run } from './broken-setup.ts';

type Bucket = Awaited<ReturnType<typeof startS3Stub>>;

const FRESH = '111122223333/eu-west-1/shop.v1.gz';

const withBucket = ({ account }: Run): void => {
  account.state.variables.STATE_BUCKET = 'state-bucket';
};

/** The breaks with that bucket. */
export const stateBreaks = (bucket: () => Bucket): readonly BrokenSetup[] => [
  {
    name: 'no bucket',
    break: (run) => {
      withBucket(run);
      bucket().answerWith(() => ({ status: 404, code: 'NoSuchBucket' }));
    },
    check: 'shared memory',
    fix: 'shows',
  },
  { name: 'no snapshot', break: withBucket, check: 'shared memory', fix: 'shows' },
  {
    name: 'an old snapshot',
    break: (run) => {
      withBucket(run);
      bucket().objects.set(FRESH, Buffer.from('x'));
      bucket().modifiedAt(new Date('2026-01-01T00:00:00Z'));
    },
    check: 'shared memory',
    fix: 'shows',
  },
];
