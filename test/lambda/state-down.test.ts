// The built function while S3 is down, over real sockets: the batch is answered as without shared memory, and it is counted.
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type StubServices, startStubServices } from '../../scripts/tools/faults/stub-services.ts';
import { bundleUrl } from '../../src/cli/lib/io/bundle.ts';
import { envelopeJson } from '../../src/cli/lib/io/firehose-event.ts';
import { readResponse, recordsIn } from '../../src/cli/lib/io/firehose-response.ts';
import { createFunction } from '../../src/cli/lib/simulate/function.ts';
import { eventOf } from '../support/batches.ts';
import { type S3Answer, startS3Stub } from '../support/s3-stub.ts';

const BUDGET_MS = 2000;
/** Far above the budget on a busy machine, and far below any time-out of a client or socket. */
const GENEROUS_MS = 30_000;

/** What the readers have written, and this function's own snapshot: no snapshot, but half of it is less still. */
const OBJECTS = ['444455556666/eu-west-1/web', '111122223333/eu-west-1/shop'];

let services: StubServices;
let s3: Awaited<ReturnType<typeof startS3Stub>>;
beforeEach(async () => {
  services = await startStubServices();
  s3 = await startS3Stub();
  for (const name of OBJECTS) s3.objects.set(`dns/${name}.v1.gz`, Buffer.alloc(4096));
});
afterEach(async () => {
  await services.close();
  await s3.close();
});

/** The records and metrics of a batch of one query, by a cold function. */
async function batch() {
  const lines: string[] = [];
  const lambda = createFunction({
    bundle: bundleUrl('dist/index.mjs'),
    env: {
      ...services.env,
      // Its account tells the function's own snapshot from those of readers; Lambda's context names it, this one does not.
      CLUSTERS: 'arn:aws:eks:eu-west-1:111122223333:cluster/shop',
      EC2_LOOKUP: 'off',
      LOOKUP_BUDGET_MS: String(BUDGET_MS),
      STATE_BUCKET: 'state-bucket',
      STATE_PREFIX: 'dns',
      AWS_ENDPOINT_URL_S3: s3.url,
    },
    timeoutMs: 600_000,
    onLine: (line) => lines.push(line),
  });
  const head = {
    owner: '111122223333',
    logGroup: '/simulated/dns',
    logStream: 's',
    messageType: 'DATA_MESSAGE',
  };
  const message = '[INFO] 10.0.0.7:4000 - 1 "A IN a.example. udp 40 false 512" NOERROR qr,rd,ra 80 0.1s';
  const text = envelopeJson({ ...head, events: [{ timeMs: Date.now() - 60_000, message }] });
  const event = eventOf([{ data: gzipSync(text), shape: 'events', units: [] }]);
  const { text: response = '', error } = await lambda.invoke(event);
  await lambda.stop();
  expect(error).toBeUndefined();
  const metrics = JSON.parse(lines.find((line) => line.startsWith('{"_aws"')) ?? '{}');
  return { records: recordsIn(readResponse(event, JSON.parse(response))), metrics, lines };
}

it.each<[string, () => unknown]>([
  ['refuses connections', () => s3.close()],
  ['answers 503', () => s3.answerWith(() => ({ status: 503, code: 'SlowDown' }))],
  ['does not answer', () => s3.answerWith(() => 'hang')],
  [
    'sends half an object',
    () => s3.answerWith((request): S3Answer => (/gz/.test(request) ? 'half' : undefined)),
  ],
])('S3 that %s costs a count, not the batch', async (_, breakIt) => {
  await breakIt();
  const { records, metrics, lines } = await batch();
  expect(records).toHaveLength(1);
  // The cluster itself was asked.
  expect(records[0]).toMatchObject({ 'k8s.pod.name': expect.stringMatching(/^web-6-/) });
  expect(metrics).toMatchObject({ RecordsFailed: 0, EventsCoreDns: 1 });
  expect(metrics.StateErrors).toBeGreaterThan(0);
  expect(metrics.InvocationTime).toBeLessThan(GENEROUS_MS);
  expect(lines.filter((line) => line.includes('state_degraded')).length).toBeGreaterThan(0);
});

it('S3 that works is counted as nothing', async () => {
  s3.objects.clear();
  const { records, metrics } = await batch();
  expect(records).toHaveLength(1);
  expect(metrics.StateErrors).toBe(0);
});
