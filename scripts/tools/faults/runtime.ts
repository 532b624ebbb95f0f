// Faults of the function's machine, the endpoint and the settings.
import type { Reply } from '../../../src/cli/lib/simulate/endpoint.ts';
import { MIXED } from '../../../src/cli/lib/simulate/lines.ts';
import { createJumpingClock } from '../../../test/support/manual-clock.ts';
import { type Fault, HEALTHY, healthy } from './fault.ts';

/** Enough batches for an intermittent fault. */
const plenty: Fault['records'] = function* (traffic) {
  for (let i = 0; i < 25; i++) yield healthy(traffic, 400);
};

const small = { bufferBytes: 60_000 } as const;

const first =
  (reply: Reply, times: number) =>
  (request: number): Reply =>
    request < times ? reply : 'accept';

/**
 * Delivery with retry pauses of milliseconds, on a clock that counts only these pauses: a busy machine does not use up
 * the time for retries.
 */
const endpoint = (replyTo: (request: number) => Reply) => ({
  endpoint: { replyTo },
  backoffMs: 2,
  retryForMs: 600,
  deliveryClock: createJumpingClock(),
});

const FUNCTION_FAULTS: readonly Fault[] = [
  {
    name: 'killed 1 to 120 ms after the start, every second time',
    outcomes: HEALTHY,
    records: plenty,
    stream: { ...small, killAfterMs: (n) => (n % 2 === 0 ? 1 + ((n * 7) % 120) : undefined) },
  },
  {
    name: 'killed every time',
    outcomes: ['backedUp'],
    records: plenty,
    stream: { bufferBytes: 300_000, killAfterMs: (n) => 1 + (n % 30) },
  },
  { name: 'timeout before the start', outcomes: ['backedUp'], timeoutMs: 5 },
  {
    name: 'frozen for a second between batches',
    outcomes: HEALTHY,
    records: plenty,
    stream: { ...small, pauseMs: 1000 },
  },
];

const ENDPOINT_FAULTS: readonly Fault[] = [
  { name: 'endpoint: 429 twice', outcomes: HEALTHY, records: plenty, stream: endpoint(first('throttle', 2)) },
  {
    name: 'endpoint: 500 every third time',
    outcomes: HEALTHY,
    records: plenty,
    stream: endpoint((n) => (n % 3 ? 'accept' : 'fail')),
  },
  {
    name: 'endpoint: 500 until Firehose stops retrying',
    outcomes: ['backedUp'],
    records: plenty,
    stream: endpoint(() => 'fail'),
  },
  {
    name: 'endpoint: another requestId',
    outcomes: HEALTHY,
    records: plenty,
    stream: endpoint(first('wrong-request-id', 1)),
  },
  { name: 'endpoint: HTML with 200', outcomes: HEALTHY, records: plenty, stream: endpoint(first('html', 2)) },
  { name: 'endpoint: hangs up', outcomes: HEALTHY, records: plenty, stream: endpoint(first('hang-up', 2)) },
];

/** Several requests of 1 MiB with records that compress well. */
const fullRequests: Fault['records'] = function* (traffic) {
  for (let i = 0; i < 120; i++) yield traffic.envelope(traffic.drafts(MIXED, 1000));
};

const INFLATION_FAULTS: readonly Fault[] = (['cloudwatch-logs', 'ndjson'] as const).map((format) => ({
  name: `endpoint: 413 when a request inflates to more than 10 MB (${format})`,
  outcomes: HEALTHY,
  env: { OUTPUT_FORMAT: format, DIRECTORY_FILE: 'events/directory.json' },
  records: fullRequests,
  stream: { endpoint: { maxInflatedBytes: 10_000_000 } },
}));

const WRONG: Readonly<Record<string, string>> = {
  EC2_LOOKUP: 'maybe',
  OUTPUT_FORMAT: 'xml',
  COREDNS_LOG_FORMAT: '{no such placeholder}',
  LOG_GROUP_CLUSTERS: 'no-equals-sign',
  CLUSTER_NAMES: 'no-equals-sign',
  STATIC_ATTRIBUTES: 'a b=c',
  METADATA_FROM: 'node',
  RECORD_KEY: 'too short',
  CONTENT: 'some',
  OMIT: 'timestamp',
  AGGREGATE: 'everything',
  WRAP: 'two words',
  DROP: 'everything',
  SAMPLE: 'external=2',
  REFRESH_SECONDS: '0',
  HISTORY_MINUTES: 'an hour',
  LOOKUP_BUDGET_MS: '-5',
  MAX_INFLATED_BYTES: '1e9',
  RESPONSE_BUDGET_BYTES: '6291457',
  LOG_LEVEL: 'LOUD',
};

const passesThrough = (name: string, env: Readonly<Record<string, string>>): Fault => ({
  name,
  outcomes: ['passedThrough'],
  metric: 'ConfigurationInvalid',
  env,
});

const CONFIGURATION_FAULTS: readonly Fault[] = [
  ...Object.entries(WRONG).map(([name, value]) => passesThrough(`${name}=${value}`, { [name]: value })),
  passesThrough('every variable wrong at once', WRONG),
  // A directory file that cannot be read costs attribution, but no record.
  ...['/nowhere.json', '/', 'package.json', 'LICENSE', '/dev/null'].map((path) => ({
    name: `DIRECTORY_FILE=${path}`,
    outcomes: HEALTHY,
    metric: 'DirectoryStale',
    env: { DIRECTORY_FILE: path },
  })),
];

/** All faults of this file. */
export const RUNTIME_FAULTS: readonly Fault[] = [
  ...FUNCTION_FAULTS,
  ...ENDPOINT_FAULTS,
  ...INFLATION_FAULTS,
  ...CONFIGURATION_FAULTS,
];
