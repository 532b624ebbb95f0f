import { AWS_FIELDS } from './aws.ts';
import { CLIENT_FIELDS, RESOLVER_FIELDS } from './client.ts';
import type { RecordField } from './field.ts';
import { FINDING_FIELDS } from './finding.ts';
import { QUERY_FIELDS } from './query.ts';
import { SOURCE_FIELDS } from './source.ts';

/**
 * Every field of the normalised record, in printing order. The JSON schema, the field table and the check of the
 * Dynatrace queries are generated from it. Users can add other keys with `STATIC_ATTRIBUTES` and
 * `metadata.dynatrace.com` annotations; `attribute-rules.ts` says which.
 */
export const RECORD_FIELDS: readonly RecordField[] = [
  ...QUERY_FIELDS,
  ...CLIENT_FIELDS,
  ...AWS_FIELDS,
  ...RESOLVER_FIELDS,
  ...SOURCE_FIELDS,
  ...FINDING_FIELDS,
];
