/** Categories of questions; `DROP` and `SAMPLE` take the same names. */
export const QUESTION_CATEGORIES = [
  'cluster',
  'search-expansion',
  'reverse',
  'aws',
  'single-label',
  'external',
] as const;

/** One of `QUESTION_CATEGORIES`, printed as `dns.question.category`. */
export type QuestionCategory = (typeof QUESTION_CATEGORIES)[number];

/** The item of `AGGREGATE` that makes one record of a look-up. */
export const LOOK_UP = 'lookup';

/** Items of `AGGREGATE`: look-ups, and categories whose equal queries are counted. */
export const AGGREGATE_ITEMS = [LOOK_UP, ...QUESTION_CATEGORIES] as const;

/** One of `AGGREGATE_ITEMS`. */
export type AggregateItem = (typeof AGGREGATE_ITEMS)[number];

/** Values of `OUTPUT_FORMAT`. */
export const OUTPUT_FORMATS = ['cloudwatch-logs', 'ndjson'] as const;

/** One of `OUTPUT_FORMATS`. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Values of `METADATA_FROM`. */
export const METADATA_ORIGINS = ['pod', 'namespace'] as const;

/** One of `METADATA_ORIGINS`: the object whose `metadata.dynatrace.com` annotations become attributes. */
export type MetadataOrigin = (typeof METADATA_ORIGINS)[number];

/** One cluster of `CLUSTERS`. */
export type ClusterSetting = {
  /** Its identity, unlike that of every other entry: the ARN, or the entry itself where the ARN is not known. */
  readonly id: string;
  readonly name: string;
  /** `arn:aws:eks:eu-west-1:111122223333:cluster/shop`; undefined = not known before EKS describes it. */
  readonly arn: string | undefined;
  readonly accountId: string | undefined;
  /** Undefined = the function's own region. */
  readonly region: string | undefined;
  /** The role that reads the cluster; undefined = the function's own. */
  readonly roleArn: string | undefined;
};

/** The settings (docs/settings.md) after validation. */
export type Settings = {
  readonly clusters: readonly ClusterSetting[];
  /** External id for the roles of `clusters`. */
  readonly clusterRoleExternalId: string | undefined;
  readonly directoryFile: string | undefined;
  readonly ec2Lookup: boolean;
  readonly outputFormat: OutputFormat;
  /** Corefile FORMAT strings, verbatim; empty = automatic. */
  readonly corednsLogFormats: readonly string[];
  readonly corednsContainers: readonly string[];
  /** The namespace of CoreDNS's pods. */
  readonly corednsNamespace: string;
  /** Patterns of log groups whose owner says that CoreDNS writes there. */
  readonly corednsLogGroups: readonly string[];
  /** Patterns of log groups to which Route 53 writes. */
  readonly resolverLogGroups: readonly string[];
  /** Domains of clusters, in lower case without final dot; beside `clusterset.local`. */
  readonly clusterDomains: readonly string[];
  /** Search suffixes of the network (DHCP), likewise. */
  readonly searchDomains: readonly string[];
  readonly logGroupClusters: ReadonlyMap<string, string>;
  readonly staticAttributes: readonly (readonly [name: string, value: string])[];
  readonly podLabels: readonly string[];
  readonly podAnnotations: readonly string[];
  /** The name of a cluster in Dynatrace, by its ARN or its name in EKS. */
  readonly clusterNames: ReadonlyMap<string, string>;
  readonly metadataFrom: MetadataOrigin;
  /** Value of `dns.key` in every record: a secret, so it is never logged. */
  readonly recordKey: string | undefined;
  /** Fields that records are written without: names, and `prefix.*`. */
  readonly omit: readonly string[];
  readonly drop: ReadonlySet<QuestionCategory>;
  /** Share of events kept by category, 0 to 1. */
  readonly sample: ReadonlyMap<QuestionCategory, number>;
  /** Which queries of a batch share a record. */
  readonly aggregate: ReadonlySet<AggregateItem>;
  /** Log group of the envelope that records of DNS lines without one get; undefined: they get none. */
  readonly wrap: string | undefined;
  readonly refreshSeconds: number;
  readonly historyMinutes: number;
  readonly lookupBudgetMs: number;
  /** Bucket with the memory that the copies of the function share; undefined = none. */
  readonly stateBucket: string | undefined;
  /** Whether this is a reader, which syncs its clusters for others and takes nothing from other readers. */
  readonly isReader: boolean;
  /** Prefix of its objects, empty or with a slash at its end. */
  readonly statePrefix: string;
  readonly maxInflatedBytes: number;
  readonly responseBudgetBytes: number;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** The function's own region (`AWS_REGION`). */
  readonly region: string | undefined;
  /** False when `NODE_TLS_REJECT_UNAUTHORIZED=0` switches the verification of certificates off. */
  readonly verifiesCertificates: boolean;
};

/** Every setting at its default. */
export const DEFAULT_SETTINGS: Settings = {
  clusters: [],
  clusterRoleExternalId: undefined,
  directoryFile: undefined,
  ec2Lookup: true,
  outputFormat: 'cloudwatch-logs',
  corednsLogFormats: [],
  corednsContainers: ['coredns', 'node-cache'],
  corednsNamespace: 'kube-system',
  corednsLogGroups: [],
  resolverLogGroups: [],
  clusterDomains: ['cluster.local'],
  searchDomains: [],
  logGroupClusters: new Map(),
  staticAttributes: [],
  podLabels: [],
  podAnnotations: [],
  clusterNames: new Map(),
  metadataFrom: 'pod',
  recordKey: undefined,
  omit: [],
  drop: new Set(),
  sample: new Map(),
  aggregate: new Set(),
  wrap: undefined,
  refreshSeconds: 20,
  historyMinutes: 60,
  lookupBudgetMs: 5000,
  stateBucket: undefined,
  isReader: false,
  statePrefix: '',
  maxInflatedBytes: 67_108_864,
  responseBudgetBytes: 5_500_000,
  logLevel: 'INFO',
  region: undefined,
  verifiesCertificates: true,
};
