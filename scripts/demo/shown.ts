// The sample events, sent through the built function.
import { readdirSync, readFileSync } from 'node:fs';
import type { FirehoseTransformationEvent, FirehoseTransformationResult } from 'aws-lambda';
import { bundleUrl } from '../../src/cli/lib/io/bundle.ts';
import {
  type JsonRecord,
  type OutputRecord,
  readResponse,
  recordsIn,
} from '../../src/cli/lib/io/firehose-response.ts';
import { createFunction } from '../../src/cli/lib/simulate/function.ts';
import { paint, print } from '../../src/cli/terminal.ts';
import { CaseInput } from '../tools/events/input.ts';

/** A sample event and what the function made of it. */
export type Shown = {
  readonly name: string;
  readonly description: string;
  readonly records: readonly OutputRecord[];
};

/** Sends every event of `events/` through `dist/index.mjs`, with pods, nodes and instances of a directory file. */
export async function invokeSamples(directory: string): Promise<readonly Shown[]> {
  const lambda = createFunction({
    bundle: bundleUrl('dist/index.mjs'),
    env: { DIRECTORY_FILE: directory, POWERTOOLS_SERVICE_NAME: 'demo', LOG_LEVEL: 'ERROR' },
    timeoutMs: 60_000,
  });
  const shown: Shown[] = [];
  try {
    for (const file of readdirSync('events').sort()) {
      const [name] = /^\d\d-[^.]*/.exec(file) ?? [];
      if (name === undefined) continue;
      const event = JSON.parse(readFileSync(`events/${file}`, 'utf8')) as FirehoseTransformationEvent;
      const { text, error } = await lambda.invoke(event);
      if (text === undefined) throw new Error(`${name}: ${error}`);
      const response = JSON.parse(text) as FirehoseTransformationResult;
      const input = CaseInput.parse(
        JSON.parse(readFileSync(`test/golden/sample-${name}/input.json`, 'utf8')),
      );
      shown.push({ name, description: input.description, records: readResponse(event, response) });
    }
  } finally {
    await lambda.stop();
  }
  return shown;
}

/** The normalised records of the event whose name ends with `name`. */
export function sample(shown: readonly Shown[], name: string): JsonRecord[] {
  const found = shown.find((candidate) => candidate.name.endsWith(name));
  if (found === undefined) throw new Error(`there is no sample event ${name}`);
  return recordsIn(found.records);
}

/** Prints a heading between blank lines. */
export function heading(text: string): void {
  print(`\n${paint('bold', text)}\n`);
}
