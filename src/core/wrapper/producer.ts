import type { LogProducer } from '../model/log-line.ts';
import { isAddress } from '../util/ip-address.ts';
import { isObject, type JsonObject, parseObject } from '../util/json.ts';

/** Finds the producer of a line. The same producer is the same object within a record, so that callers may compare by identity. */
export type ProducerReader = {
  /** From the JSON text of Fluent Bit's or Fluentd's `kubernetes` object; undefined when it is not a JSON object. */
  readonly ofKubernetesText: (text: string, logStream: string | undefined) => LogProducer | undefined;
  /** From any object that describes a pod: `kubernetes`, also Filebeat's, or the resource of an OpenTelemetry record. */
  readonly ofObject: (pod: JsonObject, logStream: string | undefined) => LogProducer;
  /** From the name of the log stream alone, where it names a container. */
  readonly ofStream: (logStream: string | undefined) => LogProducer | undefined;
  /** The producer, as the same object for equal ones. */
  readonly intern: (producer: LogProducer) => LogProducer;
  /** Forgets all producers. */
  readonly reset: () => void;
};

/** Creates a reader. */
export function createProducerReader(): ProducerReader {
  const byContent = new Map<string, LogProducer>();
  const byStream = new Map<string, LogProducer | undefined>();

  const intern = (producer: LogProducer): LogProducer => {
    const key = JSON.stringify(producer);
    const known = byContent.get(key);
    if (known !== undefined) return known;
    byContent.set(key, producer);
    return producer;
  };
  const ofStream = (logStream: string | undefined): LogProducer | undefined => {
    if (logStream === undefined) return undefined;
    if (!byStream.has(logStream)) {
      const producer = producerOfStream(logStream);
      byStream.set(logStream, producer === undefined ? undefined : intern(producer));
    }
    return byStream.get(logStream);
  };
  const ofObject = (pod: JsonObject, logStream: string | undefined): LogProducer => {
    const stream = ofStream(logStream);
    return intern({
      pod: textOf(pod, 'pod_name', 'k8s.pod.name') ?? textIn(pod.pod, 'name') ?? stream?.pod,
      podUid: textOf(pod, 'pod_id', 'k8s.pod.uid') ?? textIn(pod.pod, 'uid'),
      namespace:
        textOf(pod, 'namespace_name', 'k8s.namespace.name') ?? textIn(pod, 'namespace') ?? stream?.namespace,
      container:
        textOf(pod, 'container_name', 'k8s.container.name') ??
        textIn(pod.container, 'name') ??
        stream?.container,
      node: textOf(pod, 'host', 'k8s.node.name') ?? textIn(pod.node, 'name') ?? stream?.node,
      ip: addressOf(textOf(pod, 'pod_ip', 'k8s.pod.ip') ?? textIn(pod.pod, 'ip')),
    });
  };
  return {
    ofKubernetesText: (text, logStream) => {
      const pod = parseObject(text);
      return pod === undefined ? undefined : ofObject(pod, logStream);
    },
    ofObject,
    ofStream,
    intern,
    reset: () => {
      byContent.clear();
      byStream.clear();
    },
  };
}

/** Masked text is no address. */
const addressOf = (text: string | undefined): string | undefined =>
  text !== undefined && isAddress(text) ? text : undefined;

/** A member of an object as Filebeat nests them: `{"pod":{"name":"coredns-5d78c9869d-abcde"},"namespace":"kube-system"}`. */
function textIn(object: unknown, member: string): string | undefined {
  const value = isObject(object) ? object[member] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textOf(object: JsonObject, fluent: string, otel: string): string | undefined {
  // Collectors of OpenTelemetry may copy annotations of a pod under any other name.
  const value = object[otel] ?? object[fluent];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

// `<node>-application.var.log.containers.<pod>_<namespace>_<container>-<64 hex>.log`, also without its first or last part.
// fluent-bit plugins/filter_kubernetes/kube_regex.h
const CONTAINER_FILE = /^([a-z0-9][-a-z0-9.]*)_([^_]+)_([^_]+)-[a-z0-9]{64}(?:\.log)?$/;
const CONTAINERS_TAG = 'var.log.containers.';
// `<pod of a deployment>.<container>`, as the stream template of aws-for-fluent-bit prints it.
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
