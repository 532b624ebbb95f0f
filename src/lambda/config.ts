import * as z from 'zod';
import { ATTRIBUTE_NAME_RULE, isAttributeName } from '../core/model/attribute-name.ts';
import { staticAttributeFault } from '../core/model/record-fields/attribute-rules.ts';
import { LEAN, leanFieldsOf, omissionFault } from '../core/model/record-fields/omission.ts';
import {
  AGGREGATE_ITEMS,
  DEFAULT_SETTINGS,
  METADATA_ORIGINS,
  OUTPUT_FORMATS,
  QUESTION_CATEGORIES,
  type Settings,
} from '../core/model/settings.ts';
import { isPublicSuffix } from '../core/question/domain.ts';
import { isClusterId, parseClusterList } from './cluster-list.ts';
import { choice, integer, items, list, pairs, text } from './value-types.ts';

/**
 * Valid settings, and what was adjusted to the function's memory; or all faults as text, each with the name of its variable:
 * `DROP: must be one of ...`.
 */
export type Configuration =
  | { readonly ok: true; readonly settings: Settings; readonly adjustments?: readonly string[] }
  | { readonly ok: false; readonly faults: readonly string[] };

const D = DEFAULT_SETTINGS;

// RFC 1035 section 2.3.1, with the underscores of service labels.
const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

// A public suffix would turn look-ups of everybody's names into those of the network.
const domains = z
  .string()
  .transform((value) => items(value).map((item) => item.toLowerCase().replace(/^\.|\.$/g, '')))
  .pipe(
    z.array(
      z
        .string()
        .regex(DOMAIN, 'must be domain names such as k8s.example.com')
        .refine((domain) => !isPublicSuffix(domain), 'must not be a public suffix such as com'),
    ),
  );

const CATEGORY = choice(QUESTION_CATEGORIES);

const categories = list.pipe(z.array(CATEGORY)).transform((names) => new Set(names));

const aggregated = list.pipe(z.array(choice(AGGREGATE_ITEMS))).transform((names) => new Set(names));

const rates = pairs('external=0.1').transform((entries, context) => {
  const result = new Map<(typeof QUESTION_CATEGORIES)[number], number>();
  for (const [name, text] of entries) {
    const category = CATEGORY.safeParse(name);
    const rate = Number(text);
    if (!category.success) {
      context.addIssue({
        code: 'custom',
        message: `category ${category.error.issues[0]?.message}; found "${name}"`,
      });
    } else if (!(rate >= 0 && rate <= 1)) {
      context.addIssue({ code: 'custom', message: `rate must be from 0 to 1; found "${text}"` });
    } else result.set(category.data, rate);
  }
  return result;
});

const attributes = pairs('env=prod,team=payments').transform((entries, context) => {
  for (const [name] of entries) {
    const fault = isAttributeName(name)
      ? staticAttributeFault(name)
      : `is not an attribute name (${ATTRIBUTE_NAME_RULE})`;
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `"${name}" ${fault}` });
  }
  return entries;
});

const MAX_CLUSTER_NAME = 255;

const clusterNames = pairs('shop=shop-prod').transform((entries, context) => {
  const result = new Map<string, string>();
  for (const [id, name] of entries) {
    const fault = clusterNameFault(id, name) ?? (result.has(id) ? 'is listed twice' : undefined);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `"${id}" ${fault}` });
    result.set(id, name);
  }
  return result;
});

function clusterNameFault(id: string, name: string): string | undefined {
  if (id !== '' && !isClusterId(id)) return 'is not the name or ARN of a cluster in EKS';
  return name.length > MAX_CLUSTER_NAME
    ? `has a name of more than ${MAX_CLUSTER_NAME} characters in Dynatrace`
    : undefined;
}

const omissions = list.superRefine((names, context) => {
  for (const name of names) {
    const fault = omissionFault(name);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  }
});

const formats = z.string().transform((text) => text.split('\n').filter((line) => line.trim() !== ''));

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
const namespace = text.pipe(
  z.string().regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a namespace'),
);

