import type { Client, Resolver } from '../model/client.ts';
import type { Cluster } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { memoise } from '../model/memo.ts';
import { clientText, instanceText } from './client-text.ts';
import { bytesOf, capValue, createJsonText, type JsonText } from './json-text.ts';
import type { NameFacts } from './names.ts';
import { createTimestamps } from './timestamp.ts';

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

/** The question of a record: as it stands when the name is what it seems, and when it was a search expansion. */
export type Question = {
  readonly usual: Uint8Array;
  readonly expansion: Uint8Array;
  readonly intendedName: Uint8Array;
  readonly isCapped: boolean;
};

/** Fragments that many records share; each is written once. */
export type Fragments = ReturnType<typeof createFragments>;

// Distinct values remembered, twice at most: about as many as ask, and are asked for, in one batch.
const MAX_CLIENTS = 4096;
const MAX_NAMES = 4096;
const MAX_VALUES = 1000;
// Names beyond this length are no names.
const MAX_QUESTION_LENGTH = 2048;

/** Creates the memo of all batches; see `Fragments`. */
export function createFragments(options: RecordTextOptions) {
  const json = createJsonText(options.depth);
  const pair = (name: string, value: string | undefined): string =>
    value === undefined || value === '' ? '' : json.key(name) + json.string(value);
  return {
    json,
    pair,
    withContent: options.content === 'original',
    timestamp: createTimestamps(),
    statics: options.staticAttributes
      // Never absent, and the one key without a comma before it.
      .filter(([name]) => name !== 'timestamp')
      .map(([name, value]) => [json.key(name), bytesOf(pair(name, value))] as const),
    question: createQuestions(pair),
    keys: createKeys(json),
    repeating: {
      level: repeating(json, 'loglevel'),
      source: repeating(json, 'log.source'),
      responseCode: repeating(json, 'dns.response_code'),
      flags: repeating(json, 'dns.header_flags'),
      transport: repeating(json, 'network.transport'),
    },
    client: createClients(json),
    resolver: memoise(
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
  memoise((value: string) => bytesOf(json.key(name) + json.string(capValue(value))), MAX_VALUES);

/** What a record says of its client: before and behind the origin of the log. */
export type ClientFragments = {
  readonly vpcId: string | undefined;
  readonly who: Uint8Array;
  readonly where: Uint8Array;
  /** A value was cut: annotations may be longer than attributes. */
  readonly isCut: boolean;
};

function createClients(json: JsonText): (client: Client, vpcId: string | undefined) => ClientFragments {
  const known = memoise(
    (_: Client): { last: ClientFragments | undefined } => ({ last: undefined }),
    MAX_CLIENTS,
  );
  return (client, vpcId) => {
    const entry = known(client);
    const hit = entry.last;
    if (hit !== undefined && hit.vpcId === vpcId) return hit;
    const caps = { hit: hit?.isCut ?? false };
    const who = hit?.who ?? bytesOf(clientText(json, client, caps));
    const made = { vpcId, who, where: bytesOf(instanceText(json, client, vpcId, caps)), isCut: caps.hit };
    entry.last = made;
    return made;
  };
}

const NOTHING = bytesOf('');

type Pair = (name: string, value: string | undefined) => string;

function createQuestions(pair: Pair) {
  const known = memoise((_: NameFacts) => new Map<string | undefined, Question>(), MAX_NAMES);
  return (name: string | undefined, type: string | undefined, facts: NameFacts): Question => {
    const types = known(facts);
    const hit = types.get(type);
    if (hit !== undefined) return hit;
    const question = write(name, type, facts);
    if (question.usual.length <= MAX_QUESTION_LENGTH) types.set(type, question);
    return question;
  };

  function write(name: string | undefined, type: string | undefined, facts: NameFacts): Question {
    const parts = [name, type, facts.registeredDomain, facts.intendedName].map(
      (value) => value && capValue(value),
    );
    const head = pair('dns.question.name', parts[0]) + pair('dns.question.type', parts[1]);
    if (name === undefined) {
      return { usual: bytesOf(head), expansion: NOTHING, intendedName: NOTHING, isCapped: false };
    }
    const category = (value: string): Uint8Array =>
      bytesOf(head + domain + pair('dns.question.category', value));
    const domain = pair('dns.question.registered_domain', parts[2]);
    return {
      usual: category(facts.category),
      expansion: facts.intendedName === undefined ? NOTHING : category('search-expansion'),
      intendedName: bytesOf(pair('dns.question.intended_name', parts[3])),
      isCapped: parts[0] !== name || parts[1] !== type,
    };
  }
}

/** Writer of `aws.log_group`, account, region and cloud. What the source logged wins over the envelope's and the function's, and those over the cluster's. */
export function createOriginText(
  { pair }: Fragments,
  origin: Origin,
): (event: DnsEvent, cluster: Cluster | undefined) => Uint8Array {
  const head = pair('aws.log_group', origin.logGroup) + pair('aws.log_stream', origin.logStream);
  // Events of one record nearly always come from one account and region.
  let last: { accountId: unknown; region: unknown; cluster: unknown; text: Uint8Array } | undefined;
  return ({ accountId, region }, cluster) => {
    if (last?.accountId !== accountId || last?.region !== region || last?.cluster !== cluster || !last) {
      const place =
        pair('aws.account.id', accountId ?? origin.accountId ?? cluster?.accountId) +
        pair('aws.region', region ?? origin.region ?? cluster?.region);
      last = { accountId, region, cluster, text: bytesOf(head + place + pair('cloud.provider', 'aws')) };
    }
    return last.text;
  };
}

/** Keys, and members that have one value only. */
function createKeys(json: JsonText) {
  const { q } = json;
  const key = (name: string, value = ''): Uint8Array => bytesOf(json.key(name) + value);
  return {
    timestamp: bytesOf(`{${json.key('timestamp').slice(1)}${q}`),
    quote: bytesOf(q),
    content: key('content'),
    class: key('dns.question.class'),
    noResponseSeen: key('dns.response.seen', 'false'),
    id: key('dns.id'),
    requestBytes: key('dns.request.bytes'),
    responseBytes: key('dns.response.bytes'),
    duration: key('duration'),
    opCode: key('dns.op_code'),
    ednsDo: key('dns.edns.do', 'true'),
    ednsUdpSize: key('dns.edns.udp_size'),
    upstream: key('dns.upstream'),
    clientIp: key('client.ip'),
    clientPort: key('client.port'),
    partial: key('dns.parse.status', json.string('partial')),
    truncated: key('dns.truncated', 'true'),
    end: bytesOf('}'),
  } as const;
}
