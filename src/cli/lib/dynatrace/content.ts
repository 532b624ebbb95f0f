// What the commands send: the files of `dynatrace/`, which belong to this version of the program.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isObject, type JsonObject } from '../../../core/util/json.ts';
import { fail } from '../../terminal.ts';
import { parseJson } from '../io/json.ts';
import { packageFolder } from '../io/package-folder.ts';
import type { NewObject } from './settings-objects.ts';

/** A dashboard or notebook. */
export type ShippedDocument = {
  /** Recognises the document again: `eks-dns-firehose:dashboard`. */
  readonly externalId: string;
  readonly type: 'dashboard' | 'notebook';
  readonly name: string;
  readonly content: JsonObject;
};

/** A lookup table. */
export type ShippedList = {
  /** `/lookups/eks_dns/mining_pools` */
  readonly path: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Recognises the content again: `eks-dns-firehose 2f0c...`. */
  readonly description: string;
};

/** Everything that can be applied. */
export type Content = {
  /** The pipeline; its matchers hold a placeholder for the record key. */
  readonly pipeline: JsonObject;
  /** Stages that findings add to it; undefined if this version has none. */
  readonly findings: JsonObject | undefined;
  readonly alerts: readonly NewObject[];
  readonly documents: readonly ShippedDocument[];
  readonly lists: readonly ShippedList[];
};

/** Begins the external ids of everything that `apply` makes. */
export const OWNER = 'eks-dns-firehose';

/** Reads the folder `dynatrace/` that belongs to this program. */
export function loadContent(folder: string = join(packageFolder(), 'dynatrace')): Content {
  const json = (name: string): unknown => {
    const path = join(folder, name);
    return existsSync(path) ? parseJson(readFileSync(path, 'utf8')) : undefined;
  };
  const pipeline = settingsValue(json('openpipeline-processor.json'));
  if (pipeline === undefined) throw fail(`${folder} holds no pipeline`, 'install the program again');
  return {
    pipeline,
    findings: settingsValue(json('findings.json')),
    alerts: filesIn(folder, 'alerts', '.json').map((name) => alertOf(name, json(`alerts/${name}.json`))),
    documents: DOCUMENTS.flatMap(({ type, name }) => {
      const content = json(`${type}.json`);
      return isObject(content) ? [{ externalId: `${OWNER}:${type}`, type, name, content }] : [];
    }),
    lists: filesIn(folder, 'lists', '.csv').map((name) =>
      listOf(name, readFileSync(join(folder, 'lists', `${name}.csv`), 'utf8')),
    ),
  };
}

const DOCUMENTS = [
  { type: 'dashboard', name: 'EKS DNS' },
  { type: 'notebook', name: 'EKS DNS hunting' },
] as const;

/** Names of the files with that ending, without it, in order. */
function filesIn(folder: string, name: string, ending: string): readonly string[] {
  const path = join(folder, name);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith(ending))
    .map((file) => basename(file, ending))
    .sort();
}

/** The value of the one settings object in a file. */
function settingsValue(file: unknown): JsonObject | undefined {
  const object = Array.isArray(file) ? file[0] : file;
  return isObject(object) && isObject(object.value) ? object.value : undefined;
}

function alertOf(name: string, file: unknown): NewObject {
  const value = settingsValue(file);
  if (value === undefined || !isObject(file) || typeof file.schemaId !== 'string')
    throw fail(`dynatrace/alerts/${name}.json is not a settings object`, 'install the program again');
  return { schemaId: file.schemaId, scope: 'environment', externalId: `${OWNER}:alert:${name}`, value };
}

/** Lines that begin with `#` say where a list comes from; the first other line names the columns. */
function listOf(name: string, text: string): ShippedList {
  const [columns = [], ...rows] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').map((cell) => cell.trim()));
  const wrong = rows.find((row) => row.length !== columns.length);
  if (wrong !== undefined) throw fail(`dynatrace/lists/${name}.csv: not ${columns.length} columns: ${wrong}`);
  const digest = createHash('sha256')
    .update(JSON.stringify([columns, rows]))
    .digest('hex');
  return {
    path: `/lookups/eks_dns/${name}`,
    columns,
    rows,
    description: `${OWNER} ${digest.slice(0, 16)}`,
  };
}
