// Lists of domains: lookup tables in Dynatrace, made from `dynatrace/lists/*.csv` by `eks-dns dynatrace apply --lists`. They
// belong to the query and not to the function, so that a new list applies to records that are there already.

/** A list: its file is `dynatrace/lists/<table>.csv`. */
type List = { readonly name: string; readonly table: string; readonly question: string };

/** The lists that are shipped. */
export const LISTS: readonly List[] = [
  { name: 'mining-pools', table: 'mining_pools', question: 'Which pods query mining pools?' },
  {
    name: 'out-of-band',
    table: 'out_of_band',
    question: 'Which pods query the interaction servers of out-of-band tests?',
  },
  { name: 'tunnels', table: 'tunnels', question: 'Which pods query tunnels and reverse proxies?' },
  { name: 'dynamic-dns', table: 'dynamic_dns', question: 'Which pods query names of dynamic DNS?' },
  {
    name: 'doh-resolvers',
    table: 'doh_resolvers',
    question: 'Which pods query resolvers of DNS over HTTPS?',
  },
  { name: 'tor-gateways', table: 'tor_gateways', question: 'Which pods query gateways to the Tor network?' },
];

/** Name and source of a query for each list. A list holds registered domains and full names. */
export const listQueries = (): (readonly [name: string, source: string])[] =>
  LISTS.map(({ name, table, question }) => [
    `lists/${name}`,
    `// ${question}
// Needs the lookup table /lookups/eks_dns/${table}, of dynatrace/lists/${table}.csv.
fetch dns
| filter log.source == "coredns" or dns.client.kind == "pod"
| filter dns.question.category == "external"
| summarize {
    queries = sum(own_queries),
    first_query = min(timestamp),
    last_query = max(timestamp),
    codes = collectDistinct(dns.response_code)
  }, by: {dns.question.name, dns.question.registered_domain, k8s.cluster.name, k8s.namespace.name, k8s.workload.name, k8s.pod.name, client.ip, dns.client.attribution}
| lookup [ load "/lookups/eks_dns/${table}" ], sourceField: dns.question.registered_domain, lookupField: domain, prefix: "by_domain."
| lookup [ load "/lookups/eks_dns/${table}" ], sourceField: dns.question.name, lookupField: domain, prefix: "by_name."
| fieldsAdd listed = coalesce(by_name.name, by_domain.name)
| filter isNotNull(listed)
| fields listed, dns.question.name, k8s.cluster.name, k8s.namespace.name, k8s.workload.name, k8s.pod.name, client.ip, dns.client.attribution, queries, first_query, last_query, codes
| sort queries desc
| limit 200`,
  ]);
