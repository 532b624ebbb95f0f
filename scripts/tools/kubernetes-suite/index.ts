// `npm run test:kubernetes`: the directory against a real API server with simulated kubelets, at real speed, for 16 minutes.
// Exits with 1 if a wrong pod is named, or too few right ones. The servers are built with Go if they are not there yet.
//   npm run test:kubernetes -- --quick   short form for .ci/run: two minutes, builds nothing
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { awsEnvironment, startAwsStub } from '../../../test/support/aws-stub.ts';
import { startS3Stub } from '../../../test/support/s3-stub.ts';
import { hasGo } from '../go-toolchain.ts';
import { buildBinaries, findBinaries } from './binaries.ts';
import { startControlPlane } from './control-plane.ts';
import { missedGoals, printReport } from './report.ts';
import { createRowRun, type Row } from './rows.ts';
import { startSimulation } from './simulation.ts';

const MINUTE = 60_000;

type Plan = {
  readonly warmUpMs: number;
  readonly durationMs: number;
  readonly lagsSeconds: readonly number[];
  readonly minQueries: number;
  readonly rows: readonly Row[];
};

const FULL: Plan = {
  warmUpMs: MINUTE,
  durationMs: 15 * MINUTE,
  lagsSeconds: [5, 60, 600],
  minQueries: 100_000,
  rows: [
    { name: 'warm', everyMs: 10_000 },
    { name: 'a new copy every 4 min', everyMs: 10_000, replacedEveryMs: 4 * MINUTE },
    { name: 'called every 200 s', everyMs: 200_000 },
    {
      name: 'a new copy every 4 min, memory',
      everyMs: 10_000,
      replacedEveryMs: 4 * MINUTE,
      hasMemory: true,
      goal: 99,
    },
    { name: 'called every 200 s, memory', everyMs: 200_000, hasMemory: true, goal: 99 },
  ],
};

const QUICK: Plan = {
  warmUpMs: 20_000,
  durationMs: 2 * MINUTE,
  lagsSeconds: [5, 60],
  minQueries: 1000,
  rows: [
    { name: 'warm', everyMs: 10_000 },
    { name: 'a new copy every 40 s', everyMs: 10_000, replacedEveryMs: 40_000 },
    { name: 'a new copy every 40 s, memory', everyMs: 10_000, replacedEveryMs: 40_000, hasMemory: true },
  ],
};

async function main(args: readonly string[]): Promise<number> {
  const isQuick = args.includes('--quick');
  const found = findBinaries();
  if (found === undefined && isQuick) {
    console.log('Kubernetes suite skipped: no API server from an earlier build (npm run test:kubernetes)');
    return 0;
  }
  if (found === undefined && !hasGo()) {
    console.log('Kubernetes suite skipped: no API server from an earlier build, and no Go to build one');
    return 0;
  }
  const plan = isQuick ? QUICK : FULL;
  const plane = await startControlPlane(found ?? buildBinaries());
  const [aws, s3] = [await startAwsStub(), await startS3Stub()];
  const end = new AbortController();
  // Each pod and node waits with it.
  setMaxListeners(0, end.signal);
  try {
    Object.assign(process.env, awsEnvironment(aws.url), { AWS_ENDPOINT_URL_S3: s3.url });
    aws.putCluster('suite', { endpoint: plane.endpoint, ca: plane.ca, vpcId: 'vpc-1' });
    const simulation = await startSimulation(plane.admin, end.signal);
    await sleep(plan.warmUpMs);
    const startMs = Date.now();
    const runs = plan.rows.map((row) => ({ row, run: createRowRun(row, plan.lagsSeconds, startMs) }));
    const follow = async ({ row, run }: (typeof runs)[number]): Promise<void> => {
      for (let dueMs = startMs; dueMs < startMs + plan.durationMs; dueMs += row.everyMs) {
        await sleep(Math.max(0, dueMs - Date.now()));
        simulation.check();
        await run.invoke(simulation.queries);
      }
    };
    const schedule = async ({ row, run }: (typeof runs)[number]): Promise<void> => {
      if (!row.hasMemory) return;
      for (let dueMs = startMs; dueMs < startMs + plan.durationMs; dueMs += MINUTE) {
        await sleep(Math.max(0, dueMs - Date.now()));
        await run.keep();
      }
    };
    await Promise.all([...runs.map(follow), ...runs.map(schedule)]);
    const results = runs.map(({ run }) => run.result());
    printReport(results);
    const missed = missedGoals(results, plan.minQueries);
    console.log(missed.length === 0 ? 'Goals met: no wrong pod, enough right ones.' : missed.join('\n'));
    return missed.length === 0 ? 0 : 1;
  } finally {
    end.abort();
    await Promise.all([aws.close(), s3.close()]);
    await plane.stop();
  }
}

process.exitCode = await main(process.argv.slice(2));
