/**
 * One log line as an envelope holds it.
 * `text` is the CloudWatch `message`: a bare line, or a wrapper (Fluent Bit JSON, docker JSON, CRI) around one.
 */
export type Line = {
  readonly text: string;
  /** CloudWatch's event time, else the record's arrival, epoch ms. */
  readonly timestampMs: number;
  /** True when `timestampMs` is only the time of arrival: such a line can never be attributed as `exact`. */
  readonly timeIsArrival: boolean;
  /** `aws.log_stream`, where the line came in an envelope: some wrappers name the pod only there. */
  readonly logStream: string | undefined;
};

/** Who printed a line: the CoreDNS pod and its node, never the DNS client. */
export type LogProducer = {
  readonly pod: string | undefined;
  readonly podUid: string | undefined;
  readonly namespace: string | undefined;
  readonly container: string | undefined;
  readonly node: string | undefined;
  readonly ip: string | undefined;
};

/** A line with its wrapper taken off. */
export type UnwrappedLine = {
  /** The bare text, without wrapper, CRI prefix and final newline. */
  readonly text: string;
  /** The container runtime's time, epoch ms, where the wrapper gives one. */
  readonly timeMs: number | undefined;
  readonly producer: LogProducer | undefined;
  /** The line as an object, where it is one (native JSON logging, `log_processed`, Resolver JSON). */
  readonly json: Readonly<Record<string, unknown>> | undefined;
};

/**
 * A line that can be read where it stands, in the envelope's JSON: `[INFO] 10.0.1.23:40212 - 29008 \"A IN ...`. One
 * object serves line after line.
 */
export type EscapedLine = {
  /** The envelope, as binary text and as bytes. */
  text: string;
  bytes: Buffer;
  /** Where the line stands, without wrapper and final newline. */
  start: number;
  end: number;
  /** In how many JSON strings it stands, one inside the other. */
  depth: 1 | 2;
  /** As in `Line` and `UnwrappedLine`. */
  timestampMs: number;
  timeIsArrival: boolean;
  timeMs: number | undefined;
  producer: LogProducer | undefined;
};
