import type { Client, Resolver } from '../model/client.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { clientText, instanceText } from './client-text.ts';
import { createJsonText, type JsonText } from './json-text.ts';
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

/** Fragments that many records of a batch share, memoised by the identity of what they tell. */
export type Fragments = ReturnType<typeof createFragments>;

/** Creates the memo of a batch; see `Fragments`. */
export function createFragments(options: RecordTextOptions) {
  const json = createJsonText(options.depth);
  const clients = new Map<Client, string>();
  const instances = new Map<Client, Map<string | undefined, string>>();
  const resolvers = new Map<Resolver, string>();
  return {
    json,
    withContent: options.content === 'original',
    keys: createKeys(json),
    timestamp: createTimestamps(),
    statics: options.staticAttributes.map(
      ([name, value]) => [json.key(name), json.key(name) + json.string(value)] as const,
    ),
    client: (client: Client): string => memo(clients, client, () => clientText(json, client)),
    instance: (client: Client, vpcId: string | undefined): string =>
      memo(
        memo(instances, client, () => new Map()),
        vpcId,
        () => instanceText(json, client, vpcId),
      ),
    resolver: (resolver: Resolver): string => memo(resolvers, resolver, () => resolverText(json, resolver)),
  };
}

function memo<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function resolverText(json: JsonText, resolver: Resolver): string {
  let out = '';
  if (resolver.ip !== undefined) out += json.key('dns.resolver.ip') + json.string(resolver.ip);
  if (resolver.pod !== undefined) out += json.key('dns.resolver.pod') + json.string(resolver.pod);
  if (resolver.instanceId !== undefined) {
    out += json.key('dns.resolver.instance_id') + json.string(resolver.instanceId);
  }
  return out;
}

/** Writer of `aws.log_group`, account, region and cloud: as the source logged them, else the envelope's and the function's. */
export function createOriginText(json: JsonText, origin: Origin): (event: DnsEvent) => string {
  const add = (name: string, value: string | undefined): string =>
    value === undefined || value === '' ? '' : json.key(name) + json.string(value);
  const head = add('aws.log_group', origin.logGroup) + add('aws.log_stream', origin.logStream);
  const byAccount = new Map<string | undefined, Map<string | undefined, string>>();
  return (event) =>
    memo(
      memo(byAccount, event.accountId, () => new Map()),
      event.region,
      () =>
        head +
        add('aws.account.id', event.accountId ?? origin.accountId) +
        add('aws.region', event.region ?? origin.region) +
        add('cloud.provider', 'aws'),
    );
}

function createKeys(json: JsonText) {
  const { key } = json;
  return {
    content: key('content'),
    loglevel: key('loglevel'),
    logSource: key('log.source'),
    name: key('dns.question.name'),
    type: key('dns.question.type'),
    registeredDomain: key('dns.question.registered_domain'),
    category: key('dns.question.category'),
    class: key('dns.question.class'),
    intendedName: key('dns.question.intended_name'),
    responseCode: key('dns.response_code'),
    responseSeen: key('dns.response.seen'),
    id: key('dns.id'),
    headerFlags: key('dns.header_flags'),
    requestBytes: key('dns.request.bytes'),
    responseBytes: key('dns.response.bytes'),
    duration: key('duration'),
    opCode: key('dns.op_code'),
    ednsDo: key('dns.edns.do'),
    ednsUdpSize: key('dns.edns.udp_size'),
    upstream: key('dns.upstream'),
    clientIp: key('client.ip'),
    clientPort: key('client.port'),
    transport: key('network.transport'),
    signals: key('dns.signals'),
    parseStatus: key('dns.parse.status'),
    truncated: key('dns.truncated'),
  } as const;
}
