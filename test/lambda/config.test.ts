import { describe, expect, it } from '@jest/globals';
import { leanFields } from '../../src/core/model/record-fields/omission.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { parseClusterList } from '../../src/lambda/cluster-list.ts';
import { loadConfiguration, VARIABLE_NAMES } from '../../src/lambda/config.ts';

const load = (environment: Record<string, string>) => loadConfiguration(() => ({ ok: true }), environment);

describe('loadConfiguration', () => {
  it('has a default for every setting', () => {
    expect(load({})).toEqual({ ok: true, settings: DEFAULT_SETTINGS });
  });

  it.each([
    ['0', false],
    ['1', true],
    ['', true],
  ])('NODE_TLS_REJECT_UNAUTHORIZED=%j: certificates are verified %p', (value, verifiesCertificates) => {
    expect(load({ NODE_TLS_REJECT_UNAUTHORIZED: value })).toMatchObject({
      settings: { verifiesCertificates },
    });
    expect(VARIABLE_NAMES).not.toContain('NODE_TLS_REJECT_UNAUTHORIZED');
  });

  it('treats an empty value, which templates pass, as not set', () => {
    const empty = Object.fromEntries(VARIABLE_NAMES.map((name) => [name, ' ']));
    expect(load(empty)).toEqual({ ok: true, settings: DEFAULT_SETTINGS });
  });

  it.each<[string, string, string, unknown]>([
    ['CLUSTERS', ' shop , lab,', 'clusters', parseClusterList('shop,lab', undefined).clusters],
    ['CLUSTER_ROLE_EXTERNAL_ID', ' dns:42/a ', 'clusterRoleExternalId', 'dns:42/a'],
    ['DIRECTORY_FILE', 'a.json', 'directoryFile', 'a.json'],
    ['EC2_LOOKUP', 'off', 'ec2Lookup', false],
    ['OUTPUT_FORMAT', 'ndjson', 'outputFormat', 'ndjson'],
    ['COREDNS_LOG_FORMAT', '{common}\n\n"a {name}"', 'corednsLogFormats', ['{common}', '"a {name}"']],
    ['COREDNS_CONTAINERS', 'dns', 'corednsContainers', ['dns']],
    ['COREDNS_NAMESPACE', ' dns ', 'corednsNamespace', 'dns'],
    ['COREDNS_LOG_GROUPS', '/dns/*, /b', 'corednsLogGroups', ['/dns/*', '/b']],
    ['RESOLVER_LOG_GROUPS', '/aws/r53#1', 'resolverLogGroups', ['/aws/r53#1']],
    [
      'LOG_GROUP_CLUSTERS',
      '/a=x, /b=y',
      'logGroupClusters',
      new Map([
        ['/a', 'x'],
        ['/b', 'y'],
      ]),
    ],
    [
      'STATIC_ATTRIBUTES',
      'env=prod,query=a=b',
      'staticAttributes',
      [
        ['env', 'prod'],
        ['query', 'a=b'],
      ],
    ],
    ['CLUSTER_NAMES', 'shop = Shop (prod)', 'clusterNames', new Map([['shop', 'Shop (prod)']])],
    [
      'CLUSTER_NAMES',
      'arn:aws:eks:eu-west-1:111122223333:cluster/shop=a,shop=b',
      'clusterNames',
      new Map([
        ['arn:aws:eks:eu-west-1:111122223333:cluster/shop', 'a'],
        ['shop', 'b'],
      ]),
    ],
    ['POD_LABELS', 'app.kubernetes.io/name', 'podLabels', ['app.kubernetes.io/name']],
    ['POD_ANNOTATIONS', 'owner', 'podAnnotations', ['owner']],
    ['METADATA_FROM', 'namespace', 'metadataFrom', 'namespace'],
    [
      'CLUSTER_DOMAINS',
      'K8s.Example.com., .cluster.local',
      'clusterDomains',
      ['k8s.example.com', 'cluster.local'],
    ],
    ['SEARCH_DOMAINS', 'corp.example,lan', 'searchDomains', ['corp.example', 'lan']],
    ['RECORD_KEY', ' 0123456789abcdef ', 'recordKey', '0123456789abcdef'],
    ['CONTENT', 'none', 'omit', ['content']],
    ['OMIT', 'dns.id, aws.*', 'omit', ['dns.id', 'aws.*']],
    ['OMIT', 'lean', 'omit', leanFields()],
    ['DROP', 'cluster,search-expansion', 'drop', new Set(['cluster', 'search-expansion'])],
    ['SAMPLE', 'external=0.25', 'sample', new Map([['external', 0.25]])],
    ['AGGREGATE', 'lookup, external', 'aggregate', new Set(['lookup', 'external'])],
    ['WRAP', ' /dns/direct ', 'wrap', '/dns/direct'],
    ['REFRESH_SECONDS', '30', 'refreshSeconds', 30],
    ['HISTORY_MINUTES', '120', 'historyMinutes', 120],
    ['LOOKUP_BUDGET_MS', '100', 'lookupBudgetMs', 100],
    ['MAX_INFLATED_BYTES', '1048576', 'maxInflatedBytes', 1_048_576],
    ['RESPONSE_BUDGET_BYTES', '100000', 'responseBudgetBytes', 100_000],
    ['LOG_LEVEL', 'DEBUG', 'logLevel', 'DEBUG'],
  ])('reads %s=%s', (name, value, member, expected) => {
    const configuration = load({ [name]: value });
    expect(configuration).toEqual({ ok: true, settings: { ...DEFAULT_SETTINGS, [member]: expected } });
  });

  it.each([
    ['EC2_LOOKUP', 'yes'],
    ['CLUSTERS', 'arn:aws:eks:eu-west-1:1:cluster/shop'],
    ['CLUSTER_ROLE_EXTERNAL_ID', 'a b'],
    ['CLUSTER_ROLE_EXTERNAL_ID', 'x'],
    ['OUTPUT_FORMAT', 'xml'],
    ['LOG_GROUP_CLUSTERS', 'nonsense'],
    ['COREDNS_NAMESPACE', 'Kube System'],
    ['COREDNS_LOG_GROUPS', 'a b'],
    ['RESOLVER_LOG_GROUPS', `/${'a'.repeat(600)}`],
    ['STATIC_ATTRIBUTES', '=x'],
    ['STATIC_ATTRIBUTES', 'a b=x'],
    ['STATIC_ATTRIBUTES', 'K8s.Pod.Name=x'],
    ['STATIC_ATTRIBUTES', 'dt.system.bucket=x'],
    ['CLUSTER_NAMES', 'shop'],
    ['CLUSTER_NAMES', 'a shop=shop'],
    ['CLUSTER_NAMES', 'shop=a,shop=b'],
    ['CLUSTER_NAMES', `shop=${'a'.repeat(256)}`],
    ['CLUSTER_NAMES', 'arn:aws:eks:eu-west-1:1:cluster/shop=a'],
    ['METADATA_FROM', 'node'],
    ['CLUSTER_DOMAINS', 'cluster..local'],
    ['SEARCH_DOMAINS', 'corp example'],
    ['SEARCH_DOMAINS', 'com'],
    ['SEARCH_DOMAINS', 'corp.example,co.uk'],
    ['RECORD_KEY', '0123456789abcde'],
    ['RECORD_KEY', '0123456789ABCDEF'],
    ['RECORD_KEY', '0123456789abcdef"'],
    ['RECORD_KEY', 'a'.repeat(65)],
    ['CONTENT', 'some'],
    ['OMIT', 'dns.idd'],
    ['OMIT', 'timestamp'],
    ['DROP', 'everything'],
    ['AGGREGATE', 'everything'],
    ['WRAP', 'a b'],
    ['SAMPLE', 'external=2'],
    ['SAMPLE', 'nothing=0.5'],
    ['SAMPLE', 'external'],
    ['REFRESH_SECONDS', '0'],
    ['REFRESH_SECONDS', '1.5'],
    ['HISTORY_MINUTES', 'long'],
    ['LOOKUP_BUDGET_MS', '-1'],
    ['MAX_INFLATED_BYTES', '9'],
    ['RESPONSE_BUDGET_BYTES', '7000000'],
    ['LOG_LEVEL', 'loud'],
  ])('rejects %s=%s with its name', (name, value) => {
    const configuration = load({ [name]: value });
    expect(configuration.ok).toBe(false);
    if (!configuration.ok) expect(configuration.faults[0]).toMatch(new RegExp(`^${name}: `));
  });

  it('does not repeat a record key, which is a secret', () => {
    expect(JSON.stringify(load({ RECORD_KEY: 'Not-Lower-Case-9' }))).not.toContain('Not-Lower');
  });

  it.each([
    ['512', 67_108_864],
    ['2047', 67_108_864],
    ['2048', 268_435_456],
    [undefined, 268_435_456],
  ])('takes a large MAX_INFLATED_BYTES only with enough memory: %s MB', (memory, expected) => {
    const configuration = load({
      MAX_INFLATED_BYTES: '268435456',
      ...(memory === undefined ? {} : { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory }),
    });
    if (!configuration.ok) throw new Error(configuration.faults.join());
    expect(configuration.settings.maxInflatedBytes).toBe(expected);
    expect(configuration.adjustments ?? []).toHaveLength(expected === 67_108_864 ? 1 : 0);
  });

  it('takes a smaller MAX_INFLATED_BYTES with any memory', () => {
    const configuration = load({ MAX_INFLATED_BYTES: '2000000', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512' });
    expect(configuration).toEqual({
      ok: true,
      settings: { ...DEFAULT_SETTINGS, maxInflatedBytes: 2_000_000 },
    });
  });

  it('wraps only in the output that has envelopes', () => {
    expect(load({ WRAP: '/direct', OUTPUT_FORMAT: 'ndjson' })).toEqual({
      ok: false,
      faults: ['WRAP: needs OUTPUT_FORMAT=cloudwatch-logs'],
    });
  });

  it('reports all faults at once', () => {
    const configuration = load({ CONTENT: 'x', LOG_LEVEL: 'y', REFRESH_SECONDS: 'z' });
    expect(configuration).toMatchObject({
      ok: false,
      faults: [expect.anything(), expect.anything(), expect.anything()],
    });
  });

  it('reports the fault of a CoreDNS format', () => {
    const configuration = loadConfiguration(() => ({ ok: false, message: 'ambiguous' }), {
      COREDNS_LOG_FORMAT: '{name}{type}',
    });
    expect(configuration).toEqual({ ok: false, faults: ['COREDNS_LOG_FORMAT: ambiguous'] });
  });
});
