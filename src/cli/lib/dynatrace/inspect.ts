// Checks of the environment: pipeline, route, documents, and whether records arrive as attributes.
import type { JsonObject } from '../../../core/util/json.ts';
import { isUserError } from '../../terminal.ts';
import { type Check, missing, ok, warning } from '../doctor/check.ts';
import { inSentence } from '../shell.ts';
import type { Session } from './api.ts';
import { wantedPipeline } from './apply.ts';
import { type ApplyTarget, applyFix, applyKeyFix, firstRouteFix } from './apply-fix.ts';
import { findDocuments } from './documents.ts';
import { CLASSIC_TOKEN } from './extra-steps.ts';
import {
  differences,
  includes,
  isFirstVersion,
  matcherOf,
  PIPELINE_ID,
  recordProcessor,
  writesFindings,
} from './pipeline.ts';
import { previewProcessor, runQuery, SCAN_LIMIT_GB } from './query.ts';
import { isUnfilled, keysIn } from './record-key.ts';
import { entriesOf, ownEntry, routesAhead } from './routing.ts';
import { isShared } from './settings-objects.ts';
import { readTenant, type Tenant } from './tenant.ts';

/** What the checks compare with. */
export type Inspection = ApplyTarget & {
  /** The key of the function, if it is known; empty if it writes none. */
  readonly recordKey?: string | undefined;
};

/** All checks, in the order in which a record passes what they look at. */
export async function inspect(session: Session, inspection: Inspection): Promise<readonly Check[]> {
  const tenant = await readTenant(session);
  return [
    ...(await pipelineChecks(session, tenant, inspection)),
    ...routeChecks(tenant, inspection),
    ...(await documentChecks(session, tenant, inspection)),
    ...(await previewChecks(session, tenant.pipeline?.value)),
    await arrivalCheck(session),
  ];
}

const AS_TEXT = 'records can be searched only by text; dns.*, k8s.* and client.* are no attributes';

async function pipelineChecks(
  session: Session,
  tenant: Tenant,
  inspection: Inspection,
): Promise<readonly Check[]> {
  const { pipeline, otherReaders } = tenant;
  const name = 'Dynatrace pipeline';
  const fix = applyFix(inspection, tenant);
  if (pipeline === undefined) {
    const seen = session.token.kind === 'platform' ? ' that this token may see' : '';
    return [missing(name, `there is no pipeline ${PIPELINE_ID}${seen}`, AS_TEXT, fix)];
  }
  const keys = keysIn(pipeline.value);
  const wanted = wantedPipeline(inspection.content, keys, writesFindings(pipeline.value));
  const found = differences(pipeline.value, wanted);
  const version =
    found.length === 0
      ? ok(name, `${PIPELINE_ID} is of this version`)
      : warning(
          name,
          `${PIPELINE_ID} is of ${isFirstVersion(pipeline.value) ? 'version 1.0' : 'another version'}: ${found.join(', ')}`,
          'queries of this version may find less',
          fix,
        );
  return [
    version,
    ...otherReaders.map(otherReader),
    ...keyChecks(pipeline.value, tenant, inspection),
    ...(await sharingChecks(session, pipeline.objectId, fix)),
  ];
}

const otherReader = (pipeline: string): Check =>
  warning(
    'Dynatrace pipeline',
    `pipeline "${pipeline}" has a processor for our records as well`,
    'records that reach it have the attributes of its version, and none of ours',
    `delete that processor, or let the route to ${PIPELINE_ID} come first: OpenPipeline > Logs`,
  );

function keyChecks(pipeline: JsonObject, tenant: Tenant, inspection: Inspection): readonly Check[] {
  const fix = applyKeyFix(inspection, tenant);
  const keys = keysIn(pipeline);
  const name = 'Dynatrace record key';
  const { recordKey } = inspection;
  const count = `${keys.length} record key${keys.length === 1 ? '' : 's'}`;
  if (isUnfilled(pipeline))
    return [
      missing(name, 'the placeholder <RECORD_KEY> was never filled in', `no record matches: ${AS_TEXT}`, fix),
    ];
  // Also where the function writes a key: such a matcher, like that of 1.0, takes every record.
  if (keys.length === 0)
    return [
      warning(
        name,
        'the pipeline asks for no record key',
        'whoever can print a line to a log group of the stream can imitate records',
        fix,
      ),
    ];
  if (recordKey === undefined) return [ok(name, `the pipeline asks for ${count}`)];
  if (keys.includes(recordKey))
    return [ok(name, `the pipeline asks for ${count}, the function's among them`)];
  const observed =
    recordKey === '' ? 'the function writes no record key' : "the function's record key is none of them";
  return [
    missing(
      name,
      `the pipeline asks for ${count}; ${observed}`,
      `no record of the function matches: ${AS_TEXT}`,
      recordKey === ''
        ? 'deploy this version of the template, which sets RECORD_KEY; then run this again'
        : fix,
    ),
  ];
}

async function sharingChecks(session: Session, objectId: string, fix: string): Promise<readonly Check[]> {
  if (session.token.kind === 'classic' || (await isShared(session, objectId))) return [];
  const impact = 'other administrators do not see it, and cannot create another with its id';
  return [warning('Dynatrace pipeline', `only its owner sees ${PIPELINE_ID}`, impact, fix)];
}

