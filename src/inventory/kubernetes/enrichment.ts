// Attributes that the owners of pods and namespaces set with annotations, as Dynatrace's own agents read them.
// https://docs.dynatrace.com/docs/ingest-from/setup-on-k8s/guides/metadata-automation/k8s-metadata-telemetry-enrichment
import type { Pod } from '../../core/model/directory.ts';
import { mayAnnotate } from '../../core/model/record-fields/attribute-rules.ts';
import type { TextMap } from './text-map.ts';

/** Attribute names and values, sorted by name. */
export type EnrichmentAttributes = Pod['dynatrace'];

/** The attributes of a pod, from its namespace or its own annotations (`METADATA_FROM`). */
export type Enrichment = (namespace: string, annotations: TextMap) => EnrichmentAttributes;

/** `METADATA_FROM=pod`: as Dynatrace's own agents do. */
export const fromPodAnnotations: Enrichment = (_, annotations) => enrichmentAttributes(annotations);

/** A pod or namespace without attributes. */
export const NO_ATTRIBUTES: EnrichmentAttributes = [];

const ENRICHMENT = 'metadata.dynatrace.com';

/** Whether `enrichmentAttributes` reads an annotation of this name. */
export const isEnrichmentKey = (name: string): boolean => name.startsWith(ENRICHMENT);

/** Limit for the attributes of one pod, because each of its records carries them. The first by name are kept. */
const MAX_ATTRIBUTES = 32;

/**
 * The JSON object in the annotation `metadata.dynatrace.com`, overridden by the annotations
 * `metadata.dynatrace.com/<attribute>`; only names that an annotation may set.
 */
export function enrichmentAttributes(annotations: TextMap): EnrichmentAttributes {
  let found: Map<string, string> | undefined;
  for (const key in annotations) {
    if (!isEnrichmentKey(key)) continue;
    found ??= fromJson(annotations[ENRICHMENT]);
    const value = annotations[key];
    if (key[ENRICHMENT.length] === '/' && value) found.set(key.slice(ENRICHMENT.length + 1), value);
  }
  if (found === undefined) return NO_ATTRIBUTES;
  const allowed = [...found].filter(([name]) => mayAnnotate(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  return allowed.length === 0 ? NO_ATTRIBUTES : allowed.slice(0, MAX_ATTRIBUTES);
}

function fromJson(text: string | undefined): Map<string, string> {
  const found = new Map<string, string>();
  let json: unknown;
  try {
    json = JSON.parse(text ?? '{}');
  } catch {
    // Invalid JSON loses the attributes of this annotation only.
    return found;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return found;
  for (const [name, value] of Object.entries(json)) {
    if (typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean') {
      found.set(name, String(value));
    }
  }
  return found;
}
