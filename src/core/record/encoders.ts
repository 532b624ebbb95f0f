import type { Client, Resolver } from '../model/client.ts';
import type { Cluster } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import { AWS_SERVICES } from '../model/log-sources.ts';
import type { Origin } from '../model/origin.ts';
import { createOmits } from '../model/record-fields/omission.ts';
import type { Settings } from '../model/settings.ts';
import { type EncodedClient, encodeClient } from './client-fields.ts';
import { bytesOf, type JsonEncoder } from './json-encoder.ts';

/** Encoders of the parts of a record that many records share. Each is a pure function, so that results may be cached. */
export type Encoders = {
  client(client: Client, vpcId: string | undefined): EncodedClient;
  resolver(resolver: Resolver): Uint8Array;
  origin(origin: Origin, event: DnsEvent, cluster: Cluster | undefined): Uint8Array;
};

type EncoderSettings = Pick<Settings, 'clusterNames' | 'omit' | 'staticAttributes'>;

/** Creates encoders that encode every time. */
export function createEncoders(json: JsonEncoder, settings: EncoderSettings): Encoders {
  const { clusterNames, staticAttributes } = settings;
  const omits = createOmits(settings.omit);
  const overruled = new Set(staticAttributes.map(([name]) => name.toLowerCase()));
  const clientSettings = { overruled, clusterNames, omits };
  const pair = (name: string, value: string | undefined): string =>
    value === undefined || value === '' || omits(name) ? '' : json.key(name) + json.string(value);
  return {
    client: (client, vpcId) => encodeClient(json, client, vpcId, clientSettings),
    resolver: ({ ip, pod, instanceId }) =>
      bytesOf(
        pair('dns.resolver.ip', ip) +
          pair('dns.resolver.pod', pod) +
          pair('dns.resolver.instance_id', instanceId),
      ),
    // Account and region: the record's own (Resolver), else the origin's, else the cluster's.
    origin: (origin, { source, accountId, region }, cluster) =>
      bytesOf(
        pair('aws.log_group', origin.logGroup) +
          pair('aws.log_group.source', origin.sourceLogGroup) +
          pair('aws.log_stream', origin.logStream) +
          pair('aws.account.id', accountId ?? origin.accountId ?? cluster?.accountId) +
          pair('aws.region', region ?? origin.region ?? cluster?.region) +
          pair('cloud.provider', 'aws') +
          pair('aws.service', AWS_SERVICES[source]),
      ),
  };
}
