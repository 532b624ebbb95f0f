import { CLIENT_FIELDS, RESOLVER_FIELDS } from './client.ts';
import type { RecordField } from './field.ts';
import { QUERY_FIELDS } from './query.ts';
import { AWS_FIELDS, FINDING_FIELDS, SOURCE_FIELDS } from './source.ts';

/**
 * Every field of the normalized record, in the order in which it is printed. Schema, README table and the check of the
 * Dynatrace queries are made from it. The record is open where people name keys themselves: `STATIC_ATTRIBUTES` and the
 * pods' `metadata.dynatrace.com` annotations may add any key.
 */
export const RECORD_FIELDS: readonly RecordField[] = [
  ...QUERY_FIELDS,
  ...CLIENT_FIELDS,
  ...AWS_FIELDS,
  ...RESOLVER_FIELDS,
  ...SOURCE_FIELDS,
  ...FINDING_FIELDS,
];
