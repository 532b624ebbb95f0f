import type { AttributeValue } from '../dns-event.ts';
import { LOG_SOURCES, type LogSourceName } from '../log-sources.ts';

/** Log sources of a field that every log can have. */
export const EVERY_SOURCE: readonly LogSourceName[] = LOG_SOURCES.map(({ name }) => name);
export const COREDNS: readonly LogSourceName[] = ['coredns'];
export const RESOLVER: readonly LogSourceName[] = ['aws.vpcdnsquerylogs', 'aws.route53.ocsf'];
export const PUBLIC_ZONE: readonly LogSourceName[] = ['aws.route53.public'];

/** One field of the normalised record: the contract between writer, schema, queries and documents. */
export type RecordField = {
  /** Flat dotted key. A final `*` stands for an open set of keys: `k8s.pod.label.*`. */
  readonly name: string;
  /** `any`: a value of a member that is not known in advance. */
  readonly type: 'string' | 'number' | 'boolean' | 'string[]' | 'any';
  /** One line for the field table. */
  readonly description: string;
  /** Unit of a number, or format of a time. */
  readonly unit?: 'bytes' | 'ns' | 's' | 'RFC 3339, ms, UTC';
  readonly example: AttributeValue;
  /** The possible values of a closed set. */
  readonly values?: readonly string[];
  readonly sources: readonly LogSourceName[];
  /** Whether a `metadata.dynatrace.com` annotation sets it: the value is the choice of a pod's or namespace's owner. */
  readonly isAnnotated?: true;
  /** What tells the value where the set `lean` of `OMIT` leaves the field out; absent: the set keeps the field. */
  readonly leanWithout?: LeanReason;
  /** `OMIT` cannot leave the field out. */
  readonly isProtected?: true;
} & Presence;

/**
 * Why the set `lean` does without a field. `other-fields`: they tell its value. `entity`: Dynatrace's entity of the pod,
 * cluster or instance has it. `envelope`: Dynatrace reads it from the envelope. `transport`: it belongs to one packet, and
 * no query asks for it.
 */
export type LeanReason = 'other-fields' | 'entity' | 'envelope' | 'transport';

/** `isRequired`: every record has the field, unless `OMIT` leaves it out; the schema requires those that it cannot. `when`: the condition, as text for the field table. */
type Presence =
  | { readonly isRequired: true; readonly when?: never }
  | { readonly isRequired?: never; readonly when: string };

/** When a record has the field, as text: `always`, or its condition. */
export const presenceText = (field: RecordField): string => field.when ?? 'always';
