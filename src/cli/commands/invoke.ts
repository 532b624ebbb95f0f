import type { FirehoseTransformationEvent, FirehoseTransformationResult } from 'aws-lambda';
import { Command } from 'commander';
import { isObject } from '../../core/util/json.ts';
import { bundleUrl, readEnvironment } from '../lib/io/bundle.ts';
import { readResponse, recordsIn } from '../lib/io/firehose-response.ts';
import { parseJson } from '../lib/io/json.ts';
import { readBytes } from '../lib/io/log-input.ts';
import { recordTable } from '../lib/records/view.ts';
import { commandLine, shellWord } from '../lib/shell.ts';
import { createFunction } from '../lib/simulate/function.ts';
import { EXIT, fail, numberFrom, print, printJson } from '../terminal.ts';

type Options = {
  readonly envVars?: string;
  readonly bundle: string;
  readonly timeout: string;
  readonly decode?: true;
  readonly log?: true;
};

/** `eks-dns invoke <event.json>`: one Firehose event through the built bundle, in a separate process. */
export function invokeCommand(): Command {
  return new Command('invoke')
    .description('send a Firehose event through the built function, like sam local invoke')
    .argument('<event>', 'Firehose event (JSON), such as events/01-coredns-query.json; - for stdin')
    .option(
      '-n, --env-vars <file>',
      'environment variables, in the format of sam local invoke (events/env.json)',
    )
    .option('-b, --bundle <file>', 'the built function', 'dist/index.mjs')
    .option('-t, --timeout <seconds>', 'timeout of the function', numberFrom(1, 900), '60')
    .option('--decode', 'print the records as a table instead of the response as JSON')
    .option('--log', 'with --decode: also print the log lines and metrics of the function')
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const event = parseEvent((await readBytes(file)).toString('utf8'), file);
  const lambda = createFunction({
    bundle: bundleUrl(options.bundle),
    env: options.envVars === undefined ? ownEnvironment() : await readEnvironment(options.envVars),
    timeoutMs: Number(options.timeout) * 1000,
    onLine: (line) => {
      if (options.decode !== true || options.log === true || !isRoutine(line))
        process.stderr.write(`${line}\n`);
    },
  });
  try {
    const { text, error } = await lambda.invoke(event);
    if (text === undefined) throw fail(`the function failed: ${error}`);
    const response = JSON.parse(text) as FirehoseTransformationResult;
    if (options.decode) printDecoded(event, response);
    else printJson(response);
  } finally {
    await lambda.stop();
  }
}

/** Whether a line of the function's log is a metric (EMF) or says that all is well. */
function isRoutine(line: string): boolean {
  const value = parseJson(line);
  return isObject(value) && ('_aws' in value || value.level === 'INFO' || value.level === 'DEBUG');
}

function printDecoded(event: FirehoseTransformationEvent, response: FirehoseTransformationResult): void {
  const records = readResponse(event, response);
  for (const [i, { result, isUnchanged, events }] of records.entries()) {
    const what = isUnchanged ? 'unchanged' : `${events.filter(({ record }) => record).length} normalised`;
    print(`record ${i + 1} of ${records.length}: ${result}, ${what}`);
  }
  print(recordTable(recordsIn(records)));
}

const ownEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function parseEvent(text: string, file: string): FirehoseTransformationEvent {
  const event = parseJson(text) as FirehoseTransformationEvent | undefined;
  if (Array.isArray(event?.records)) return event;
  throw fail(
    `${file} is not a Firehose event`,
    file === '-'
      ? 'make-event creates one from log lines'
      : `of log lines: \`${commandLine(['eks-dns', 'make-event', file])} > ${shellWord(`${file}.event.json`)}\``,
    EXIT.usage,
  );
}
