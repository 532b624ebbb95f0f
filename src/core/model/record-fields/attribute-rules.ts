// Which attributes others may add to a record: the owners of pods and namespaces with annotations, the owner of the
// function with STATIC_ATTRIBUTES. Both rules follow from the table of fields, so a new field is protected at once.
import { isAttributeName } from '../attribute-name.ts';
import { RECORD_FIELDS } from './index.ts';

/** A field whose name ends with `*` stands for every name with that prefix. */
const isOpen = (name: string): boolean => name.endsWith('*');
const prefixOf = (name: string): string => name.slice(0, -1);

const ANNOTATED = RECORD_FIELDS.filter(({ isAnnotated }) => isAnnotated === true).map(({ name }) => name);
const OURS = RECORD_FIELDS.filter(({ isAnnotated }) => isAnnotated !== true).map(({ name }) =>
  name.toLowerCase(),
);
const OWN_NAMES: ReadonlySet<string> = new Set(OURS.filter((name) => !isOpen(name)));
const OWN_PREFIXES = OURS.filter(isOpen).map(prefixOf);

/** First parts of our names, `dns.`, `k8s.`, ...: a name below them looks like a field of ours. */
const OWN_FAMILIES: ReadonlySet<string> = new Set(
  [...OURS, 'dt.'].filter((name) => name.includes('.')).map(familyOf),
);

/** `dns.id` -> `dns.`; empty for a name without a dot. */
function familyOf(name: string): string {
  return name.slice(0, name.indexOf('.') + 1);
}

/**
 * Names that Dynatrace's log ingest reads as time, level or content. https://docs.dynatrace.com/docs/shortlink/api-log-ingest
 * And `record`, the variable of our OpenPipeline processor: an attribute of that name would make it lose the record.
 */
const INGEST_NAMES: ReadonlySet<string> = new Set(
  (
    'timestamp @timestamp _timestamp eventtime date published_date syslog.timestamp time epochsecond starttime ' +
    'datetime ts timemillis @t loglevel status severity level syslog.severity content message payload body log _raw ' +
    'record'
  ).split(' '),
);

/** Read-only in OpenPipeline: Dynatrace sets them. */
const RESERVED_PREFIXES = ['dt.ingest.', 'dt.openpipeline.', 'dt.retain.', 'dt.system.'];

/**
 * Whether an annotation may set the attribute. Yes: `dt.security_context`, `dt.cost.product`, `k8s.namespace.label.team`,
 * `team`. No: every other field, everything else below `dt.` and the first parts of our names, in any case of letters
 * (`K8S.Pod.Name`: Dynatrace's classic ingest ignores case).
 */
export function mayAnnotate(name: string): boolean {
  if (!isAttributeName(name)) return false;
  const isListed = ANNOTATED.some((field) =>
    isOpen(field) ? name.startsWith(prefixOf(field)) : name === field,
  );
  if (isListed) return true;
  const lower = name.toLowerCase();
  return !OWN_NAMES.has(lower) && !INGEST_NAMES.has(lower) && !OWN_FAMILIES.has(familyOf(lower));
}

/** Why `STATIC_ATTRIBUTES` may not set the attribute: `is a field of the record`; undefined where it may. */
export function staticAttributeFault(name: string): string | undefined {
  const lower = name.toLowerCase();
  const isBelow = (prefix: string): boolean => lower.startsWith(prefix);
  if (OWN_NAMES.has(lower) || OWN_PREFIXES.some(isBelow)) return 'is a field of the record';
  if (lower === 'record' || RESERVED_PREFIXES.some(isBelow)) return 'is reserved';
  return undefined;
}