function routeChecks(tenant: Tenant, inspection: Inspection): readonly Check[] {
  const { pipeline, routing } = tenant;
  const name = 'Dynatrace route';
  const fix = applyFix(inspection, tenant);
  const entries = entriesOf(routing?.value);
  const own = pipeline && ownEntry(entries, pipeline.objectId);
  if (pipeline === undefined || own === undefined)
    return [missing(name, 'no route leads to the pipeline', AS_TEXT, fix)];
  if (own.enabled === false) return [missing(name, 'the route is disabled', AS_TEXT, fix)];
  if (own.matcher !== matcherOf(pipeline.value))
    return [
      warning(
        name,
        'the route asks for something else than the pipeline',
        'records may not reach the pipeline',
        fix,
      ),
    ];
  const ahead = routesAhead(entries, own);
  if (ahead.length === 0) return [ok(name, `enabled, ahead of all other enabled routes`)];
  const behind = warning(
    name,
    `enabled, behind ${ahead.length} enabled route${ahead.length === 1 ? '' : 's'} of others: ${ahead.join(', ')}`,
    'the first route that matches takes a record, so they may take records of the function',
    firstRouteFix(inspection),
  );
  return [{ ...behind, names: ahead }];
}

async function documentChecks(
  session: Session,
  tenant: Tenant,
  inspection: Inspection,
): Promise<readonly Check[]> {
  const fix = applyFix(inspection, tenant);
  const checks: Check[] = [];
  for (const document of inspection.content.documents) {
    const { type, name } = document;
    const title = `Dynatrace ${type}`;
    checks.push(
      await asFarAsAllowed(session, title, async () => {
        const [stored] = await findDocuments(session, document);
        if (stored === undefined)
          return warning(title, `there is no "${name}"`, 'the queries are not at hand', fix);
        if (stored.isPrivate) return warning(title, `"${name}" is private`, 'only its owner sees it', fix);
        if (!includes(stored.content, document.content))
          return warning(
            title,
            `"${name}" has other queries than this version: an earlier one, or somebody changed it`,
            'they may find less, as they ask for fields of their version',
            `${inSentence(fix)}; it replaces them, and Dynatrace keeps a snapshot`,
          );
        return ok(title, `"${name}" is of this version, public in the environment`);
      }),
    );
  }
  return checks;
}

/** Runs the stored record processor on its own sample; nothing if there is none. */
export async function previewChecks(
  session: Session,
  pipeline: JsonObject | undefined,
): Promise<readonly Check[]> {
  const processor = pipeline && recordProcessor(pipeline);
  if (processor === undefined) return [];
  const name = 'Dynatrace preview';
  return [
    await asFarAsAllowed(session, name, async () => {
      const record = await previewProcessor(session, processor);
      const fix =
        'report this with the version of your environment; dynatrace/README.md says what holds without';
      if (record === undefined)
        return missing(name, 'the processor does not match its own sample record', AS_TEXT, fix);
      const isLifted = typeof record['dns.question.name'] === 'string' && !Object.hasOwn(record, 'dns.key');
      if (!isLifted)
        return missing(name, 'the processor makes no attributes of its sample record', AS_TEXT, fix);
      return ok(name, 'the members of a sample record become attributes');
    }),
  ];
}

const MINUTES = 15;

/** Counts records with attributes and records as text. */
const ARRIVALS = `fetch logs, from: now() - ${MINUTES}m
| filter isNotNull(dns.client.attribution) or contains(content, "\\"dns.client.attribution\\":")
| summarize { lifted = countIf(isNotNull(dns.client.attribution)), text = countIf(isNull(dns.client.attribution)) }`;

/** Whether records arrive, and with attributes. */
export function arrivalCheck(session: Session): Promise<Check> {
  const name = 'Dynatrace records';
  const within = `in the last ${MINUTES} minutes`;
  return asFarAsAllowed(session, name, async () => {
    const { records, isPartial } = await runQuery(
      session,
      ARRIVALS,
      'storage:logs:read, storage:buckets:read',
    );
    const [counts = {}] = records;
    const lifted = Number(counts.lifted ?? 0);
    const text = Number(counts.text ?? 0);
    if (lifted > 0 && text === 0) return ok(name, `${lifted} arrived ${within}, with attributes`);
    if (lifted + text === 0 && isPartial)
      return {
        name,
        state: 'unknown',
        observed: `none in the ${SCAN_LIMIT_GB} GB of logs that were read`,
        impact: NOT_CHECKED,
      };
    if (lifted + text === 0)
      return warning(
        name,
        `none arrived ${within}`,
        'there were no queries, or the stream does not deliver here',
        'wait some minutes, then run this again',
      );
    const observed = `${text} of ${lifted + text} arrived ${within} as text`;
    const effect = `${AS_TEXT} for these; those from before the route stay as they are`;
    const fix = 'wait some minutes after a change; then look at pipeline, record key and route above';
    return (lifted === 0 ? missing : warning)(name, observed, effect, fix);
  });
}

const NOT_CHECKED = 'it was not checked';

/** The result of a check; `unknown` with the reason where the token may not look. */
async function asFarAsAllowed(session: Session, name: string, work: () => Promise<Check>): Promise<Check> {
  if (session.token.kind === 'classic')
    return { name, state: 'unknown', observed: CLASSIC_TOKEN, impact: NOT_CHECKED };
  try {
    return await work();
  } catch (error) {
    if (!isUserError(error)) throw error;
    const { message: observed, remedy: fix } = error;
    return { name, state: 'unknown', observed, impact: NOT_CHECKED, ...(fix !== undefined && { fix }) };
  }
}
