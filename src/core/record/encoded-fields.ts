import type { Resolver } from '../model/client.ts';
import type { Cluster } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { createTwoGenerationCache } from '../util/two-generation-cache.ts';
import { createClientTexts } from './encoded-clients.ts';
import { bytesOf, capValue, createJsonText, type JsonText } from './json-encoder.ts';
import { createAskedText, createQuestions } from './question-fields.ts';
import { createTimestamps, createTimeText } from './timestamp.ts';

/** What is the same for a whole batch. */
export type RecordTextOptions = {
  /** 1: the record stands alone; 2: it is the text of an envelope's `message`. */
  readonly depth: 1 | 2;
  readonly content: 'original' | 'none';
  readonly staticAttributes: readonly (readonly [name: string, value: string])[];
};

/** Where an event came from; undefined members are left out. */
export type Origin = {
  readonly logGroup: string | undefined;
  /** Only where the record does not travel beside it (`ndjson`). */
  readonly logStream: string | undefined;
  readonly accountId: string | undefined;
  readonly region: string | undefined;
};

/** Fragments that many records share; each is written once. */
export type Fragments = ReturnType<typeof createFragments>;

// Distinct values remembered, twice at most.
const MAX_VALUES = 1000;

/** Creates the memo of all batches; see `Fragments`. */
export function createFragments(options: RecordTextOptions) {
  const json = createJsonText(options.depth);
  const withContent = options.content === 'original';
  const pair = (name: string, value: string | undefined): string =>
    value === undefined || value === '' ? '' : json.key(name) + json.string(value);
  return {
    json,
    pair,
    withContent,
    timestamp: createTimestamps(),
    time: createTimeText(json.q, withContent ? json.key('content') + json.q : ''),
    statics: options.staticAttributes
      // Never absent, and the one key without a comma before it.
      .filter(([name]) => name !== 'timestamp')
      .map(([name, value]) => [json.key(name), bytesOf(pair(name, value))] as const),
    question: createQuestions(),
    asked: createAskedText(json, withContent ? json.q : ''),
    keys: createKeys(json),
    flags: repeating(json, 'dns.header_flags'),
    client: createClientTexts(json),
    transport: repeating(json, 'network.transport'),
    resolver: createTwoGenerationCache(
      ({ ip, pod, instanceId }: Resolver) =>
        bytesOf(
          pair('dns.resolver.ip', ip) +
            pair('dns.resolver.pod', pod) +
            pair('dns.resolver.instance_id', instanceId),
        ),
      MAX_VALUES,
    ),
  };
}

/** `,"name":"value"` of values that repeat. */
const repeating = (json: JsonText, name: string): ((value: string) => Uint8Array) =>
  createTwoGenerationCache(
    (value: string) => bytesOf(json.key(name) + json.string(capValue(value))),
    MAX_VALUES,
  );

type Place = { accountId: unknown; region: unknown; cluster: unknown; origin: unknown; text: Uint8Array };

/** Writer of `aws.log_group`, account, region and cloud. What the source logged wins over the envelope's and the function's, and those over the cluster's. */
export function createOriginText({
  pair,
}: Fragments): (origin: Origin, event: DnsEvent, cluster: Cluster | undefined) => Uint8Array {
  // Events of one record nearly always come from one account and region.
  let last: Place | undefined;
  return (origin, { accountId, region }, cluster) => {
    if (
      last === undefined ||
      last.origin !== origin ||
      last.cluster !== cluster ||
      last.accountId !== accountId ||
      last.region !== region
    ) {
      const text =
        pair('aws.log_group', origin.logGroup) +
        pair('aws.log_stream', origin.logStream) +
        pair('aws.account.id', accountId ?? origin.accountId ?? cluster?.accountId) +
        pair('aws.region', region ?? origin.region ?? cluster?.region) +
        pair('cloud.provider', 'aws');
      last = { accountId, region, cluster, origin, text: bytesOf(text) };
    }
    return last.text;
  };
}

/** Keys, and members that have one value only. */
function createKeys(json: JsonText) {
  const key = (name: string, value = ''): Uint8Array => bytesOf(json.key(name) + value);
  return {
    id: key('dns.id', json.q),
    quote: bytesOf(json.q),
    requestBytes: key('dns.request.bytes'),
    responseBytes: key('dns.response.bytes'),
    duration: key('duration'),
    opCode: key('dns.op_code'),
    ednsDo: key('dns.edns.do', 'true'),
    ednsUdpSize: key('dns.edns.udp_size'),
    upstream: key('dns.upstream'),
    clientIp: key('client.ip', json.q),
    clientPort: key('client.port'),
    partial: key('dns.parse.status', json.string('partial')),
    truncated: key('dns.truncated', 'true'),
    end: bytesOf('}'),
  } as const;
}
