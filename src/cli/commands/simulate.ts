import { Command, Option } from 'commander';
import { bundleUrl, readEnvironment } from '../lib/io/bundle.ts';
import type { Reply } from '../lib/simulate/endpoint.ts';
import { type RunReport, runStream } from '../lib/simulate/index.ts';
import { MIXED } from '../lib/simulate/lines.ts';
import { EXIT, numberFrom, paint, print, printJson, progress, table } from '../terminal.ts';

const REPLIES = [
  'accept',
  'throttle',
  'fail',
  'wrong-request-id',
  'html',
  'hang-up',
] as const satisfies Reply[];

type Options = {
  readonly events: string;
  readonly bundle: string;
  readonly envVars?: string;
  readonly seed: string;
  readonly killEvery?: string;
  readonly pause: string;
  readonly endpoint: Reply;
  readonly json?: true;
};

const EVENTS_PER_RECORD = 200;
const PROGRESS_MS = 2000;

/** `eks-dns simulate`: synthetic traffic through a strict stream and the built function; accounts for every event. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'send synthetic traffic through a strict Firehose and the built function; account for every event',
    )
    .option(
      '-e, --events <count>',
      'number of events, a mix of DNS and other logs',
      numberFrom(1, 100_000_000),
      '20000',
    )
    .option(
      '-n, --env-vars <file>',
      'environment variables, in the format of sam local invoke (events/env.json)',
    )
    .option('-b, --bundle <file>', 'the built function', 'dist/index.mjs')
    .option('-k, --kill-every <n>', 'kill the function during every n-th invocation', numberFrom(1))
    .option(
      '-p, --pause <ms>',
      'freeze the function between invocations for this time',
      numberFrom(0, 600_000),
      '0',
    )
    .option('-s, --seed <number>', 'seed of the traffic', numberFrom(0), '1')
    .addOption(
      new Option('--endpoint <reply>', 'how the endpoint replies to every third request')
        .choices(REPLIES)
        .default('accept'),
    )
    .option('--json', 'print the results as JSON')
    .action(async (options: Options) => {
      const report = await simulate(options);
      if (options.json) printJson(report);
      else printReport(report);
      if (report.totals.lost > 0 || report.violations.length > 0) process.exitCode = EXIT.failed;
    });
}

const simulate = async (options: Options): Promise<RunReport> =>
  runStream({
    bundle: bundleUrl(options.bundle),
    // No look-ups in an AWS account unless the environment file enables them.
    env: options.envVars === undefined ? { EC2_LOOKUP: 'off' } : await readEnvironment(options.envVars),
    seed: Number(options.seed),
    records: function* (traffic) {
      let reportedMs = 0;
      for (let left = Number(options.events); left > 0; left -= EVENTS_PER_RECORD) {
        if (Date.now() - reportedMs >= PROGRESS_MS) {
          progress(`${Number(options.events) - left} of ${options.events} events through ${options.bundle}`);
          reportedMs = Date.now();
        }
        yield traffic.envelope(traffic.drafts(MIXED, Math.min(left, EVENTS_PER_RECORD)));
      }
    },
    stream: {
      pauseMs: Number(options.pause),
      killAfterMs: killer(Number(options.killEvery ?? 0)),
      endpoint: { replyTo: (request) => (request % 3 === 1 ? options.endpoint : 'accept') },
    },
  });

/** Times between 5 and 64 ms after the start, so that the function is killed at different points of its work. */
const killer = (every: number) =>
  every === 0 ? undefined : (n: number) => (n % every === every - 1 ? 5 + ((n * 7) % 60) : undefined);

function printReport({ totals, violations, stats }: RunReport): void {
  const rows = [
    ['events in', totals.eventsIn],
    ['delivered normalised', totals.normalised],
    ['delivered unchanged', totals.passedThrough],
    ['dropped by rule', totals.dropped],
    ['backed up', totals.backedUp],
    ['lost', totals.lost],
    ['invocations', stats.invocations],
    ['cold starts', stats.coldStarts],
    ['function errors', stats.functionErrors],
    ['largest response, bytes', stats.largestResponseBytes],
  ] as const;
  print(
    table(
      ['', ''],
      rows.map(([name, count]) => [name, String(count)]),
    ),
  );
  for (const violation of violations) print(paint('red', `violated rule: ${violation}`));
}
