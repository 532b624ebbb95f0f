// The normalised record as a plain object: an independent version of the record writer, which must give the same bytes.
import { isIP } from 'node:net';
import type { AttributionResult } from '../../src/core/model/client.ts';
import type { DnsEvent } from '../../src/core/model/dns-event.ts';
import type { EscapeLevel } from '../../src/core/model/encoded-text.ts';
import type { Origin } from '../../src/core/model/origin.ts';
import type { Settings } from '../../src/core/model/settings.ts';
import type { Signal } from '../../src/core/model/signal.ts';
import type { DomainInfo } from '../../src/core/question/domain.ts';
import { logLevelOf } from '../../src/core/question/log-level.ts';
import { ec2EntityId } from '../../src/core/record/client-fields.ts';
import { decoded } from './encoded-text.ts';

/** The parts of one record. */
export type RecordInput = {
  readonly event: DnsEvent;
  readonly domain: DomainInfo;
  readonly attribution: AttributionResult;
  readonly signals: readonly Signal[];
};

type RecordOptions = Pick<Settings, 'omit' | 'recordKey' | 'staticAttributes' | 'clusterNames'> & {
  readonly level: EscapeLevel;
};

type Value = string | number | boolean | readonly string[];

const MAX_BYTES = 32_000;
const MAX_LIST = 32;

/** The record alone (level 1), or as the text of an envelope's `message` (level 2); UTF-8. */
export function referenceRecord(input: RecordInput, options: RecordOptions, origin: Origin): string {
  const text = JSON.stringify(recordObject(input, options, origin));
  return options.level === 1 ? text : JSON.stringify(text).slice(1, -1);
}

function recordObject(
  { event, domain, attribution, signals }: RecordInput,
  options: RecordOptions,
  origin: Origin,
): Record<string, Value> {
  const record: Record<string, Value> = {};
  let isCut = false;
  const cut = (text: string): string => {
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length <= MAX_BYTES) return text;
    isCut = true;
    let end = MAX_BYTES;
    while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    return bytes.toString('utf8', 0, end);
  };
  const add = (name: string, value: Value | undefined): void => {
    if (isOmitted(name, options.omit) || value === undefined || value === '' || name in record) return;
    if (typeof value === 'object') {
      if (value.length > MAX_LIST) isCut = true;
      if (value.length > 0) record[name] = value.slice(0, MAX_LIST).map(cut);
    } else record[name] = typeof value === 'string' && name !== 'content' ? cut(value) : value;
  };

  add('timestamp', new Date(event.timeMs).toISOString());
  add('dns.key', options.recordKey);
  if (!isOmitted('content', options.omit)) record.content = contentOf(event);
  add('loglevel', logLevelOf(event));
  add('log.source', event.source);
  addQuestion(add, event, domain);
  addResponse(add, event);
  if (event.answers !== undefined && event.answers.length > 0 && (event.answerCount ?? 0) > 32) isCut = true;
  add('client.ip', event.clientIp);
  add('client.port', event.clientPort);
  add('network.transport', event.transport);
  addClient(add, attribution, options);
  addPlacement(add, event, attribution, origin);
  for (const [name, value] of event.extra) add(name, value);
  add('dns.signals', signals);
  add('dns.parse.status', event.isPartial ? 'partial' : undefined);
  if (isCut) add('dns.truncated', true);
  // The owner of the function set both; what is set by name stays.
  for (const [name, value] of options.staticAttributes)
    if (value !== '' && !(name in record)) record[name] = value;
  return record;
}

const KEPT = [
  ...['timestamp', 'dns.key', 'log.source', 'dns.question.name', 'dns.client.attribution', 'dns.query.count'],
];

const isOmitted = (name: string, omit: readonly string[]): boolean =>
  !KEPT.includes(name) &&
  omit.some((item) => (item.endsWith('*') ? name.startsWith(item.slice(0, -1)) : name === item));

const contentOf = ({ content }: DnsEvent): string =>
  typeof content === 'string' ? content : decoded(content);

type Add = (name: string, value: Value | undefined) => void;

function addQuestion(add: Add, event: DnsEvent, domain: DomainInfo): void {
  const isExpansion = domain.intendedName !== undefined && event.responseCode === 'NXDOMAIN';
  add('dns.question.name', event.name);
  add('dns.question.type', event.type);
  if (event.name !== undefined) {
    add('dns.question.registered_domain', domain.registeredDomain);
    add('dns.question.tenant_domain', domain.tenantDomain);
    add('dns.question.category', isExpansion ? 'search-expansion' : domain.category);
  }
  add('dns.question.class', event.class);
  if (event.name !== undefined && isExpansion) add('dns.question.intended_name', domain.intendedName);
}

