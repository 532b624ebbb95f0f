import type { AttributeValue, LogSourceName } from '../dns-event.ts';

/** Which logs can emit a field; the last source is the log of a public hosted zone. */
export const EVERY_SOURCE: readonly LogSourceName[] = [
  'coredns',
  'aws.vpcdnsquerylogs',
  'aws.route53.public',
];
export const COREDNS: readonly LogSourceName[] = ['coredns'];
export const RESOLVER: readonly LogSourceName[] = ['aws.vpcdnsquerylogs'];
export const PUBLIC_ZONE: readonly LogSourceName[] = ['aws.route53.public'];

/** One field of the normalized record: the contract between writer, schema, queries and README. */
export type RecordField = {
  /** Flat dotted key. A final `*` stands for an open set: `k8s.pod.label.*`. */
  readonly name: string;
  /** `any`: whatever the source logs under a name that we do not know. */
  readonly type: 'string' | 'number' | 'boolean' | 'string[]' | 'any';
  /** One line for a reader of the README. */
  readonly description: string;
  /** Of numbers and times. */
  readonly unit?: 'bytes' | 'ns' | 's' | 'RFC 3339, ms, UTC';
  readonly example: AttributeValue;
  /** The closed set of values, where there is one. */
  readonly values?: readonly string[];
  readonly sources: readonly LogSourceName[];
  /** `always`, or the condition as words. */
  readonly when: string;
};
