import { isObject, type JsonObject } from '../../util/json.ts';
import { NAME_AS_ASKED, nameAsAsked } from '../route53-common/text.ts';
import { type AttributeList, addUnknown } from '../route53-common/unknown-members.ts';

/** What Global Resolver adds to each query: its own id, the DNS view, the rule, and the token of the device. */
const GLOBAL_RESOLVER = 'global-resolver';
/** AWS adds one. */
const MAX_ENRICHMENTS = 8;
const DEVICE_MEMBERS = ['dns_view_id', 'firewall_rule_id', 'token_id', 'token_name'] as const;

/** Attributes that only this log has, under the names of Resolver's own log where it has the same, in printing order. */
export function attributesOf(
  activity: JsonObject,
  name: string,
  firewallAction: string | undefined,
): AttributeList {
  const out: AttributeList = [];
  addUnknown(out, NAME_AS_ASKED, nameAsAsked(name));
  const endpoint = activity.dst_endpoint;
  if (isObject(endpoint)) {
    addUnknown(out, 'aws.route53.resolver_endpoint_id', endpoint.instance_uid);
    addUnknown(out, 'aws.route53.resolver_network_interface_id', endpoint.interface_uid);
  }
  addUnknown(out, 'aws.route53.firewall.action', firewallAction);
  const rule = activity.firewall_rule;
  if (isObject(rule)) addUnknown(out, 'aws.route53.firewall.rule_group_id', rule.uid);
  // What the transformer finds no place for.
  const { unmapped } = activity;
  if (isObject(unmapped)) addUnmapped(out, unmapped);
  const { enrichments } = activity;
  for (const one of Array.isArray(enrichments) ? enrichments.slice(0, MAX_ENRICHMENTS) : [])
    addEnrichment(out, one);
  return out;
}

/** `{"firewall_domain_list_id":"rslvr-fdl-1"}` -> `aws.route53.firewall.domain_list_id`. */
function addUnmapped(out: AttributeList, unmapped: JsonObject): void {
  for (const key of Object.keys(unmapped)) {
    const name = key.startsWith('firewall_') ? `firewall.${key.slice('firewall_'.length)}` : key;
    addUnknown(out, `aws.route53.${name}`, unmapped[key]);
  }
}

function addEnrichment(out: AttributeList, enrichment: unknown): void {
  if (!isObject(enrichment) || enrichment.name !== GLOBAL_RESOLVER) return;
  addUnknown(out, 'aws.route53.global_resolver.id', enrichment.value);
  const { data } = enrichment;
  if (!isObject(data)) return;
  for (const key of DEVICE_MEMBERS) addUnknown(out, `aws.route53.global_resolver.${key}`, data[key]);
}
