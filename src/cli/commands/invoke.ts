import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FirehoseTransformationEvent, FirehoseTransformationResult } from 'aws-lambda';
import { Command } from 'commander';
import * as z from 'zod';
import { readResponse, recordsIn } from '../lib/io/firehose-response.ts';
import { readBytes } from '../lib/io/log-input.ts';
import { recordTable } from '../lib/records/view.ts';
import { createFunction } from '../lib/simulate/function.ts';
import { EXIT, fail, numberFrom, print, printJson } from '../terminal.ts';

// The file that `sam local invoke --env-vars` takes: variables by function, or for all under `Parameters`.
const EnvironmentFile = z.record(z.string(), z.record(z.string(), z.coerce.string()));

type Options = {
  readonly envVars?: string;
  readonly bundle: string;
  readonly timeout: string;
  readonly decode?: true;
};

/** `eks-dns invoke <event.json>`: one Firehose event through the built bundle in a process of its own. */
export function invokeCommand(): Command {
  return new Command('invoke')
    .description('send a Firehose event through the built function, as sam local invoke would')
    .argument('<event>', 'Firehose event (JSON), such as events/01-coredns-query.json; - for stdin')
    .option(
      '-n, --env-vars <file>',
      'environment variables, in the form of sam local invoke (events/env.json)',
    )
    .option('-b, --bundle <file>', 'the built function', 'dist/index.mjs')
    .option('-t, --timeout <seconds>', 'end the function after this time', numberFrom(1, 900), '60')
    .option('--decode', 'print the records as a table instead of the response as JSON')
    .action(invokeOnce);
}

async function invokeOnce(file: string, options: Options): Promise<void> {
  const event = parseEvent((await readBytes(file)).toString('utf8'), file);
  const lambda = createFunction({
    bundle: bundleUrl(options.bundle),
    env: options.envVars === undefined ? inherited() : await readEnvironment(options.envVars),
    timeoutMs: Number(options.timeout) * 1000,
    onLine: (line) => process.stderr.write(`${line}\n`),
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

function printDecoded(event: FirehoseTransformationEvent, response: FirehoseTransformationResult): void {
  const records = readResponse(event, response);
  for (const [i, { result, isUnchanged, events }] of records.entries()) {
    const what = isUnchanged ? 'unchanged' : `${events.filter(({ record }) => record).length} normalized`;
    print(`record ${i + 1} of ${records.length}: ${result}, ${what}`);
  }
  print(recordTable(recordsIn(records)));
}

/** File URL of the built function; says how to build it when it is not there. */
export function bundleUrl(file: string): string {
  const path = resolve(file);
  if (!existsSync(path)) throw fail(`${file} is not built`, 'run: npm run build', EXIT.usage);
  return pathToFileURL(path).href;
}

/** Variables of an environment file; those for all functions first, then those of single functions. */
export async function readEnvironment(file: string): Promise<Record<string, string>> {
  const parsed = EnvironmentFile.safeParse(parseJson((await readBytes(file)).toString('utf8')));
  if (!parsed.success) {
    throw fail(
      `${file} is no environment file`,
      'write it as {"Parameters": {"DIRECTORY_FILE": "events/directory.json"}}',
      EXIT.usage,
    );
  }
  const { Parameters: shared = {}, ...functions } = parsed.data;
  return Object.assign({}, shared, ...Object.values(functions));
}

const inherited = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON and the wrong JSON are the same fault to the person.
    return undefined;
  }
}

function parseEvent(text: string, file: string): FirehoseTransformationEvent {
  const event = parseJson(text) as FirehoseTransformationEvent | undefined;
  if (Array.isArray(event?.records)) return event;
  throw fail(`${file} is no Firehose event`, 'make one of log lines with make-event', EXIT.usage);
}
