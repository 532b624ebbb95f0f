// The memory that the labels and annotations of a cluster's pods may take. Who may create pods may give each of them as
// many as Kubernetes accepts, and a pod that has ended is kept for a while.
import type { Pod } from '../../core/model/directory.ts';
import type { Observation } from '../ip-ownership/interval.ts';
import type { IpOwnershipTable } from '../ip-ownership/table.ts';

/** Limit for the metadata of all pods of a cluster, in characters. */
const MAX_CHARS = 24 * 1024 * 1024;

/** Metadata up to this size is always kept; a pod with a few labels has some hundred characters. */
const MAX_SMALL_CHARS = 512;

/** Counting a full table takes milliseconds. */
const REFUSED_BEFORE_COUNT = 1000;

const NONE: readonly (readonly [string, string])[] = [];

/**
 * Returns a function that gives an observation of a pod for `table` as it is, or without its labels, annotations and
 * enrichment, if these are large and no room is left for them. What left the table makes room again. Enrichment that
 * belongs to the namespace is shared by its pods: it is neither counted nor left out.
 */
export function createMetadataBudget(
  table: IpOwnershipTable,
  isEnrichmentShared: boolean,
  maxChars = MAX_CHARS,
): (observation: Observation | undefined) => Observation | undefined {
  const charsOf = ({ labels, annotations, dynatrace }: Pod): number =>
    sizeOf(labels) + sizeOf(annotations) + (isEnrichmentShared ? 0 : sizeOf(dynatrace));
  /** An upper limit: it grows with every observation, and is counted again when it exceeds the budget. */
  let atMost = 0;
  let counted = 0;
  let refused = 0;
  const count = (): number => {
    let chars = 0;
    for (const owner of table.owners()) if (owner.kind === 'pod') chars += charsOf(owner.pod);
    return chars;
  };
  return (observation) => {
    if (observation?.owner.kind !== 'pod') return observation;
    const { pod } = observation.owner;
    const chars = charsOf(pod);
    if (chars <= MAX_SMALL_CHARS) return observation;
    if (atMost + chars > maxChars) {
      // Much may have been replaced or have left since; otherwise it is counted again after some refusals.
      if (atMost - counted >= maxChars / 8 || refused === REFUSED_BEFORE_COUNT) {
        counted = count();
        atMost = counted;
        refused = 0;
      }
    }
    if (atMost + chars > maxChars) {
      refused += 1;
      const dynatrace = isEnrichmentShared ? pod.dynatrace : NONE;
      return {
        ...observation,
        owner: {
          kind: 'pod',
          pod: { ...pod, labels: NONE, annotations: NONE, dynatrace, isMetadataCut: true },
        },
      };
    }
    atMost += chars;
    return observation;
  };
}

function sizeOf(pairs: readonly (readonly [string, string])[]): number {
  let chars = 0;
  for (const [name, value] of pairs) chars += name.length + value.length;
  return chars;
}
