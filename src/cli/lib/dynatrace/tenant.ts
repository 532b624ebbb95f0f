// What is in the environment now: pipelines and routes for logs.
import { fail } from '../../terminal.ts';
import type { Session } from './api.ts';
import { PIPELINE_ID, readsRecords } from './pipeline.ts';
import { plain } from './plain.ts';
import { entriesOf, type PipelineName } from './routing.ts';
import { listObjects, SCHEMA, type StoredObject } from './settings-objects.ts';

/** Pipelines and routes of an environment. */
export type Tenant = {
  /** Our pipeline; undefined if there is none that the token may see. */
  readonly pipeline: StoredObject | undefined;
  /** The object that holds all routes; undefined before the first route. */
  readonly routing: StoredObject | undefined;
  readonly pipelines: readonly PipelineName[];
  /** Names of other pipelines with a processor for our records. */
  readonly otherReaders: readonly string[];
};

/** Reads pipelines and routes; throws if the environment has no OpenPipeline. */
export async function readTenant(session: Session): Promise<Tenant> {
  const pipelines = await listObjects(session, SCHEMA.pipelines);
  if (pipelines === undefined)
    throw fail(
      'this environment has no OpenPipeline for logs',
      'records arrive there as text with aws.log_group: search them by text (dynatrace/README.md)',
    );
  return {
    pipeline: pipelines.find(({ value }) => value.customId === PIPELINE_ID),
    routing: await readRouting(session),
    otherReaders: pipelines
      .filter(({ value }) => value.customId !== PIPELINE_ID && readsRecords(value))
      .map(({ objectId, value: { displayName } }) =>
        plain(typeof displayName === 'string' ? displayName : objectId),
      ),
    pipelines: pipelines.map(({ objectId, value: { customId, displayName } }) => ({
      objectId,
      names: [objectId, customId, displayName].filter((name) => typeof name === 'string'),
    })),
  };
}

/** The object that holds all routes; undefined before the first route. */
export async function readRouting(session: Session): Promise<StoredObject | undefined> {
  const routing = (await listObjects(session, SCHEMA.routing))?.[0];
  entriesOf(routing?.value);
  return routing;
}
