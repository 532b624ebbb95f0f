// Facts of a cluster that change between batches (the inventory changes the cluster object in place), and clients whose
// members look alike as text: the response must be that of the ordinary steps.
import { expect, it } from '@jest/globals';
import { createFastPath } from '../../../src/core/fast-path/index.ts';
import { type Directory, EMPTY_DIRECTORY } from '../../../src/core/model/directory.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/core/model/settings.ts';
import { type Acceleration, NO_ACCELERATION } from '../../../src/core/pipeline/acceleration.ts';
import { createPipeline } from '../../../src/core/pipeline/transform.ts';
import { eventOf } from '../../support/batches.ts';
import { clusterStub } from '../../support/directory-stub.ts';
import { query } from '../../support/run-batch.ts';

/** A pipeline over one directory; each call is a batch of one record of bare lines, and returns the text of its output. */
function createBatches(directory: Directory, settings: Settings, acceleration: Acceleration) {
  const ports = {
    directory: { begin: () => ({ lookup: async () => directory, health: () => [] }) },
    now: () => 1_795_168_900_000,
    recordFailed: () => undefined,
  };
  const transform = createPipeline(settings, ports, acceleration);
  return async (...lines: readonly string[]): Promise<string> => {
    const data = Buffer.from(lines.join('\n'));
    const { response } = await transform(eventOf([{ data, shape: 'opaque', units: [] }]));
    return Buffer.from(response.records[0]?.data ?? '', 'base64').toString('utf8');
  };
}

it.each([
  ['a client that is not known', query('example.com', 'NOERROR', '10.0.0.9')],
  ['a public address', query('example.com', 'NOERROR', '203.0.113.9')],
  ['loopback', query('example.com', 'NOERROR', '127.0.0.1')],
])('has the facts of the cluster as they are in each batch: %s', async (_, line) => {
  const cluster = clusterStub('shop');
  const directory = { ...EMPTY_DIRECTORY, clusters: [cluster] };
  const fast = createBatches(directory, DEFAULT_SETTINGS, createFastPath(DEFAULT_SETTINGS));
  const ordinary = createBatches(directory, DEFAULT_SETTINGS, NO_ACCELERATION);
  const outputs: string[] = [];
  for (const facts of [{}, { uid: 'uid-1', vpcId: 'vpc-1' }, { uid: 'uid-2' }, { uid: undefined }]) {
    Object.assign(cluster, facts);
    const output = await fast(line);
    expect(output).toBe(await ordinary(line));
    outputs.push(output);
  }
  expect(outputs.map((output) => /"k8s\.cluster\.uid":"(.*?)"/.exec(output)?.[1])).toEqual([
    undefined,
    'uid-1',
    'uid-2',
    undefined,
  ]);
});

it.each([
  ['-|app-0', 'undefined|app-0'],
  ['undefined|app-0', '-|app-0'],
  ['shop|-', 'shop|undefined'],
])('tells clients apart whose names look alike: %s, %s', async (first, second) => {
  const format = '{remote} {name} {/kubernetes/client-namespace}|{/kubernetes/client-pod-name}';
  const settings = { ...DEFAULT_SETTINGS, corednsLogFormats: [format] };
  const directory = { ...EMPTY_DIRECTORY, clusters: [clusterStub('shop')] };
  const lines = [first, second].map((names, i) => `[INFO] 10.0.0.${i + 1} a.example. ${names}`);
  const fast = createBatches(directory, settings, createFastPath(settings));
  const output = await fast(...lines);
  expect(output).toBe(await createBatches(directory, settings, NO_ACCELERATION)(...lines));
  expect(output).toContain('"dns.question.name":"a.example"');
});