// Names of log groups have these characters; `*` stands for any text.
const PATTERN = /^[A-Za-z0-9_./#*-]{1,512}$/;
const patterns = list.pipe(
  z.array(z.string().regex(PATTERN, 'must be names of log groups, in which * stands for any text')),
);

const LOG_GROUP = /^[A-Za-z0-9_./#-]{1,512}$/;

// Lower case only, because the matcher of OpenPipeline ignores case; no character that a matcher or JSON would escape.
// 16 hexadecimal digits are 64 bits. The message must not contain the value.
const recordKey = text.pipe(
  z.string().regex(/^[0-9a-z]{16,64}$/, 'must be 16 to 64 lower-case letters and digits'),
);
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const bucketName = text.pipe(
  z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket'),
);

const keyPrefix = text
  .pipe(z.string().regex(/^[\w.-]{1,100}(?:\/[\w.-]{1,100}){0,8}\/?$/, 'must be a prefix like dns/state/'))
  .transform((prefix) => (prefix.endsWith('/') ? prefix : `${prefix}/`));

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;

/** One line per variable. Units and ranges are defined only here, defaults in `DEFAULT_SETTINGS`. */
const VARIABLES = {
  // Checked by `parseClusterList`, which also needs the region.
  CLUSTERS: text.default(''),
  CLUSTER_ROLE_EXTERNAL_ID: text
    .pipe(z.string().regex(EXTERNAL_ID, 'must be 2 to 1224 letters, digits or _ + = , . @ : / -'))
    .optional(),
  DIRECTORY_FILE: text.optional(),
  EC2_LOOKUP: choice(['on', 'off'])
    .transform((value) => value === 'on')
    .default(D.ec2Lookup),
  OUTPUT_FORMAT: choice(OUTPUT_FORMATS).default(D.outputFormat),
  COREDNS_LOG_FORMAT: formats.default([...D.corednsLogFormats]),
  COREDNS_CONTAINERS: list.default([...D.corednsContainers]),
  COREDNS_NAMESPACE: namespace.default(D.corednsNamespace),
  COREDNS_LOG_GROUPS: patterns.default([...D.corednsLogGroups]),
  RESOLVER_LOG_GROUPS: patterns.default([...D.resolverLogGroups]),
  CLUSTER_DOMAINS: domains.default([...D.clusterDomains]),
  SEARCH_DOMAINS: domains.default([...D.searchDomains]),
  LOG_GROUP_CLUSTERS: pairs('/aws/eks/shop/coredns=shop')
    .transform((entries) => new Map(entries))
    .default(new Map()),
  STATIC_ATTRIBUTES: attributes.default([]),
  CLUSTER_NAMES: clusterNames.default(new Map()),
  POD_LABELS: list.default([...D.podLabels]),
  POD_ANNOTATIONS: list.default([...D.podAnnotations]),
  METADATA_FROM: choice(METADATA_ORIGINS).default(D.metadataFrom),
  RECORD_KEY: recordKey.optional(),
  CONTENT: choice(['original', 'none']).default('original'),
  OMIT: omissions.default([...D.omit]),
  DROP: categories.default(new Set()),
  SAMPLE: rates.default(new Map()),
  AGGREGATE: aggregated.default(new Set()),
  WRAP: text.pipe(z.string().regex(LOG_GROUP, 'must be the name of a log group')).optional(),
  REFRESH_SECONDS: integer(1, 3600).default(D.refreshSeconds),
  HISTORY_MINUTES: integer(1, 1440).default(D.historyMinutes),
  LOOKUP_BUDGET_MS: integer(100, 60_000).default(D.lookupBudgetMs),
  STATE_BUCKET: bucketName.optional(),
  MODE: choice(['transform', 'reader'])
    .transform((value) => value === 'reader')
    .default(D.isReader),
  STATE_PREFIX: keyPrefix.default(D.statePrefix),
  MAX_INFLATED_BYTES: integer(1_048_576, 536_870_912).default(D.maxInflatedBytes),
  RESPONSE_BUDGET_BYTES: integer(100_000, 6_000_000).default(D.responseBudgetBytes),
  LOG_LEVEL: choice(['DEBUG', 'INFO', 'WARN', 'ERROR']).default(D.logLevel),
  AWS_REGION: text.optional(),
  NODE_TLS_REJECT_UNAUTHORIZED: text.optional(),
} as const;

/** Variables that the platform defines; the function only reads them. */
const OF_THE_PLATFORM: readonly string[] = ['AWS_REGION', 'NODE_TLS_REJECT_UNAUTHORIZED'];

const SCHEMA = z.object(VARIABLES);

/** Names of the environment variables that configure the function. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(VARIABLES).filter(
  (name) => !OF_THE_PLATFORM.includes(name),
);

/**
 * Reads the configuration from environment variables (by default those of the process). An empty value counts as not
 * set, because templates also pass parameters without a value. `compileFormat` validates a CoreDNS FORMAT.
 */
export function loadConfiguration(
  compileFormat: (format: string) => { readonly ok: true } | { readonly ok: false; readonly message: string },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Configuration {
  const given: Record<string, string> = {};
  for (const name of Object.keys(VARIABLES)) {
    const value = environment[name];
    if (value !== undefined && value.trim() !== '') given[name] = value;
  }
  const formatFaults = formats.parse(given.COREDNS_LOG_FORMAT ?? '').flatMap((format) => {
    const result = compileFormat(format);
    return result.ok ? [] : [`COREDNS_LOG_FORMAT: ${result.message}`];
  });
  const { clusters, faults } = parseClusterList(given.CLUSTERS ?? '', given.AWS_REGION?.trim());
  const otherFaults = [...faults.map((fault) => `CLUSTERS: ${fault}`), ...formatFaults, ...wrapFaults(given)];
  const result = SCHEMA.safeParse(given);
  if (result.success && otherFaults.length === 0) {
    const settings = toSettings(result.data, clusters);
    return { ok: true, ...fitToMemory(settings, environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE) };
  }
  return { ok: false, faults: [...(result.error?.issues ?? []).map(faultText), ...otherFaults] };
}

/** Only the default output has envelopes. */
const wrapFaults = ({ WRAP, OUTPUT_FORMAT }: Readonly<Record<string, string>>): readonly string[] =>
  WRAP !== undefined && OUTPUT_FORMAT?.trim() === 'ndjson'
    ? ['WRAP: needs OUTPUT_FORMAT=cloudwatch-logs']
    : [];

/** Inflating more than the default takes this much memory, MB. */
const LARGE_INFLATED_MEMORY_MB = 2048;

/** Limits `maxInflatedBytes` to its default in a function with too little memory; `memoryMb` is unset outside Lambda. */
function fitToMemory(
  settings: Settings,
  memoryMb: string | undefined,
): { readonly settings: Settings; readonly adjustments?: readonly string[] } {
  const isLarge = settings.maxInflatedBytes > D.maxInflatedBytes;
  if (!isLarge || !(Number(memoryMb) < LARGE_INFLATED_MEMORY_MB)) return { settings };
  const adjustment = `MAX_INFLATED_BYTES: ${D.maxInflatedBytes} is used, because ${settings.maxInflatedBytes} needs ${LARGE_INFLATED_MEMORY_MB} MB of memory; the function has ${Number(memoryMb)}`;
  return { settings: { ...settings, maxInflatedBytes: D.maxInflatedBytes }, adjustments: [adjustment] };
}

const faultText = (issue: z.core.$ZodIssue): string =>
  `${issue.path[0]?.toString() ?? '?'}: ${issue.message}`;

/** `CONTENT=none` is another name of `OMIT=content`. */
function omittedFields({ OMIT, CONTENT, OUTPUT_FORMAT }: z.infer<typeof SCHEMA>): readonly string[] {
  const lean = leanFieldsOf(OUTPUT_FORMAT);
  const names = OMIT.flatMap((name) => (name === LEAN ? lean : name));
  return [...new Set(CONTENT === 'none' ? [...names, 'content'] : names)];
}

const toSettings = (env: z.infer<typeof SCHEMA>, clusters: Settings['clusters']): Settings => ({
  clusters,
  clusterRoleExternalId: env.CLUSTER_ROLE_EXTERNAL_ID,
  directoryFile: env.DIRECTORY_FILE,
  ec2Lookup: env.EC2_LOOKUP,
  outputFormat: env.OUTPUT_FORMAT,
  corednsLogFormats: env.COREDNS_LOG_FORMAT,
  corednsContainers: env.COREDNS_CONTAINERS,
  corednsNamespace: env.COREDNS_NAMESPACE,
  corednsLogGroups: env.COREDNS_LOG_GROUPS,
  resolverLogGroups: env.RESOLVER_LOG_GROUPS,
  clusterDomains: env.CLUSTER_DOMAINS,
  searchDomains: env.SEARCH_DOMAINS,
  logGroupClusters: env.LOG_GROUP_CLUSTERS,
  staticAttributes: env.STATIC_ATTRIBUTES,
  clusterNames: env.CLUSTER_NAMES,
  podLabels: env.POD_LABELS,
  podAnnotations: env.POD_ANNOTATIONS,
  metadataFrom: env.METADATA_FROM,
  recordKey: env.RECORD_KEY,
  omit: omittedFields(env),
  drop: env.DROP,
  sample: env.SAMPLE,
  aggregate: env.AGGREGATE,
  wrap: env.WRAP,
  refreshSeconds: env.REFRESH_SECONDS,
  historyMinutes: env.HISTORY_MINUTES,
  lookupBudgetMs: env.LOOKUP_BUDGET_MS,
  stateBucket: env.STATE_BUCKET,
  statePrefix: env.STATE_PREFIX,
  isReader: env.MODE,
  maxInflatedBytes: env.MAX_INFLATED_BYTES,
  responseBudgetBytes: env.RESPONSE_BUDGET_BYTES,
  logLevel: env.LOG_LEVEL,
  region: env.AWS_REGION,
  verifiesCertificates: env.NODE_TLS_REJECT_UNAUTHORIZED !== '0',
});
