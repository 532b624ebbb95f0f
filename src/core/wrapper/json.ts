// A line inside the JSON object that a log shipper puts around it, here Fluent Bit as Container Insights configures it:
//   {"time":"2023-11-20T21:20:29.123456789Z","stream":"stdout","_p":"F","log":"[INFO] ...","kubernetes":{...}}
// https://docs.fluentbit.io/manual/data-pipeline/filters/kubernetes
import type { LogProducer } from '../model/log-line.ts';
import { isObject, type JsonObject } from '../util/json.ts';
import type { ProducerReader } from './producer.ts';

/** The content of a wrapper. */
export type Wrapped = {
  /** The line, which may still have a CRI prefix and a final newline. */
  readonly log: string;
  readonly time: string | undefined;
  readonly producer: LogProducer | undefined;
  /** The container's text stream: `stdout` or `stderr`. */
  readonly stream: string | undefined;
  /** Whether the runtime split the line here, and no shipper has joined its parts. */
  readonly isPart: boolean;
  readonly json: JsonObject | undefined;
  /** Whether there is a wrapper at all. */
  readonly isWrapper: boolean;
};

const LINE_KEYS = ['log', 'message', 'MESSAGE', 'body'] as const;

/** Reads a wrapper of any layout; an object without a line in it is itself the line. */
export function readWrapper(
  object: JsonObject,
  text: string,
  producers: ProducerReader,
  logStream: string | undefined,
): Wrapped {
  const line = lineOf(object);
  const merged = isObject(object.log_processed) ? object.log_processed : object.data;
  return {
    log: line ?? text,
    time: timeOf(object),
    producer: producerOf(object, producers, logStream),
    stream: typeof object.stream === 'string' ? object.stream : undefined,
    // Parsers that do not join the parts of a line write `logtag`; where Fluent Bit writes `_p`, it has joined them.
    isPart: object.logtag === 'P',
    json: isObject(merged) ? merged : line === undefined ? object : undefined,
    isWrapper:
      line !== undefined ||
      isObject(merged) ||
      isObject(object.kubernetes) ||
      isObject(object.resource) ||
      flatKubernetes(object) !== undefined,
  };
}

function lineOf(object: JsonObject): string | undefined {
  for (const key of LINE_KEYS) {
    const value = object[key];
    if (typeof value === 'string') return value;
    // OTLP's AnyValue
    if (isObject(value) && typeof value.stringValue === 'string') return value.stringValue;
  }
  return undefined;
}

/** `time` as text, Filebeat's `@timestamp`, or OpenTelemetry's nanoseconds. */
function timeOf(object: JsonObject): string | undefined {
  if (typeof object.time === 'string') return object.time;
  if (typeof object['@timestamp'] === 'string') return object['@timestamp'];
  const nanos = Number(object.timeUnixNano);
  return nanos > 0 && nanos < 8.64e21 ? new Date(Math.floor(nanos / 1e6)).toISOString() : undefined;
}

/** Members that Filebeat nests, where a tool behind it has joined their names: `"kubernetes.pod.name":"..."`. */
function flatKubernetes(object: JsonObject): JsonObject | undefined {
  if (typeof object['kubernetes.pod.name'] !== 'string') return undefined;
  return {
    pod_name: object['kubernetes.pod.name'],
    pod_id: object['kubernetes.pod.uid'],
    pod_ip: object['kubernetes.pod.ip'],
    namespace_name: object['kubernetes.namespace'],
    container_name: object['kubernetes.container.name'],
    host: object['kubernetes.node.name'],
  };
}

function producerOf(
  object: JsonObject,
  producers: ProducerReader,
  logStream: string | undefined,
): LogProducer | undefined {
  // First: a container can print members of any other name, which some shippers put beside it.
  if (isObject(object.kubernetes)) return producers.ofObject(object.kubernetes, logStream);
  const flat = flatKubernetes(object);
  if (flat !== undefined) return producers.ofObject(flat, logStream);
  const resource = object.resource;
  if (!isObject(resource)) return producers.ofStream(logStream);
  return producers.ofObject(isObject(resource.attributes) ? resource.attributes : resource, logStream);
}
