import type { MergedQueries } from '../model/merged-queries.ts';
import type { Omits } from '../model/record-fields/omission.ts';
import { rfc3339Text } from '../util/rfc3339.ts';
import type { JsonEncoder } from './json-encoder.ts';

/** Text of `dns.query.*`: `,"dns.query.count":10,"dns.query.types":["A","AAAA"],...`; `timeMs` is the record's own time. */
export function mergedText(
  json: JsonEncoder,
  omits: Omits,
  { count, types, suffixes, firstMs, lastMs }: MergedQueries,
  timeMs: number,
): string {
  const list = (name: string, values: readonly string[], min: number): string =>
    values.length < min || omits(name) ? '' : `${json.key(name)}[${values.map(json.string).join(',')}]`;
  const time = (name: string, ms: number): string =>
    ms === timeMs || omits(name) ? '' : json.key(name) + json.string(rfc3339Text(ms));
  return (
    `${json.key('dns.query.count')}${count}` +
    // One type is the record's own.
    list('dns.query.types', types, 2) +
    list('dns.query.suffixes', suffixes, 1) +
    time('dns.query.first_timestamp', firstMs) +
    time('dns.query.last_timestamp', lastMs)
  );
}
