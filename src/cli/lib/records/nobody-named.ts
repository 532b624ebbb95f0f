// Why no record names a pod, and what to do about it.

import type { Settings } from '../../../core/model/settings.ts';
import { type BatchSummary, total } from '../../../core/model/summary.ts';

/** The advice for logs of whose clients none was found; undefined if there is one, or the logs name no client. */
export function nobodyNamed(
  { attributions, normalisedBySource }: BatchSummary,
  { directoryFile, clusters, stateBucket }: Pick<Settings, 'directoryFile' | 'clusters' | 'stateBucket'>,
): string | undefined {
  const { none, ...found } = attributions;
  if (total(found) > 0 || none === 0) return undefined;
  if (total(normalisedBySource) === normalisedBySource['aws.route53.public']) return undefined;
  if (directoryFile !== undefined)
    return `nobody is named: no client address is that of a pod, node or instance in ${directoryFile} at the time of its query; is it of the same cluster, and of the same time?`;
  if (clusters.length > 0 || stateBucket !== undefined)
    return `nobody is named: no client address is that of a pod or node of ${listed(clusters)} at the time of its query, as far as the cluster still knows`;
  return `nobody is named, because there is no inventory of pods: name a cluster with CLUSTERS=<cluster>, or save its pods and name the file with -d:
  kubectl get pods,nodes -A -o json > pods.json`;
}

const listed = (clusters: Settings['clusters']): string =>
  clusters.length === 0 ? 'the clusters of STATE_BUCKET' : clusters.map(({ id }) => id).join(', ');
