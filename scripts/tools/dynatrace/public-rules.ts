// Public rules and findings about DNS, and what answers the same question here. `test/dynatrace/public-rules.test.ts` runs a
// matching sample of each through the built function and the query.

/** What a rule looks for: the key of a sample, the query that finds it, and the field that decides. */
export const TOPICS = {
  'data-in-names': { query: 'tunnelling-suspects', field: 'dns.signals: hex-label, long-name, deep-name' },
  'encoded-names': { query: 'tunnelling-suspects', field: 'dns.signals: high-entropy' },
  'many-names': { query: 'slow-tunnels', field: 'dns.question.registered_domain' },
  txt: { query: 'txt-answers', field: 'dns.signals: txt-answer' },
  'generated-domains': { query: 'generated-domains', field: 'dns.question.registered_domain' },
  'missing-names': { query: 'nxdomain-storms', field: 'dns.response_code' },
  'new-domain': { query: 'first-seen-domains', field: 'dns.question.registered_domain' },
  indicator: { query: 'clients-of-name', field: 'dns.question.name' },
  rebinding: { query: 'metadata-answers', field: 'dns.signals: metadata-answer' },
  firewall: { query: 'firewall-hits', field: 'aws.route53.firewall.action' },
  bypass: { query: 'bypasses-coredns', field: 'dns.signals: bypasses-coredns' },
  mining: { query: 'lists/mining-pools', field: 'dns.question.registered_domain' },
  'out-of-band': { query: 'lists/out-of-band', field: 'dns.question.registered_domain' },
  tunnels: { query: 'lists/tunnels', field: 'dns.question.registered_domain' },
  'dynamic-dns': { query: 'lists/dynamic-dns', field: 'dns.question.registered_domain' },
  doh: { query: 'lists/doh-resolvers', field: 'dns.question.name' },
  tor: { query: 'lists/tor-gateways', field: 'dns.question.registered_domain' },
  health: { query: 'dns-health-by-workload', field: 'dns.response_code' },
  why: { query: 'why-lookups-fail', field: 'event.reason' },
  talkers: { query: 'top-talkers', field: 'k8s.workload.name' },
  services: { query: 'services-by-workload', field: 'dns.question.name' },
  load: { query: 'coredns-load', field: 'dns.resolver.pod' },
} as const;

/** One of `TOPICS`. */
export type Topic = keyof typeof TOPICS;

/** Names of rules as their authors print them, by author. */
const RULES: readonly (readonly [author: string, rules: Readonly<Record<string, Topic>>])[] = [
  [
    'GuardDuty',
    {
      'Trojan:EC2/DNSDataExfiltration': 'data-in-names',
      'Trojan:EC2/DGADomainRequest.B': 'generated-domains',
      'UnauthorizedAccess:EC2/MetadataDNSRebind': 'rebinding',
      'CryptoCurrency:EC2/BitcoinTool.B!DNS': 'mining',
      'Impact:EC2/BitcoinDomainRequest.Reputation': 'mining',
      'Backdoor:EC2/C&CActivity.B!DNS': 'indicator',
      'Trojan:EC2/DropPoint!DNS': 'indicator',
      'Trojan:EC2/PhishingDomainRequest!DNS': 'firewall',
      'Impact:EC2/MaliciousDomainRequest.Reputation': 'firewall',
      'Impact:EC2/SuspiciousDomainRequest.Reputation': 'new-domain',
      'DefenseEvasion:EC2/UnusualDoHActivity': 'doh',
      'DefenseEvasion:EC2/UnusualDNSResolver': 'bypass',
    },
  ],
  [
    'Sigma',
    {
      'DNS TXT Answer With Possible Execution Strings': 'txt',
      'DNS Query to External Service Interaction Domains': 'out-of-band',
      'Monero Crypto Coin Mining Pool Lookup': 'mining',
      'Suspicious DNS Query with B64 Encoded String': 'encoded-names',
      'DNS Query Tor .Onion Address': 'tor',
      'Cloudflared Tunnels Related DNS Requests': 'tunnels',
      'DNS Query To Visual Studio Code Tunnels Domain': 'tunnels',
      'DNS Query To MEGA Hosting Website': 'indicator',
      'Wannacry Killswitch Domain': 'indicator',
      'Cobalt Strike DNS Beaconing': 'many-names',
    },
  ],
  [
    'Elastic',
    {
      'DNS Tunneling (machine learning)': 'many-names',
      'Unusual DNS Activity (machine learning)': 'new-domain',
      'Potential DGA Activity (machine learning)': 'generated-domains',
      'Potential DNS Tunneling via NsLookup': 'data-in-names',
      'Direct Outbound DNS': 'bypass',
    },
  ],
  [
    'Splunk',
    {
      'Detect DGA domains using pretrained model in DSDL': 'generated-domains',
      'Detect DNS Data Exfiltration using pretrained model in DSDL': 'encoded-names',
      'Detect suspicious DNS TXT records using pretrained model in DSDL': 'txt',
      'DNS Query Length With High Standard Deviation': 'data-in-names',
      'Excessive DNS Failures': 'missing-names',
      'Detect hosts connecting to dynamic domain providers': 'dynamic-dns',
      'Clients Connecting to Multiple DNS Servers': 'bypass',
      'Ngrok Reverse Proxy on Network': 'tunnels',
    },
  ],
  ['Panther', { 'AWS DNS Crypto Domain': 'mining', 'DNS Base64 Encoded Query': 'encoded-names' }],
  ['Datadog', { 'DNS monitoring: errors by service': 'health', 'DNS monitoring: NXDOMAIN': 'missing-names' }],
  ['Coroot', { 'DNS latency and errors of an application': 'health' }],
  ['Retina', { 'DNS errors by pod': 'health' }],
  ['Hubble', { 'DNS errors by source': 'why', 'DNS queries by source': 'talkers' }],
  ['Pixie', { 'px/dns_flow_graph': 'services', 'px/dns_query_summary': 'load' }],
];

/** A row of the table. */
export type PublicRule = { readonly author: string; readonly rule: string; readonly topic: Topic };

/** Every public rule. */
export const PUBLIC_RULES: readonly PublicRule[] = RULES.flatMap(([author, rules]) =>
  Object.entries(rules).map(([rule, topic]) => ({ author, rule, topic })),
);

/** The table of `dynatrace/README.md`. */
export const publicRulesTable = (): string =>
  [
    '| rule or finding | query | field that decides |',
    '|---|---|---|',
    ...PUBLIC_RULES.map(({ author, rule, topic }) => {
      const { query, field } = TOPICS[topic];
      return `| ${author}: ${rule} | [\`${query}\`](queries/${query}.dql) | \`${field}\` |`;
    }),
  ].join('\n');
