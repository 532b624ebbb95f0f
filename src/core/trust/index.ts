// Trust: what a line may say. A CoreDNS line is believed as far as something besides the line shows that CoreDNS printed
// it, a Route 53 line as far as its log group does. docs/trust.md has the table.
import type { DnsEvent, DnsEventDraft } from '../model/dns-event.ts';
import type { LogLine, LogProducer, Proof, UnwrappedLine } from '../model/log-line.ts';
import { LOG_SOURCES, type LogSourceName } from '../model/log-sources.ts';
import { type GroupTrust, type LogGroupTrust, type TrustSettings, trustInLogGroup } from './log-group.ts';

/** How far a line is believed. */
export type Trust = {
  readonly proof: Proof;
  /** Whether times beside or in the line are believed; otherwise the time is CloudWatch's. */
  readonly believesTime: boolean;
  /** The container that printed the line, as far as it is believed. */
  readonly producer: LogProducer | undefined;
};

/** Judges lines; undefined = the line's producer may not write DNS logs, so the line passes unchanged. */
export type Judge = {
  /** Starts another Firehose record: what is remembered of producers is dropped. */
  readonly startRecord: () => void;
  /** Whether lines of a source in a log group are refused without looking at them. */
  readonly refusesGroup: (source: LogSourceName, logGroup: string | undefined) => boolean;
  readonly trustIn: (
    source: LogSourceName,
    logGroup: string | undefined,
    line: Pick<UnwrappedLine, 'producer' | 'streamProducer' | 'isWrapped'>,
  ) => Trust | undefined;
};

const WRITER: Readonly<Record<LogSourceName, 'coredns' | 'route53'>> = Object.fromEntries(
  LOG_SOURCES.map(({ name, writer }) => [name, writer]),
) as Record<LogSourceName, 'coredns' | 'route53'>;

const PROVED_BY_GROUP: Trust = { proof: 'log-group', believesTime: true, producer: undefined };
const UNPROVED: Trust = { proof: 'nothing', believesTime: false, producer: undefined };

/** Creates the judge of a configuration. It remembers the last log group and the last producer: neighbours share them. */
export function createJudge(settings: TrustSettings): Judge {
  let lastGroup: string | undefined;
  let group = trustInLogGroup(undefined, settings);
  const groupOf = (logGroup: string | undefined): LogGroupTrust => {
    if (logGroup !== lastGroup) {
      lastGroup = logGroup;
      group = trustInLogGroup(logGroup, settings);
    }
    return group;
  };
  const judgeContainer = createContainerJudge(settings);
  let last: { readonly args: Parameters<ContainerJudge>; readonly trust: Trust | undefined } | undefined;
  const trustInContainer: ContainerJudge = (...args) => {
    if (last === undefined || args.some((arg, i) => arg !== last?.args[i]))
      last = { args, trust: judgeContainer(...args) };
    return last.trust;
  };
  return {
    startRecord: () => {
      last = undefined;
    },
    refusesGroup: (source, logGroup) => groupOf(logGroup)[source] === 'refused',
    trustIn: (source, logGroup, { producer, streamProducer, isWrapped }) => {
      const trust = groupOf(logGroup)[source];
      if (trust === 'refused') return undefined;
      if (WRITER[source] === 'coredns') return trustInContainer(trust, producer, streamProducer);
      // Route 53 does not log through containers.
      if (isWrapped || producer !== undefined) return undefined;
      return trust === 'proved' ? PROVED_BY_GROUP : UNPROVED;
    },
  };
}

type ContainerJudge = (
  group: Exclude<GroupTrust, 'refused'>,
  producer: LogProducer | undefined,
  streamProducer: LogProducer | undefined,
) => Trust | undefined;

function createContainerJudge(settings: TrustSettings): ContainerJudge {
  const containers = new Set(settings.corednsContainers);
  const isOther = (producer: LogProducer | undefined): boolean =>
    (producer?.container !== undefined && !containers.has(producer.container)) ||
    (producer?.namespace !== undefined && producer.namespace !== settings.corednsNamespace);
  // A log stream `<pod>.<container>` does not name the namespace.
  const withNamespace = (producer: LogProducer | undefined): LogProducer | undefined =>
    producer === undefined || producer.namespace !== undefined
      ? producer
      : { ...producer, namespace: settings.corednsNamespace };
  return (group, named, inStream) => {
    if (isOther(named) || isOther(inStream)) return undefined;
    // The name of a log stream is never the container's own text; what looks like a wrapper may be.
    const isContradicted = inStream !== undefined && !agrees(named, inStream);
    const shown = isContradicted ? inStream : named;
    const believesTime = !isContradicted;
    const producer = withNamespace(shown);
    switch (group) {
      case 'none':
        return { proof: 'nothing', believesTime, producer };
      case 'unknown':
        return UNPROVED;
      case 'proved':
        return { proof: isComplete(shown) ? 'producer' : 'log-group', believesTime, producer };
      case 'shipped':
        // Where the stream does not name the whole container, it may be the container that wrote the wrapper.
        return isComplete(inStream ?? named)
          ? { proof: 'producer', believesTime, producer }
          : { proof: 'nothing', believesTime: false, producer: withNamespace(inStream) };
    }
  };
}

/** Whether two descriptions of a producer do not contradict each other. */
function agrees(named: LogProducer | undefined, inStream: LogProducer): boolean {
  return (['pod', 'namespace', 'container'] as const).every(
    (member) => inStream[member] === undefined || named?.[member] === inStream[member],
  );
}

const isComplete = (producer: LogProducer | undefined): boolean =>
  producer?.pod !== undefined && producer.namespace !== undefined && producer.container !== undefined;

/**
 * Reduces an event to what its line may say, in place. The time of a Route 53 record is part of the record itself: where
 * that is not proved, its attribution is limited, not its time.
 */
export function limitToTrust(
  event: DnsEvent,
  trust: Trust,
  { timestampMs, timeIsArrival }: Pick<LogLine, 'timestampMs' | 'timeIsArrival'>,
): DnsEvent {
  const draft: DnsEventDraft = event;
  draft.proof = trust.proof;
  draft.producer = trust.producer;
  if (!trust.believesTime && WRITER[event.source] === 'coredns') {
    draft.timeMs = timestampMs;
    draft.timeIsCertain = !timeIsArrival;
  }
  return draft;
}