function addResponse(add: Add, event: DnsEvent): void {
  add('dns.response_code', event.responseCode);
  if (!event.responseSeen) add('dns.response.seen', false);
  add('dns.id', event.id);
  add('dns.header_flags', event.headerFlags);
  add('dns.request.bytes', event.requestBytes);
  add('dns.response.bytes', event.responseBytes);
  add('duration', event.durationNs);
  if (event.opCode !== '0') add('dns.op_code', event.opCode);
  if (event.ednsDo) add('dns.edns.do', true);
  if (event.ednsUdpSize !== 512) add('dns.edns.udp_size', event.ednsUdpSize);
  add('dns.upstream', event.upstream);
  const { answers } = event;
  if (answers === undefined) return;
  if (answers.length === 0) {
    const isEmpty = event.responseCode === 'NOERROR' && (event.answerCount ?? 0) === 0;
    add('dns.response.type', isEmpty ? 'NODATA' : undefined);
    return;
  }
  const ips = answers.filter(({ type, data }) => (type === 'A' || type === 'AAAA') && isIP(data) !== 0);
  add(
    'dns.answers.data',
    answers.map(({ data }) => data),
  );
  add(
    'dns.answers.type',
    answers.map(({ type }) => type),
  );
  add('dns.answers.count', event.answerCount ?? answers.length);
  add('dns.resolved_ip', [...new Set(ips.map(({ data }) => data))]);
  const aliases = ['CNAME', 'DNAME', 'RRSIG'];
  const isAlias =
    event.responseCode === 'NOERROR' &&
    (event.answerCount ?? answers.length) === answers.length &&
    ![undefined, 'ANY', ...aliases].includes(event.type) &&
    answers.every(({ type }) => aliases.includes(type));
  add('dns.response.type', isAlias ? 'NODATA' : undefined);
}

function addClient(
  add: Add,
  { client }: AttributionResult,
  { staticAttributes, clusterNames }: RecordOptions,
): void {
  const { cluster, pod, workload } = client;
  add('dns.client.kind', client.kind);
  add('dns.client.attribution', client.attribution);
  const inEks = cluster?.name ?? client.instance?.clusterName ?? '';
  const clusterName = clusterNames.get(cluster?.arn ?? '') ?? clusterNames.get(inEks) ?? inEks;
  add('k8s.cluster.name', clusterName);
  add('k8s.cluster.uid', cluster?.uid);
  add('k8s.namespace.name', client.namespace);
  add('k8s.workload.kind', workload?.kind);
  add('k8s.workload.name', workload?.name);
  add('k8s.pod.name', client.podName);
  add('k8s.pod.uid', pod?.uid);
  add('k8s.node.name', client.nodeName);
  for (const [key, value] of pod?.labels ?? []) add(`k8s.pod.label.${key}`, value);
  for (const [key, value] of client.loggedLabels) add(`k8s.pod.label.${key}`, value);
  for (const [key, value] of pod?.annotations ?? []) add(`k8s.pod.annotation.${key}`, value);
  const isStatic = (name: string): boolean =>
    staticAttributes.some(([other]) => other.toLowerCase() === name.toLowerCase());
  for (const [name, value] of pod?.dynatrace ?? []) if (!isStatic(name)) add(name, value);
  add('dt.kubernetes.cluster.name', cluster && clusterName);
  add('dt.kubernetes.cluster.id', cluster?.uid);
  add('dt.entity.ec2_instance', client.instanceId && ec2EntityId(client.instanceId));
}

function addPlacement(
  add: Add,
  event: DnsEvent,
  { client, resolver }: AttributionResult,
  origin: Origin,
): void {
  add('aws.log_group', origin.logGroup);
  add('aws.log_group.source', origin.sourceLogGroup);
  add('aws.log_stream', origin.logStream);
  add('aws.account.id', event.accountId ?? origin.accountId);
  add('aws.region', event.region ?? origin.region);
  add('cloud.provider', 'aws');
  if (event.source === 'aws.vpcdnsquerylogs') add('aws.service', 'route53');
  add('host.id', client.instanceId);
  add('aws.availability_zone', client.instance?.availabilityZone);
  add('aws.ec2.instance_type', client.instance?.type);
  add('aws.vpc.id', event.vpcId ?? client.instance?.vpcId ?? client.cluster?.vpcId);
  add('aws.eks.nodegroup', client.instance?.nodeGroup);
  add('aws.ec2.lifecycle', client.instance?.lifecycle);
  add('dns.resolver.ip', resolver?.ip);
  add('dns.resolver.pod', resolver?.pod);
  add('dns.resolver.instance_id', resolver?.instanceId);
}
