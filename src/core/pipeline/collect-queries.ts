import type { Query } from '../aggregation/query.ts';
import type { Client } from '../model/client.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { Origin } from '../model/origin.ts';
import { categoryOf, type DescribeQuestion, isSearchExpansion, type Question } from '../question/index.ts';
import { isProtected } from '../question/protection.ts';
import { signalsOf } from '../question/signals.ts';
import type { VolumeFilter } from '../question/volume-filter.ts';
import { isTimeMs } from '../util/rfc3339.ts';
import type { RecordEvents } from './rewrite-events.ts';

/** Collects those queries of a Firehose record, the `record`-th of its batch, that may share a record with others. */
export type QueryCollector = (events: RecordEvents, record: number, keys: ClientKeys) => readonly Query[];

/** Longest name that is merged; DNS names have at most 255 bytes, a byte takes up to four characters. */
const MAX_NAME_CHARS = 1020;

/** Creates the collector. Create once per process: V8 would optimise new closures from scratch in every batch. */
export function createQueryCollector(
  filter: VolumeFilter | undefined,
  describeQuestion: DescribeQuestion,
): QueryCollector {
  return ({ events, idOf, placeOf, attributor }, record, keys) => {
    const queries: Query[] = [];
    for (let index = 0; index < events.length; index++) {
      const event = events.at(index);
      if (typeof event !== 'object') continue;
      const { name, type, timeMs } = event;
      if (name === undefined || type === undefined || !isMergeable(event)) continue;
      const question = describeQuestion(name);
      const { origin, scope } = placeOf(index, event.producer);
      const { client, bypassesCoreDns } = attributor.attribute(scope, event);
      if (isProtected(event, signalsOf(event, question, bypassesCoreDns))) continue;
      const category = categoryOf(event, question.domain);
      const verdict = filter?.verdict(category, idOf(index), false) ?? 'keep';
      if (verdict !== 'keep') continue;
      const expansion = expansionOf(event, name, question);
      queries.push({
        record,
        index,
        timeMs,
        clientKey: keys.keyOf(client, origin, event),
        name,
        type,
        code: event.responseCode,
        category,
        target: expansion?.target ?? name,
        suffix: expansion?.suffix,
        durationNs: event.durationNs,
      });
    }
    return queries;
  };
}

/**
 * Whether nothing is lost when the record of another query stands for this one: no answers, no result of DNS Firewall, a
 * plain query that was understood as a whole.
 */
const isMergeable = ({ name = '', ...event }: DnsEvent): boolean =>
  event.answers === undefined &&
  event.firewallAction === undefined &&
  !event.isPartial &&
  (event.opCode === undefined || event.opCode === '0') &&
  name.length <= MAX_NAME_CHARS &&
  isTimeMs(event.timeMs);

/** `www.example.com.svc.cluster.local` -> `www.example.com` and `svc.cluster.local`. */
function expansionOf(event: DnsEvent, name: string, { domain }: Question) {
  const target = domain.intendedName;
  if (target === undefined || !isSearchExpansion(event, domain) || !name.startsWith(`${target}.`))
    return undefined;
  return { target, suffix: name.slice(target.length + 1) };
}

/** Numbers for what the records of two queries must have in common to be merged. */
export type ClientKeys = { keyOf(client: Client, origin: Origin, event: DnsEvent): number };

/** Creates the numbers of one batch. */
export function createClientKeys(): ClientKeys {
  // The fast path makes equal clients the same object; without it, equal text tells them.
  const byClient = new Map<Client, number>();
  const clientNumber = createNumbers();
  const keyNumber = createNumbers();
  const numberOf = (client: Client): number => {
    let number = byClient.get(client);
    if (number === undefined) {
      number = clientNumber(textOf(client));
      byClient.set(client, number);
    }
    return number;
  };
  return {
    keyOf: (client, { accountId, region, logGroup, sourceLogGroup }, event) =>
      keyNumber(
        JSON.stringify([
          ...[numberOf(client), accountId, region, logGroup, sourceLogGroup],
          ...[event.source, event.clientIp, event.class, event.extra],
          ...[event.accountId, event.region, event.vpcId],
        ]),
      ),
  };
}

/** Everything that a record says about its client. Members are listed: the fast path keeps others on the same object. */
function textOf(client: Client): string {
  const { kind, attribution, cluster, pod, namespace, podName, workload } = client;
  const { loggedLabels, nodeName, instanceId, instance } = client;
  return JSON.stringify([
    ...[kind, attribution, cluster, pod, namespace, podName, workload],
    ...[loggedLabels, nodeName, instanceId, instance],
  ]);
}

/** Numbers texts: equal texts have the same number. */
function createNumbers(): (text: string) => number {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}
