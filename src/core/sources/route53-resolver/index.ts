// Query logs of Route 53 Resolver, one JSON object per CloudWatch event or per Firehose record:
//   {"version":"1.100000","account_id":"111122223333","region":"eu-west-1","vpc_id":"vpc-0a1b","query_timestamp":
//    "2024-03-01T12:00:00Z","query_name":"www.example.com.","query_type":"A","query_class":"IN","rcode":"NOERROR",
//    "answers":[{"Rdata":"192.0.2.7","Type":"A","Class":"IN"}],"srcaddr":"10.0.1.5","srcport":"48701",
//    "transport":"UDP","srcids":{"instance":"i-0b48"}}
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html
import type { DnsEvent, SourceIds } from '../../model/dns-event.ts';
import type { LogLine, UnwrappedLine } from '../../model/log-line.ts';
import type { LogSource } from '../../model/ports.ts';
import { isAddress, portOf } from '../../util/ip-address.ts';
import { isObject, type JsonObject, parseObject } from '../../util/json.ts';
import { wellFormedJson } from '../../util/well-formed.ts';
import { readAnswers } from '../route53-common/answers.ts';
import { route53Event } from '../route53-common/event.ts';
import { NAME_AS_ASKED, nameAsAsked, questionNameOf, timeMsOf, upperCaseOf } from '../route53-common/text.ts';
import { type AttributeList, addUnknown, isExact } from '../route53-common/unknown-members.ts';
import { isSourceId, readSourceIds } from './source-ids.ts';

type ResolverRecord = JsonObject & {
  readonly query_name: string;
  readonly query_type: string;
  readonly srcaddr: string;
};

/** Documented members, with the test for a value of the expected type. */
const MEMBERS = new Map<string, (value: unknown) => boolean>([
  ['version', isTextOrNumber],
  ['account_id', isTextOrNumber],
  ['region', isText],
  ['vpc_id', isText],
  ['query_timestamp', isText],
  ['query_name', isText],
  ['query_type', isText],
  ['query_class', isText],
  ['rcode', isTextOrNumber],
  // Checked by `readAnswers`.
  ['answers', () => true],
  ['srcaddr', isText],
  ['srcport', isTextOrNumber],
  ['transport', isText],
  ['srcids', isObject],
  ['firewall_rule_action', isText],
]);

/** Creates the parser for version 1.x. It recognises a record by its members, not by the name of the log group. */
export function createResolverSource(): LogSource {
  return {
    name: 'aws.vpcdnsquerylogs',
    prefilter: (text) => text.includes('query_name') || mayHideNames(text),
    parse: (line, unwrapped) => {
      const record = unwrapped.json ?? parseObject(unwrapped.text);
      return record !== undefined && isResolverRecord(record) ? eventOf(record, line, unwrapped) : undefined;
    },
    // Of another version, for example.
    resembles: ({ json, text }) => {
      const record = json ?? parseObject(text);
      if (record === undefined || record.class_uid !== undefined) return false;
      return isText(record.query_name) && isText(record.query_timestamp) && record.srcaddr !== undefined;
    },
  };
}

/** Whether an object may have names with `\u` escapes. */
const mayHideNames = (text: string): boolean => text.charCodeAt(0) === 0x7b && text.includes('\\u');

/** Excludes OCSF, which has other keys and a `class_uid`, and other major versions, whose format is unknown. */
function isResolverRecord(record: JsonObject): record is ResolverRecord {
  if (!isText(record.query_name) || record.query_name === '' || record.class_uid !== undefined) return false;
  if (!isText(record.query_type) || record.query_type === '' || !isText(record.srcaddr)) return false;
  if (record.version === '1.100000') return true;
  const version = textOf(record.version);
  if (version !== undefined) return /^1(?:\.\d+)?$/.test(version);
  return isAbsent(record.version) && (isText(record.vpc_id) || isText(record.query_timestamp));
}

