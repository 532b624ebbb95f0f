import { Ajv2020 } from 'ajv/dist/2020.js';
import { recordSchema } from '../../scripts/tools/dynatrace/record-schema.ts';

const validate = new Ajv2020({
  allErrors: true,
  allowUnionTypes: true,
  allowMatchingProperties: true,
}).compile(recordSchema(false));

/**
 * The faults of a record by the schema, one line each; empty when it is valid. A key that `RECORD_FIELDS` does not name
 * is a fault, except for `extraKeys` (`STATIC_ATTRIBUTES` of the test).
 */
export function recordFaults(record: Record<string, unknown>, extraKeys: readonly string[] = []): string[] {
  const known = Object.fromEntries(Object.entries(record).filter(([key]) => !extraKeys.includes(key)));
  validate(known);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
