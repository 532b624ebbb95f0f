// A domain list of Route 53 Resolver DNS Firewall per VPC, with its rule group, as CloudFormation.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-user-managed-domain-lists.html
import { stringify } from 'yaml';
import type { Dialect, FoldedList } from './fold.ts';

// AWS documents letters, digits and dashes, and no underscore: `_ldap._tcp.example.com` is only reached by a wildcard.
const NAME = /^[-a-z0-9]{1,63}(?:\.[-a-z0-9]{1,63})*$/;

/** What a domain list can hold: names, and one `*.` at the start, which covers every name below. */
export const DNS_FIREWALL: Dialect = {
  isWritable: (name) => name.length <= 253 && NAME.test(name),
  wildcard: (parent) => `*.${parent}`,
  isPerDepth: false,
  coversUnwritable: true,
};

/** The list of one VPC; `vpcId` is undefined for records of which no VPC is known. */
export type VpcList = { readonly vpcId: string | undefined; readonly list: FoldedList };

/** Files of a VPC: the template, and the domains as a file for S3 if there are too many for the template. */
export type VpcFiles = { readonly template: string; readonly domains: string | undefined };

// UpdateFirewallDomains takes 1,000 domains, and CloudFormation a template of 51,200 bytes.
const MAX_INLINE_DOMAINS = 1000;
const MAX_INLINE_CHARS = 40_000;

/**
 * The stack: allow what is on the list, alert on everything else. The list trusts redirections, because the log of CoreDNS
 * does not contain the targets of a CNAME; without that, each of them would have to be on the list.
 */
export function vpcFiles({ vpcId, list }: VpcList, about: string): VpcFiles {
  const domains = list.entries;
  const isInline =
    domains.length <= MAX_INLINE_DOMAINS && domains.join('').length + domains.length * 14 <= MAX_INLINE_CHARS;
  const file = {
    DomainFileUrl: {
      Type: 'String',
      Description: 'S3 URL of the file with one domain per line, in this Region: s3://bucket/key',
    },
  };
  const rule = (priority: number, action: string, listName: string, redirection: string) => ({
    Priority: priority,
    Action: action,
    FirewallDomainListId: { 'Fn::GetAtt': [listName, 'Id'] },
    FirewallDomainRedirectionAction: redirection,
  });
  const id = vpcId ?? 'unknown-vpc';
  const type = (name: string): string => `AWS::Route53Resolver::${name}`;
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `DNS Firewall of ${id}: an alert for every name that is not on the list (eks-dns allow-list)`,
    Parameters: {
      VpcId: { Type: 'AWS::EC2::VPC::Id', ...(vpcId === undefined ? {} : { Default: vpcId }) },
      AssociationPriority: {
        Type: 'Number',
        Default: 5000,
        MinValue: 101,
        MaxValue: 8999,
        Description: 'Order among the rule groups of the VPC: after those that block, so that they still do',
      },
      ...(isInline ? {} : file),
    },
    Resources: {
      AllowedDomains: {
        Type: type('FirewallDomainList'),
        Properties: {
          Name: `eks-dns-allowed-${id}`,
          ...(isInline ? { Domains: domains } : { DomainFileUrl: { Ref: 'DomainFileUrl' } }),
        },
      },
      AllDomains: {
        Type: type('FirewallDomainList'),
        Properties: { Name: `eks-dns-all-${id}`, Domains: ['*'] },
      },
      RuleGroup: {
        Type: type('FirewallRuleGroup'),
        Properties: {
          Name: `eks-dns-${id}`,
          FirewallRules: [
            rule(100, 'ALLOW', 'AllowedDomains', 'TRUST_REDIRECTION_DOMAIN'),
            rule(200, 'ALERT', 'AllDomains', 'INSPECT_REDIRECTION_DOMAIN'),
          ],
        },
      },
      Association: {
        Type: type('FirewallRuleGroupAssociation'),
        Properties: {
          FirewallRuleGroupId: { 'Fn::GetAtt': ['RuleGroup', 'Id'] },
          VpcId: { Ref: 'VpcId' },
          Priority: { Ref: 'AssociationPriority' },
        },
      },
    },
    Outputs: { RuleGroupId: { Value: { 'Fn::GetAtt': ['RuleGroup', 'Id'] } } },
  };
  return {
    template: `# ${about}\n${stringify(template, { lineWidth: 0 })}`,
    domains: isInline ? undefined : `${domains.join('\n')}\n`,
  };
}
