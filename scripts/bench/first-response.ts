// One invocation of the built bundle in a process of its own, from the start of the process to the response.
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { envelopeJson, firehoseEvent, gzipText } from '../../src/cli/lib/io/firehose-event.ts';
import { createFunction } from '../../src/cli/lib/simulate/function.ts';
import { fail } from '../../src/cli/terminal.ts';
import { SYNC_EVENT } from '../../src/lambda/event-kind.ts';

/** Variables of a function. */
export type Environment = Readonly<Record<string, string>>;

/** URL of the built bundle. */
export const BUNDLE = pathToFileURL('dist/index.mjs').href;

const TIMEOUT_MS = 60_000;

/** A line of CoreDNS with a query of `ip`. */
export const coreDnsLine = (ip: string): string =>
  `[INFO] ${ip}:40000 - 7 "A IN www.example.com. udp 33 false 512" NOERROR qr,rd,ra 82 0.001234567s`;

/** From the start of a process to its response, ms. */
export type ResponseTime = { readonly elapsedMs: number; readonly cpuMs: number };

/** The time of an invocation with one record per message. Throws unless all texts of `expected` are in the response. */
export async function firstResponse(
  env: Environment,
  messages: readonly string[],
  expected: readonly string[],
): Promise<ResponseTime> {
  const { text, ...time } = await invokeOnce(env, eventOf(messages));
  const { records } = JSON.parse(text) as { records: { data: string }[] };
  const output = records.map(({ data }) => gunzipSync(Buffer.from(data, 'base64')).toString('utf8')).join();
  const missing = expected.find((part) => !output.includes(part));
  if (missing !== undefined) throw fail(`the look-up did not find ${missing}`);
  return time;
}

/** The invocation by the schedule, in a new process. */
export const syncOnce = async (env: Environment): Promise<void> => void (await invokeOnce(env, SYNC_EVENT));

async function invokeOnce(env: Environment, event: object) {
  const instance = createFunction({ bundle: BUNDLE, env, timeoutMs: TIMEOUT_MS });
  try {
    const startMs = performance.now();
    const { text, error, probe } = await instance.invoke(event, { probe: true });
    const elapsedMs = performance.now() - startMs;
    if (text === undefined) throw fail(`the function did not answer: ${error}`);
    return { text, elapsedMs, cpuMs: probe?.cpuMs ?? Number.NaN };
  } finally {
    await instance.stop();
  }
}

/** Logs are late; a copy with a snapshot knows the time until its moment. */
const LATE_MS = 120_000;

const eventOf = (messages: readonly string[]) => {
  const arrivalMs = Date.now();
  const timeMs = arrivalMs - LATE_MS;
  const records = messages.map((message) =>
    gzipText(
      envelopeJson({
        owner: '111122223333',
        logGroup: '/aws/containerinsights/shop/application',
        logStream: 'coredns',
        messageType: 'DATA_MESSAGE',
        events: [{ timeMs, message }],
      }),
    ),
  );
  return firehoseEvent(records, { arrivalMs, region: 'eu-west-1', kinesis: false });
};
