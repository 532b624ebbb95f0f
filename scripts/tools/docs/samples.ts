// The sample events of the documents, through the real pipeline.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { FirehoseTransformationEvent } from 'aws-lambda';
import { type JsonRecord, readResponse } from '../../../src/cli/lib/io/firehose-response.ts';
import { createTransform } from '../../../src/core/index.ts';
import { compileFormat } from '../../../src/core/sources/coredns/format.ts';
import { createDirectorySource } from '../../../src/inventory/index.ts';
import { loadConfiguration } from '../../../src/lambda/config.ts';

/** The first log event of a sample, before and after. */
export type Sample = { readonly line: string; readonly record: JsonRecord; readonly recordBytes: number };

/** Transforms `events/<name>.json` with the sample inventory and other settings of `environment`. Throws when its first event is not a DNS event. */
export async function readSample(
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Sample> {
  const event = JSON.parse(readFileSync(`events/${name}.json`, 'utf8')) as FirehoseTransformationEvent;
  const configuration = loadConfiguration(compileFormat, {
    DIRECTORY_FILE: 'events/directory.json',
    ...environment,
  });
  if (!configuration.ok) throw new Error(configuration.faults.join('; '));
  const [first] = event.records;
  const transform = createTransform(configuration.settings, {
    directory: createDirectorySource(configuration.settings),
    now: () => first?.approximateArrivalTimestamp ?? 0,
    recordFailed: (_, code) => {
      throw new Error(`${name}: ${code}`);
    },
  });
  const { response } = await transform(event);
  const written = readResponse(event, response)[0]?.events[0];
  if (written?.record === undefined) throw new Error(`${name}: the first event is not a DNS event`);
  const { message, record } = written;
  return { line: firstMessage(first?.data ?? ''), record, recordBytes: Buffer.byteLength(message) };
}

function firstMessage(base64: string): string {
  const envelope = JSON.parse(gunzipSync(Buffer.from(base64, 'base64')).toString('utf8')) as {
    readonly logEvents: readonly { readonly message: string }[];
  };
  return envelope.logEvents[0]?.message ?? '';
}
