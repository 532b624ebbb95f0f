// The same as printed-fixes.test.ts for the fixes in Dynatrace, and of the memory in S3.
import { afterAll, afterEach, beforeEach, describe, it } from '@jest/globals';
import { startS3Stub } from '../support/s3-stub.ts';
import { expectAllReached } from './support/recorded-checks.ts';

const { fixRunnerPerTest } = await import('./support/fix-runner.ts');
const { DYNATRACE } = await import('./support/broken-setups/dynatrace.ts');
const { stateBreaks } = await import('./support/broken-setups/state.ts');

const { checkFix } = fixRunnerPerTest();

it.each(DYNATRACE)('$name: the fix $fix', checkFix);

describe('the shared memory', () => {
  let bucket: Awaited<ReturnType<typeof startS3Stub>>;
  beforeEach(async () => {
    bucket = await startS3Stub();
    process.env.AWS_ENDPOINT_URL_S3 = bucket.url;
  });
  afterEach(() => bucket.close());

  it.each(stateBreaks(() => bucket))('$name: the fix $fix', checkFix);
});

afterAll(() => expectAllReached(/^(?:dynatrace|state)\//));
