// Lookup tables: files of the resource store that queries load.
// https://docs.dynatrace.com/docs/dynatrace-api/platform-api/platform-storage-resource-store-v1
import { platformUrl, type Session, send } from './api.ts';
import type { ShippedList } from './content.ts';
import { runQuery } from './query.ts';

const url = (session: Session, path: string): string =>
  `${platformUrl(session)}/platform/storage/resource-store/v1/files${path}`;

/** Descriptions of the lookup tables of ours that are stored, by path. */
export async function findLists(session: Session): Promise<ReadonlyMap<string, string>> {
  const { records } = await runQuery(
    session,
    'fetch dt.system.files\n| filter startsWith(name, "/lookups/eks_dns/")\n| fields name, description\n| limit 100',
    'storage:files:read, storage:system:read',
  );
  return new Map(records.map(({ name, description }) => [String(name), String(description)]));
}

/** Uploads a list; replaces the one that is there. */
export async function uploadList(session: Session, list: ShippedList): Promise<void> {
  const [lookupField = ''] = list.columns;
  const form = new FormData();
  const request = {
    filePath: list.path,
    displayName: list.path.replace(/^.*\//, ''),
    description: list.description,
    lookupField,
    parsePattern: list.columns.map((column) => `LD:${column}`).join(" ',' "),
    skippedRecords: 1,
    overwrite: true,
  };
  form.set('request', new Blob([JSON.stringify(request)], { type: 'application/json' }));
  const lines = [list.columns, ...list.rows].map((row) => row.join(','));
  form.set('content', new Blob([`${lines.join('\n')}\n`], { type: 'text/plain' }), 'list.csv');
  await send(session, {
    method: 'POST',
    url: url(session, '/tabular/lookup:upload'),
    form,
    does: 'upload lookup tables',
    scope: 'storage:files:write',
  });
}

/** Deletes a lookup table; one that is gone already is no error. */
export async function deleteList(session: Session, path: string): Promise<void> {
  await send(session, {
    method: 'POST',
    url: url(session, ':delete'),
    json: { filePath: path },
    does: 'delete lookup tables',
    scope: 'storage:files:delete',
    allowed: [404],
  });
}
