import type { JsonObject } from '../util/json.ts';

/**
 * One log line as an envelope holds it.
 * `text` is the CloudWatch `message`: a bare line, or a wrapper (Fluent Bit JSON, docker JSON, CRI) around one.
 */
export type LogLine = {
  readonly text: string;
  /** CloudWatch's event time, else the record's arrival, epoch ms. */
  readonly timestampMs: number;
  /** True when `timestampMs` is only the time of arrival: such a line can never be attributed as `exact`. */
  readonly timeIsArrival: boolean;
  /** `aws.log_stream`, where the line came in an envelope: some wrappers name the pod only there. */
  readonly logStream: string | undefined;
  /** The log group that the line was first written to; undefined without an envelope. */
  readonly logGroup: string | undefined;
};

/** The container that printed a line (a CoreDNS pod and its node), never the DNS client. */
export type LogProducer = {
  readonly pod: string | undefined;
  readonly podUid: string | undefined;
  readonly namespace: string | undefined;
  readonly container: string | undefined;
  readonly node: string | undefined;
  readonly ip: string | undefined;
};

/** A line without its wrapper. */
export type UnwrappedLine = {
  /** The bare text, without wrapper, CRI prefix and final newline. */
  readonly text: string;
  /** The container runtime's time, epoch ms, where the wrapper has one. May be chosen by whoever wrote the line, see `trust/`. */
  readonly timeMs: number | undefined;
  readonly producer: LogProducer | undefined;
  /** The container in the name of the log stream, which no container can choose. */
  readonly streamProducer: LogProducer | undefined;
  /** Whether there was a wrapper around the text. */
  readonly isWrapped: boolean;
  /** The line as an object, where it is one (native JSON logging, `log_processed`, Resolver JSON). */
  readonly json: JsonObject | undefined;
};

/**
 * What proves that a DNS line is genuine. `log-group`: the log group. `producer`: the container that printed it, if the
 * directory knows that pod. `nothing`: its attribution is at most `inferred`.
 */
export type Proof = 'log-group' | 'producer' | 'nothing';
