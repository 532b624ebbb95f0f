// DQL queries, and the preview of a processor.
// https://docs.dynatrace.com/docs/dynatrace-api/platform-api/platform-storage-query-v1
import { isObject, type JsonObject } from '../../../core/util/json.ts';
import { fail } from '../../terminal.ts';
import { platformUrl, type Session, send } from './api.ts';

/** A query is started once and then asked for this often, each time waiting for it. */
const POLLS = 5;
const WAIT_MS = 10_000;

/** Result of a query. */
export type QueryResult = {
  readonly records: readonly JsonObject[];
  /** Whether the query stopped at `SCAN_LIMIT_GB`, before it had read everything. */
  readonly isPartial: boolean;
};

/** What a query may read: reading is billed. */
export const SCAN_LIMIT_GB = 10;

/** Runs a query and waits for its result. */
export async function runQuery(session: Session, query: string, scope: string): Promise<QueryResult> {
  const base = `${platformUrl(session)}/platform/storage/query/v1/query`;
  const call = { does: 'query logs', scope };
  let { body } = await send(session, {
    ...call,
    method: 'POST',
    url: `${base}:execute`,
    json: {
      query,
      requestTimeoutMilliseconds: WAIT_MS,
      maxResultRecords: 100,
      defaultScanLimitGbytes: SCAN_LIMIT_GB,
    },
  });
  for (let poll = 0; ; poll += 1) {
    const { state, result, requestToken } = isObject(body) ? body : {};
    if (isObject(result) && Array.isArray(result.records))
      return {
        records: result.records.filter(isObject),
        isPartial: JSON.stringify(result.metadata ?? {}).includes('SCAN_LIMIT_GBYTES'),
      };
    if (state !== 'RUNNING' && state !== 'NOT_STARTED') throw fail(`the query ended as ${String(state)}`);
    if (poll === POLLS || typeof requestToken !== 'string') throw fail('the query takes too long');
    const answer = await send(session, {
      ...call,
      method: 'GET',
      url: `${base}:poll`,
      query: { 'request-token': requestToken, 'request-timeout-milliseconds': String(WAIT_MS) },
    });
    body = answer.body;
  }
}

/** What a processor makes of its sample record; undefined if it does not match it. */
export async function previewProcessor(
  session: Session,
  processor: JsonObject,
): Promise<JsonObject | undefined> {
  const { dql, ...members } = processor;
  const { body } = await send(session, {
    method: 'POST',
    url: `${platformUrl(session)}/platform/openpipeline/v1/preview/processor`,
    json: {
      configId: 'logs',
      scope: 'PIPELINE',
      processor: { ...members, dqlScript: isObject(dql) ? dql.script : undefined },
    },
    does: 'preview a processor',
    scope: 'openpipeline:configurations:read',
  });
  const results: unknown = isObject(body) ? body.results : undefined;
  const [first]: readonly unknown[] = Array.isArray(results) ? results : [];
  return isObject(first) && first.matched === true && isObject(first.record) ? first.record : undefined;
}
