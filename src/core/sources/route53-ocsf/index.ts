// Query logs of Route 53 in the Open Cybersecurity Schema Framework, class DNS Activity (4003). Global Resolver logs in this
// form, and the CloudWatch Logs transformer `parseToOCSF` turns the logs of Resolver into it:
//   {"class_uid":4003,"time":1709294400000,"metadata":{"product":{"name":"Route 53","vendor_name":"AWS"}},"cloud":
//    {"region":"eu-west-1","account":{"uid":"111122223333"}},"query":{"hostname":"www.example.com.","type":"A","class":
//    "IN"},"rcode":"NoError","rcode_id":0,"answers":[{"rdata":"192.0.2.7","type":"A","class":"IN"}],"src_endpoint":
//    {"ip":"10.0.1.5","port":48701,"vpc_uid":"vpc-0a1b","instance_uid":"i-0b48"}}
// https://schema.ocsf.io/1.5.0/classes/dns_activity
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/gr-gain-visibility-into-dns-activity.html
import type { DnsEvent, SourceIds } from '../../model/dns-event.ts';
import type { LogLine, UnwrappedLine } from '../../model/log-line.ts';
import type { LogSource } from '../../model/ports.ts';
import { isAddress, portOf } from '../../util/ip-address.ts';
import { isObject, type JsonObject, parseObject } from '../../util/json.ts';
import { wellFormedJson } from '../../util/well-formed.ts';
import { readAnswers } from '../route53-common/answers.ts';
import { route53Event } from '../route53-common/event.ts';
import { questionNameOf, timeMsOf, upperCaseOf } from '../route53-common/text.ts';
import { attributesOf } from './attributes.ts';
import { firewallActionOf } from './firewall.ts';
import { responseCodeOf } from './response-code.ts';

const DNS_ACTIVITY = 4003;
const NS_PER_MS = 1_000_000;
const MAX_DURATION_MS = 3_600_000;
const MAX_OP_CODE = 15;
/** The last millisecond of the year 9999, beyond which RFC 3339 has no form. */
const LAST_TIME_MS = 253_402_300_799_999;

/** Creates the parser. It recognises an event by its class and product, not by the name of the log group. */
export function createOcsfSource(): LogSource {
  return {
    name: 'aws.route53.ocsf',
    prefilter: (text) => text.includes('class_uid'),
    parse: (line, unwrapped) => {
      const activity = unwrapped.json ?? parseObject(unwrapped.text);
      return activity !== undefined && isOfAws(activity) ? eventOf(activity, line, unwrapped) : undefined;
    },
    // Without a question, for example.
    resembles: ({ json, text }) => {
      const activity = json ?? parseObject(text);
      return activity !== undefined && isOfAws(activity);
    },
  };
}

/** Other products write DNS Activity as well: Zeek, Cloudflare, DNS servers of Windows. */
function isOfAws({ class_uid: classUid, metadata }: JsonObject): boolean {
  if (classUid !== DNS_ACTIVITY) return false;
  const product = objectOf(objectOf(metadata).product);
  return (
    product.vendor_name === 'AWS' &&
    /^(?:Route 53|(?:Route 53 )?Global Resolver)$/.test(textOf(product.name) ?? '')
  );
}

function eventOf(activity: JsonObject, line: LogLine, unwrapped: UnwrappedLine): DnsEvent | undefined {
  const query = objectOf(activity.query);
  const name = textOf(query.hostname);
  const type = textOf(query.type);
  if (name === undefined || type === undefined) return undefined;
  const source = objectOf(activity.src_endpoint);
  const cloud = objectOf(activity.cloud);
  const timeMs = startOf(activity);
  const answers = readAnswers(activity.answers);
  const clientIp = textOf(source.ip);
  const isClientValid = clientIp === undefined || isAddress(clientIp);
  const clientPort = portOf(source.port);
  const isPortValid = clientPort !== undefined || isAbsent(source.port);
  const dnsClass = upperCaseOf(textOf(query.class) ?? 'IN');
  const firewallAction = firewallActionOf(activity);
  return route53Event({
    source: 'aws.route53.ocsf',
    timeMs: timeMs ?? unwrapped.timeMs ?? line.timestampMs,
    // The fallbacks are times of delivery, which may be late.
    timeIsCertain: timeMs !== undefined,
    content: wellFormedJson(unwrapped.text),
    name: questionNameOf(name),
    type: upperCaseOf(type),
    class: dnsClass === 'IN' ? undefined : dnsClass,
    responseCode: responseCodeOf(activity.rcode, activity.rcode_id),
    durationNs: durationOf(activity.duration),
    opCode: opCodeOf(query.opcode_id),
    clientIp: isClientValid ? clientIp : undefined,
    clientPort,
    transport: textOf(objectOf(activity.connection_info).protocol_name)?.toLowerCase(),
    sourceIds: sourceIdsOf(source, objectOf(activity.dst_endpoint)),
    answers: answers.list,
    answerCount: answers.count,
    accountId: textOf(objectOf(cloud.account).uid) ?? textOf(cloud.account_uid),
    region: textOf(cloud.region),
    vpcId: textOf(source.vpc_uid),
    firewallAction,
    isPartial: !(isClientValid && isPortValid && answers.isComplete && timeMs !== undefined),
    extra: attributesOf(activity, name, firewallAction),
  });
}

/** `{"instance_uid":"i-0b48"}` of the source, and the Resolver endpoint of the destination. */
function sourceIdsOf(source: JsonObject, destination: JsonObject): SourceIds | undefined {
  const instance = textOf(source.instance_uid);
  const resolverEndpoint = textOf(destination.instance_uid);
  const resolverNetworkInterface = textOf(destination.interface_uid);
  const hasId = (instance ?? resolverEndpoint ?? resolverNetworkInterface) !== undefined;
  return hasId ? { instance, resolverEndpoint, resolverNetworkInterface } : undefined;
}

/** The time of the query, epoch ms; `time` may be that of the response. */
function startOf({ query_time, start_time, time, time_dt }: JsonObject): number | undefined {
  const times = [query_time, start_time, time].filter(isTime);
  return times[0] ?? (typeof time_dt === 'string' ? timeMsOf(time_dt) : undefined);
}

/** Milliseconds -> ns. */
const durationOf = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= MAX_DURATION_MS
    ? Math.round(value * NS_PER_MS)
    : undefined;

/** `0` = QUERY. */
const opCodeOf = (value: unknown): string | undefined =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_OP_CODE
    ? String(value)
    : undefined;

const isTime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= LAST_TIME_MS;

const EMPTY: JsonObject = {};
const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : EMPTY);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';
