import { Command } from 'commander';
import { emptyInput } from '../lib/io/lines.ts';
import { readBytes } from '../lib/io/log-input.ts';
import { toFirehoseEvent } from '../lib/logs/index.ts';
import { EXIT, fail, printJson } from '../terminal.ts';

type Options = {
  readonly logGroup?: string;
  readonly logStream: string;
  readonly region: string;
  readonly time?: string;
  readonly bare?: true;
};

/** `eks-dns make-event`: creates a Firehose event from log lines. */
export function makeEventCommand(): Command {
  return new Command('make-event')
    .description('create a Firehose event from log lines, for invoke, sam local invoke or aws lambda invoke')
    .argument('[file]', 'logs in any form that transform reads (default: stdin)', '-')
    .option('-g, --log-group <name>', 'log group of the envelope (default: one of CoreDNS or of Resolver)')
    .option('--log-stream <name>', 'log stream of the envelope', 'make-event')
    .option('-r, --region <name>', 'region of the stream', 'eu-west-1')
    .option('-t, --time <time>', 'time of the lines, RFC 3339 (default: now)')
    .option('--bare', 'no envelope: bare lines, as after Firehose message extraction')
    .action(async (file: string, options: Options) => {
      const timeMs = options.time === undefined ? Date.now() : Date.parse(options.time);
      if (Number.isNaN(timeMs)) {
        throw fail(
          `"${options.time}" is not a valid time`,
          'use RFC 3339, such as 2026-11-20T10:00:00Z',
          EXIT.usage,
        );
      }
      const text = (await readBytes(file)).toString('utf8');
      if (text.trim() === '') throw emptyInput(file);
      const { logStream, region } = options;
      const logGroup = options.bare ? undefined : (options.logGroup ?? defaultGroup(text));
      const owner = SAMPLE_ACCOUNT;
      const context = { logGroup, logStream, owner, region, timeMs, arrivalMs: timeMs, gzip: true };
      printJson(toFirehoseEvent(text, context));
    });
}

/** The account of sample events. */
const SAMPLE_ACCOUNT = '111122223333';

/** A log group to which the writer of these lines would write. */
const defaultGroup = (text: string): string =>
  text.includes('"query_timestamp"')
    ? '/aws/vendedlogs/route53resolver/make-event'
    : '/aws/eks/fluentbit-cloudwatch/make-event';
