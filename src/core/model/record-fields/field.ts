import type { AttributeValue } from '../dns-event.ts';
import { LOG_SOURCES, type LogSourceName } from '../log-sources.ts';

/** Log sources of a field that every log can have. */
export const EVERY_SOURCE: readonly LogSourceName[] = LOG_SOURCES.map(({ name }) => name);
export const COREDNS: readonly LogSourceName[] = ['coredns'];
export const RESOLVER: readonly LogSourceName[] = ['aws.vpcdnsquerylogs'];
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
} & Presence;

/** `isRequired`: every record has the field, and the schema requires it. `when`: the condition, as text for the field table. */
type Presence =
  | { readonly isRequired: true; readonly when?: never }
  | { readonly isRequired?: never; readonly when: string };

/** When a record has the field, as text: `always`, or its condition. */
export const presenceText = (field: RecordField): string => field.when ?? 'always';
