// What cold copies of the function cost themselves and the API server, with and without the shared memory: the built
// bundle, one process per copy, against stubs on sockets.
import { setTimeout as sleep } from 'node:timers/promises';
import { progress, table } from '../../src/cli/terminal.ts';
import { awsEnvironment, startAwsStub } from '../../test/support/aws-stub.ts';
import { STUB_CA, startKubernetesStub } from '../../test/support/kubernetes-stub.ts';
import { startS3Stub } from '../../test/support/s3-stub.ts';
import {
  coreDnsLine,
  type Environment,
  firstResponse,
  type ResponseTime,
  syncOnce,
} from './first-response.ts';
import { largePodIp, serveLargeCluster } from './large-cluster.ts';
import type { Findings } from './section.ts';
import { fixed, MB, median } from './setup.ts';
import { type ImportFigures, measureSnapshotImport } from './snapshot-import.ts';

const SIZES = [2000, 15_000];
const COPIES = 20;

/** A snapshot is written again when it is older than this, so that it stays fresher than `REFRESH_SECONDS`. */
const REWRITE_MS = 45_000;

/** What copies find: nothing, a snapshot that is fresh enough, or one from which they go on by watch. */
const MEMORIES = {
  none: undefined,
  'a fresh snapshot': { REFRESH_SECONDS: '90' },
  'an older snapshot': { REFRESH_SECONDS: '1' },
} as const;

/** Figures of 20 copies that start one after another. */
type CopiesFigures = {
  readonly pods: number;
  readonly memory: keyof typeof MEMORIES;
  /** Wall-clock and CPU time, medians. */
  readonly firstResponseMs: number;
  readonly firstResponseCpuMs: number;
  readonly eksCalls: number;
  readonly apiRequests: number;
  /** Requests for a page of pods or nodes. */
  readonly listPages: number;
  readonly apiMb: number;
  /** Requests for the snapshot. */
  readonly gets: number;
  /** Requests for the keys under the prefix, which find the snapshots of readers. */
  readonly s3Lists: number;
  readonly snapshotMb: number;
};

/** Measures 20 cold copies for each size of cluster and kind of memory. */
export async function measureColdCopies(): Promise<Findings> {
  const figures: CopiesFigures[] = [];
  for (const pods of SIZES) figures.push(...(await measureCluster(pods)));
  const rows = figures.map((each) => [
    each.pods.toLocaleString('en'),
    each.memory,
    `${fixed(each.firstResponseMs, 0)} ms`,
    `${fixed(each.firstResponseCpuMs, 0)} ms`,
    ...[each.gets, each.s3Lists, each.eksCalls, each.apiRequests, each.listPages].map(String),
    fixed(each.apiMb, 1),
    fixed(each.snapshotMb),
  ]);
  const header = [
    'pods',
    'memory',
    'start to first response',
    'its CPU',
    'S3 GET',
    'S3 LIST',
    'EKS calls',
    'API requests',
    'pages of lists',
    'MB from the API server',
    'MB of a snapshot',
  ];
  const fresh = figures.filter(({ memory }) => memory === 'a fresh snapshot');
  const older = figures.filter(({ memory }) => memory === 'an older snapshot');
  const gets = Math.max(...[...fresh, ...older].map((each) => each.gets));
  const pages = Math.max(...[...fresh, ...older].map((each) => each.listPages));
  progress('cold copies: taking over a snapshot');
  // One after another: they measure the CPU time of the process.
  const imports: ImportFigures[] = [];
  for (const pods of SIZES) imports.push(await measureSnapshotImport(pods));
  const importTable = table(
    ['pods', 'CPU ms to write a snapshot', 'to read it', 'to take it over', 'to skip it'],
    imports.map(({ pods, ...ms }) => [
      pods.toLocaleString('en'),
      ...[ms.encodeMs, ms.decodeMs, ms.takeOverMs, ms.skipMs].map((each) => fixed(each, 0)),
    ]),
  );
  return {
    figures: { copies: figures, imports },
    text: `${COPIES} cold copies, one after another; medians\n\n${table(header, rows)}\n\n${importTable}`,
    verdicts: [
      {
        target: `${COPIES} cold copies with a snapshot: ${COPIES} GETs, no full list`,
        found: `${gets} GETs, ${pages} pages of lists`,
        isMet: gets === COPIES && pages === 0,
      },
    ],
  };
}

async function measureCluster(pods: number): Promise<readonly CopiesFigures[]> {
  const services = await Promise.all([startKubernetesStub(), startAwsStub(), startS3Stub()]);
  const [kubernetes, aws, s3] = services;
  aws.putCluster('shop', { endpoint: kubernetes.endpoint, ca: STUB_CA, vpcId: 'vpc-1' });
  const { pod } = serveLargeCluster(kubernetes, pods, Date.now);
  const last = pods - 1;
  const expected = [pod(last).metadata.name];
  const env: Environment = {
    ...awsEnvironment(aws.url),
    AWS_ENDPOINT_URL_S3: s3.url,
    CLUSTERS: 'arn:aws:eks:eu-west-1:111122223333:cluster/shop',
    EC2_LOOKUP: 'off',
    LOOKUP_BUDGET_MS: '30000',
  };
  const shared = { ...env, STATE_BUCKET: 'state-bucket' };

  const measure = async (memory: CopiesFigures['memory']): Promise<CopiesFigures> => {
    progress(`cold copies: ${pods} pods, ${memory}`);
    const changed = MEMORIES[memory];
    const total = { eksCalls: 0, apiRequests: 0, listPages: 0, apiMb: 0, gets: 0, s3Lists: 0 };
    const times: ResponseTime[] = [];
    for (let n = 0, writtenMs = 0; n < COPIES; n += 1) {
      if (changed !== undefined && Date.now() - writtenMs > REWRITE_MS) {
        await syncOnce(shared);
        writtenMs = Date.now();
        await sleep(1500);
      }
      for (const { requests } of services) requests.length = 0;
      const bytesBefore = kubernetes.bytesOut();
      const copy = changed === undefined ? env : { ...shared, ...changed };
      times.push(await firstResponse(copy, [coreDnsLine(largePodIp(last))], expected));
      total.eksCalls += aws.requests.length;
      total.apiRequests += kubernetes.requests.length;
      total.listPages += kubernetes.requests.filter(isPageOfList).length;
      total.apiMb += (kubernetes.bytesOut() - bytesBefore) / MB;
      total.s3Lists += s3.requests.filter((request) => request === 'GET').length;
      total.gets += s3.requests.filter((request) => request.startsWith('GET ')).length;
    }
    const [snapshot] = s3.objects.values();
    const snapshotMb = changed === undefined ? 0 : (snapshot?.length ?? 0) / MB;
    return {
      pods,
      memory,
      firstResponseMs: median(times.map(({ elapsedMs }) => elapsedMs)),
      firstResponseCpuMs: median(times.map(({ cpuMs }) => cpuMs)),
      ...total,
      snapshotMb,
    };
  };
  try {
    const all: CopiesFigures[] = [];
    for (const memory of Object.keys(MEMORIES) as (keyof typeof MEMORIES)[]) all.push(await measure(memory));
    return all;
  } finally {
    await Promise.all(services.map(async ({ close }) => close()));
  }
}

const isPageOfList = (path: string): boolean => /^\/api\/v1\/(?:pods|nodes)\?limit=500/.test(path);