function eventOf(record: ResolverRecord, line: LogLine, unwrapped: UnwrappedLine): DnsEvent {
  const timeMs = isText(record.query_timestamp) ? timeMsOf(record.query_timestamp) : undefined;
  const queryClass = upperCaseOf(textOf(record.query_class) ?? 'IN');
  const responseCode = textOf(record.rcode);
  const answers = readAnswers(record.answers);
  const sourceIds = readSourceIds(record.srcids);
  const clientIp = isAddress(record.srcaddr) ? record.srcaddr : undefined;
  const clientPort = portOf(record.srcport);
  const extra = documentedAttributes(record, sourceIds);
  const areTypesValid = addOtherMembers(extra, record);
  const isTimeValid = keepIfInvalid(extra, 'query_timestamp', record.query_timestamp, timeMs);
  const isClientValid = keepIfInvalid(extra, 'srcaddr', record.srcaddr, clientIp);
  const isPortValid = keepIfInvalid(extra, 'srcport', record.srcport, clientPort);
  keepIfInvalid(extra, 'answers', record.answers, answers.list);
  return route53Event({
    source: 'aws.vpcdnsquerylogs',
    timeMs: timeMs ?? unwrapped.timeMs ?? line.timestampMs,
    // The fallbacks are times of delivery, which may be late.
    timeIsCertain: timeMs !== undefined,
    content: wellFormedJson(unwrapped.text),
    name: questionNameOf(record.query_name),
    type: upperCaseOf(record.query_type),
    class: queryClass === 'IN' ? undefined : queryClass,
    responseCode: responseCode === undefined ? undefined : upperCaseOf(responseCode),
    clientIp,
    clientPort,
    transport: transportOf(textOf(record.transport)),
    sourceIds,
    answers: answers.list,
    answerCount: answers.count,
    // Tools that store the account id as a number drop its leading zeros.
    accountId: textOf(record.account_id)?.padStart(12, '0'),
    region: textOf(record.region),
    vpcId: textOf(record.vpc_id),
    firewallAction: textOf(record.firewall_rule_action)?.toUpperCase(),
    isPartial: !(areTypesValid && isTimeValid && isClientValid && isPortValid && answers.isComplete),
    extra,
  });
}

/** Attributes of the documented members that only Resolver logs have, in printing order. */
function documentedAttributes(record: ResolverRecord, sourceIds: SourceIds | undefined): AttributeList {
  const out: AttributeList = [];
  addUnknown(out, NAME_AS_ASKED, nameAsAsked(record.query_name));
  if (sourceIds !== undefined) {
    addUnknown(out, 'aws.route53.resolver_endpoint_id', sourceIds.resolverEndpoint);
    addUnknown(out, 'aws.route53.resolver_network_interface_id', sourceIds.resolverNetworkInterface);
  }
  if (record.firewall_rule_action !== undefined) {
    addUnknown(out, 'aws.route53.firewall.action', textOf(record.firewall_rule_action)?.toUpperCase());
  }
  if (record.version !== '1.100000' && Number(record.version) !== 1.1) {
    addUnknown(out, 'aws.route53.log_version', textOf(record.version));
  }
  const transport = textOf(record.transport);
  if (transport !== undefined && isOverHttps(transport)) addUnknown(out, 'aws.route53.transport', transport);
  addUnknown(out, 'aws.route53.firewall.rule_group_id', record.firewall_rule_group_id);
  addUnknown(out, 'aws.route53.firewall.domain_list_id', record.firewall_domain_list_id);
  return out;
}

/** Adds the members that were not read otherwise; returns false if a documented member has an unexpected type. */
function addOtherMembers(out: AttributeList, record: ResolverRecord): boolean {
  let areTypesValid = true;
  const others: string[] = [];
  for (const key of Object.keys(record)) {
    const value = record[key];
    const isExpectedType = MEMBERS.get(key);
    if (isExpectedType?.(value) === true || isAbsent(value)) continue;
    areTypesValid &&= isExpectedType === undefined;
    if (key.startsWith('firewall_')) addUnknown(out, `aws.route53.${firewallName(key)}`, value);
    else others.push(key);
  }
  if (isObject(record.srcids)) addOtherIds(out, record.srcids);
  for (const key of others) addUnknown(out, `aws.route53.${key}`, record[key]);
  return areTypesValid;
}

/** If a value is present but could not be parsed, adds it unchanged and returns false. */
function keepIfInvalid(out: AttributeList, key: string, value: unknown, parsed: unknown): boolean {
  if (parsed !== undefined || isAbsent(value)) return true;
  addUnknown(out, `aws.route53.${key}`, value);
  return false;
}

function addOtherIds(out: AttributeList, ids: JsonObject): void {
  for (const key of Object.keys(ids)) {
    if (!isSourceId(key, ids[key])) addUnknown(out, `aws.route53.srcids.${key}`, ids[key]);
  }
}

/** `firewall_rule_group_id` -> `firewall.rule_group_id`. */
function firewallName(key: string): string {
  return key === 'firewall_rule_action' ? 'firewall.action' : `firewall.${key.slice('firewall_'.length)}`;
}

/** `UDP` -> `udp`; `DoH`, `DoH-FIPS` -> `tcp`. */
function transportOf(transport: string | undefined): string | undefined {
  if (transport === undefined) return undefined;
  return isOverHttps(transport) ? 'tcp' : transport.toLowerCase();
}

function isOverHttps(transport: string): boolean {
  return /^doh/i.test(transport);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNumber(value: unknown): value is string | number {
  return typeof value === 'string' || (typeof value === 'number' && isExact(value));
}

function textOf(value: unknown): string | undefined {
  return isTextOrNumber(value) && value !== '' ? String(value) : undefined;
}
