import type { LogProducer } from '../model/log-line.ts';

type Json = Readonly<Record<string, unknown>>;

/** Finds out who printed a line; the same pod gives the same object, because later stages createTwoGenerationCache on identity. */
export type ProducerReader = {
  /** Answers when `raw` and the stream are those of the call before; costs one comparison. */
  readonly known: (raw: string, logStream: string | undefined) => LogProducer | undefined;
  /** From the raw text of Fluent Bit's or Fluentd's `kubernetes` object; undefined when it is no JSON object. */
  readonly ofKubernetesText: (raw: string, logStream: string | undefined) => LogProducer | undefined;
  /** From any object that describes a pod: `kubernetes`, or the resource of an OpenTelemetry record. */
  readonly ofObject: (pod: Json, logStream: string | undefined) => LogProducer;
  /** From the name of the log stream alone, where it names a container. */
  readonly ofStream: (logStream: string | undefined) => LogProducer | undefined;
  readonly reset: () => void;
};

/** Creates a reader with memories of its own (one per batch). */
export function createProducerReader(): ProducerReader {
  const byIdentity = new Map<string, LogProducer>();
  const byStream = new Map<string, LogProducer | undefined>();
  let lastRaw: string | undefined;
  let lastRawStream: string | undefined;
  let lastRawEmitter: LogProducer | undefined;
  let lastStream: string | undefined;
  let lastStreamEmitter: LogProducer | undefined;

  const intern = (producer: LogProducer): LogProducer => {
    const key = JSON.stringify(producer);
    const known = byIdentity.get(key);
    if (known !== undefined) return known;
    byIdentity.set(key, producer);
    return producer;
  };
  const ofStream = (logStream: string | undefined): LogProducer | undefined => {
    if (logStream === undefined) return undefined;
    if (logStream === lastStream) return lastStreamEmitter;
    if (!byStream.has(logStream)) {
      const producer = producerOfStream(logStream);
      byStream.set(logStream, producer === undefined ? undefined : intern(producer));
    }
    lastStream = logStream;
    lastStreamEmitter = byStream.get(logStream);
    return lastStreamEmitter;
  };
  const ofObject = (pod: Json, logStream: string | undefined): LogProducer => {
    const stream = ofStream(logStream);
    return intern({
      pod: textOf(pod, 'pod_name', 'k8s.pod.name') ?? stream?.pod,
      podUid: textOf(pod, 'pod_id', 'k8s.pod.uid'),
      namespace: textOf(pod, 'namespace_name', 'k8s.namespace.name') ?? stream?.namespace,
      container: textOf(pod, 'container_name', 'k8s.container.name') ?? stream?.container,
      node: textOf(pod, 'host', 'k8s.node.name') ?? stream?.node,
      ip: textOf(pod, 'pod_ip', 'k8s.pod.ip'),
    });
  };
  const ofKubernetesText = (raw: string, logStream: string | undefined): LogProducer | undefined => {
    const pod = parseObject(raw);
    if (pod === undefined) return undefined;
    lastRaw = raw;
    lastRawStream = logStream;
    lastRawEmitter = ofObject(pod, logStream);
    return lastRawEmitter;
  };
  const known = (raw: string, logStream: string | undefined) =>
    raw === lastRaw && logStream === lastRawStream ? lastRawEmitter : undefined;
  const reset = (): void => {
    byIdentity.clear();
    byStream.clear();
    lastRaw = undefined;
    lastStream = undefined;
  };
  return { known, ofKubernetesText, ofObject, ofStream, reset };
}

/** Parses a JSON object; undefined for anything else. */
export function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a JSON value is an object (no array, no null). */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(object: Json, fluent: string, otel: string): string | undefined {
  const value = object[fluent] ?? object[otel];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

// `<node>-application.var.log.containers.<pod>_<namespace>_<container>-<64 hex>.log`, also without head or tail.
// fluent-bit plugins/filter_kubernetes/kube_regex.h
const CONTAINER_FILE = /^([a-z0-9][-a-z0-9.]*)_([^_]+)_([^_]+)-[a-z0-9]{64}(?:\.log)?$/;
const CONTAINERS_TAG = 'var.log.containers.';
// `<pod of a deployment>.<container>`, as aws-for-fluent-bit's stream template prints it.
const POD_AND_CONTAINER = /^([a-z0-9][-a-z0-9]*-[a-z0-9]{6,10}-[a-z0-9]{5})\.([a-z0-9][-a-z0-9]*)$/;
const NODE_PREFIX = /^([a-z0-9][-a-z0-9.]*)-application\.$/;

function producerOfStream(logStream: string): LogProducer | undefined {
  const tagAt = logStream.indexOf(CONTAINERS_TAG);
  const file = CONTAINER_FILE.exec(tagAt < 0 ? logStream : logStream.slice(tagAt + CONTAINERS_TAG.length));
  const match = file ?? POD_AND_CONTAINER.exec(logStream);
  if (match === null) return undefined;
  return {
    pod: match[1],
    podUid: undefined,
    namespace: file?.[2],
    container: file === null ? match[2] : file[3],
    node: tagAt < 0 ? undefined : NODE_PREFIX.exec(logStream.slice(0, tagAt))?.[1],
    ip: undefined,
  };
}
