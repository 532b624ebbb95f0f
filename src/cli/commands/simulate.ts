import { Command, Option } from 'commander';
import type { Answer } from '../lib/simulate/endpoint.ts';
import { MIXED } from '../lib/simulate/lines.ts';
import { type RunReport, runStream } from '../lib/simulate/run.ts';
import { EXIT, numberFrom, paint, print, printJson, progress, table } from '../terminal.ts';
import { bundleUrl, readEnvironment } from './invoke.ts';

const ANSWERS = [
  'accept',
  'throttle',
  'fail',
  'wrong-request-id',
  'html',
  'hang-up',
] as const satisfies Answer[];

type Options = {
  readonly events: string;
  readonly bundle: string;
  readonly envVars?: string;
  readonly seed: string;
  readonly killEvery?: string;
  readonly pause: string;
  readonly endpoint: Answer;
  readonly json?: true;
};

const EVENTS_PER_RECORD = 200;
const PROGRESS_MS = 2000;

/** `eks-dns simulate`: invented traffic through the built function and a strict stream, each event followed to its end. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'invented traffic through the built function behind a strict Firehose; follows every event to its end',
    )
    .option(
      '-e, --events <count>',
      'events to put on the stream, a mix of DNS and other logs',
      numberFrom(1, 100_000_000),
      '20000',
    )
    .option(
      '-n, --env-vars <file>',
      'environment variables, in the form of sam local invoke (events/env.json)',
    )
    .option('-b, --bundle <file>', 'the built function', 'dist/index.mjs')
    .option('-k, --kill-every <n>', 'kill the function in the middle of every n-th invocation', numberFrom(1))
    .option(
      '-p, --pause <ms>',
      'freeze the function for this long between invocations',
      numberFrom(0, 600_000),
      '0',
    )
    .option('-s, --seed <number>', 'the same number gives the same traffic', numberFrom(0), '1')
    .addOption(
      new Option('--endpoint <answer>', 'how the endpoint answers every third request')
        .choices(ANSWERS)
        .default('accept'),
    )
    .option('--json', 'print the book of the run as JSON')
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
    // Nothing is looked up in an account unless the environment file asks for it.
    env: options.envVars === undefined ? { EC2_LOOKUP: 'off' } : await readEnvironment(options.envVars),
    seed: Number(options.seed),
    records: function* (traffic) {
      let toldMs = 0;
      for (let left = Number(options.events); left > 0; left -= EVENTS_PER_RECORD) {
        if (Date.now() - toldMs >= PROGRESS_MS) {
          progress(`${Number(options.events) - left} of ${options.events} events through ${options.bundle}`);
          toldMs = Date.now();
        }
        yield traffic.envelope(traffic.drafts(MIXED, Math.min(left, EVENTS_PER_RECORD)));
      }
    },
    stream: {
      pauseMs: Number(options.pause),
      killAfterMs: killer(Number(options.killEvery ?? 0)),
      endpoint: { answer: (request) => (request % 3 === 1 ? options.endpoint : 'accept') },
    },
  });

/** Long enough after the start to hit the function at work, at another moment each time. */
const killer = (every: number) =>
  every === 0 ? undefined : (n: number) => (n % every === every - 1 ? 5 + ((n * 7) % 60) : undefined);

function printReport({ totals, violations, stats }: RunReport): void {
  const rows = [
    ['events in', totals.eventsIn],
    ['delivered normalized', totals.normalised],
    ['delivered byte for byte', totals.passedThrough],
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
  for (const violation of violations) print(paint('red', `broken rule: ${violation}`));
}
