import type { Client, Resolver } from '../model/client.ts';
import type { Cluster } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { memoise } from '../model/memo.ts';
import { clientText, instanceText } from './client-text.ts';
import { capValue, createJsonText, flat, type JsonText } from './json-text.ts';
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
  readonly usual: string;
  readonly expansion: string;
  readonly intendedName: string;
  readonly isCapped: boolean;
};

/** Fragments that many records share; each is written once. */
export type Fragments = ReturnType<typeof createFragments>;

// Distinct values remembered: more than a cluster has pods, more than it asks names in a busy minute.
const MAX_CLIENTS = 20_000;
const MAX_NAMES = 20_000;
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
      .map(([name, value]) => [json.key(name), pair(name, value)] as const),
    question: createQuestions(pair),
    /** `,"name":"value"` of values that repeat. */
    repeating: (name: string) =>
      memoise((value: string) => flat(json.key(name) + json.string(capValue(value))), MAX_VALUES),
    client: createClients(json),
    resolver: memoise(
      ({ ip, pod, instanceId }: Resolver) =>
        flat(
          pair('dns.resolver.ip', ip) +
            pair('dns.resolver.pod', pod) +
            pair('dns.resolver.instance_id', instanceId),
        ),
      MAX_VALUES,
    ),
  };
}

/** What a record says of its client: before and behind the origin of the log. */
export type ClientFragments = {
  readonly vpcId: string | undefined;
  readonly who: string;
  readonly where: string;
  /** A value was cut: annotations may be longer than attributes. */
  readonly isCut: boolean;
};

function createClients(json: JsonText): (client: Client, vpcId: string | undefined) => ClientFragments {
  const known = new Map<Client, ClientFragments>();
  return (client, vpcId) => {
    const hit = known.get(client);
    if (hit !== undefined && hit.vpcId === vpcId) return hit;
    if (known.size >= MAX_CLIENTS) known.clear();
    const caps = { hit: hit?.isCut ?? false };
    const who = hit?.who ?? flat(clientText(json, client, caps));
    const made = { vpcId, who, where: flat(instanceText(json, client, vpcId, caps)), isCut: caps.hit };
    known.set(client, made);
    return made;
  };
}

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
    if (name === undefined) return { usual: flat(head), expansion: '', intendedName: '', isCapped: false };
    const category = (value: string): string => flat(head + domain + pair('dns.question.category', value));
    const domain = pair('dns.question.registered_domain', parts[2]);
    return {
      usual: category(facts.category),
      expansion: category('search-expansion'),
      intendedName: flat(pair('dns.question.intended_name', parts[3])),
      isCapped: parts[0] !== name || parts[1] !== type,
    };
  }
}

/** Writer of `aws.log_group`, account, region and cloud. What the source logged wins over the envelope's and the function's, and those over the cluster's. */
export function createOriginText(
  { pair }: Fragments,
  origin: Origin,
): (event: DnsEvent, cluster: Cluster | undefined) => string {
  const head = pair('aws.log_group', origin.logGroup) + pair('aws.log_stream', origin.logStream);
  // Events of one record nearly always come from one account and region.
  let last: { accountId: unknown; region: unknown; cluster: unknown; text: string } | undefined;
  return ({ accountId, region }, cluster) => {
    if (last?.accountId !== accountId || last?.region !== region || last?.cluster !== cluster || !last) {
      const place =
        pair('aws.account.id', accountId ?? origin.accountId ?? cluster?.accountId) +
        pair('aws.region', region ?? origin.region ?? cluster?.region);
      last = { accountId, region, cluster, text: flat(head + place + pair('cloud.provider', 'aws')) };
    }
    return last.text;
  };
}
