import type { Client } from '../model/client.ts';

/**
 * Creates a function that leaves out a client's labels and annotations, and marks its records as truncated. For the events
 * of one record: equal clients stay the same object, so that their encoded form is found again.
 */
export function createMetadataRemover(): (client: Client) => Client {
  const reduced = new Map<Client, Client>();
  return (client) => {
    let without = reduced.get(client);
    if (without === undefined) {
      without = withoutMetadata(client);
      reduced.set(client, without);
    }
    return without;
  };
}

// Members are listed: the fast path keeps the encoded form of a client, labels included, on the client object.
const withoutMetadata = (client: Client): Client => ({
  kind: client.kind,
  attribution: client.attribution,
  cluster: client.cluster,
  pod: client.pod && { ...client.pod, labels: [], annotations: [], dynatrace: [], isMetadataCut: true },
  namespace: client.namespace,
  podName: client.podName,
  workload: client.workload,
  loggedLabels: [],
  nodeName: client.nodeName,
  instanceId: client.instanceId,
  instance: client.instance,
});
