// How much metadata of a pod is kept, wherever it comes from: the API, its namespace, or a snapshot.
import type { Pod } from '../../core/model/directory.ts';
import { cutToBytes } from '../../core/util/cut-to-bytes.ts';
import { type EnrichmentAttributes, NO_ATTRIBUTES } from './enrichment.ts';

type Pairs = Pod['labels'];

// Every record of the pod repeats its metadata, with each quote escaped twice, and whoever creates a pod may give it
// 256 KiB of annotations: a thousand questions would make a quarter of a gigabyte.
/** Most bytes of UTF-8 of one value; longer ones are cut. */
const MAX_VALUE_BYTES = 2048;
/** Most bytes of UTF-8 of a pod's keys and values; those beyond it are left out. */
const MAX_POD_BYTES = 8192;

/** The metadata of a pod within both bounds. Labels come first: the API server limits each to 63 characters. */
export function bounded(
  groups: Readonly<Record<'labels' | 'dynatrace' | 'annotations', Pairs>>,
): Pick<Pod, 'labels' | 'annotations' | 'dynatrace' | 'isMetadataCut'> {
  let bytes = 0;
  let isMetadataCut = false;
  const within = (pairs: Pairs): Pairs => {
    if (pairs.length === 0) return pairs;
    const kept: (readonly [string, string])[] = [];
    for (const [key, value] of pairs) {
      const cut = cutToBytes(value, MAX_VALUE_BYTES);
      const size = Buffer.byteLength(key) + Buffer.byteLength(cut);
      if (cut !== value || bytes + size > MAX_POD_BYTES) isMetadataCut = true;
      if (bytes + size > MAX_POD_BYTES) continue;
      bytes += size;
      kept.push([key, cut]);
    }
    return kept;
  };
  const labels = within(groups.labels);
  const dynatrace = within(groups.dynatrace);
  const annotations = within(groups.annotations);
  return { labels, annotations, dynatrace, isMetadataCut };
}

/** The attributes of a namespace within the bounds of those of a pod. */
export const boundedAttributes = (attributes: EnrichmentAttributes): EnrichmentAttributes =>
  bounded({ labels: NO_ATTRIBUTES, dynatrace: attributes, annotations: NO_ATTRIBUTES }).dynatrace;
