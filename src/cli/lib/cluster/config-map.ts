// The Corefile in a ConfigMap of kube-system: self-managed CoreDNS, or NodeLocal DNSCache.
import * as z from 'zod';
import { redact } from '../../../inventory/redact.ts';
import { EXIT, fail } from '../../terminal.ts';
import type { ApiResponse, ClusterApi } from './api.ts';

const CONFIG_MAP = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  data: z.looseObject({ Corefile: z.string() }),
});

/** A Corefile and the complete ConfigMap that holds it, so that writing it back loses nothing. */
export type CorefileMap = { readonly corefile: string; readonly object: z.infer<typeof CONFIG_MAP> };

const pathOf = (name: string): string => `/api/v1/namespaces/kube-system/configmaps/${name}`;

const messageOf = ({ status, body }: ApiResponse): string =>
  `${status} ${redact(z.object({ message: z.string() }).safeParse(body).data?.message ?? '')}`.trim();

/** Reads the ConfigMap; undefined if it does not exist. */
export async function readCorefile(api: ClusterApi, name: string): Promise<CorefileMap | undefined> {
  const response = await api('GET', pathOf(name));
  if (response.status === 404) return undefined;
  if (response.status !== 200)
    throw fail(
      `ConfigMap kube-system/${name} cannot be read: ${messageOf(response)}`,
      'your Kubernetes user needs get and update on that ConfigMap',
    );
  const object = CONFIG_MAP.safeParse(response.body);
  if (!object.success)
    throw fail(
      `ConfigMap kube-system/${name} has no Corefile`,
      'name the ConfigMap that holds it with --config-map',
      EXIT.refused,
    );
  return { corefile: object.data.data.Corefile, object: object.data };
}

/** Writes the Corefile back; false if the ConfigMap was changed since it was read. */
export async function writeCorefile(
  api: ClusterApi,
  name: string,
  { object }: CorefileMap,
  corefile: string,
): Promise<boolean> {
  const response = await api('PUT', pathOf(name), {
    ...object,
    data: { ...object.data, Corefile: corefile },
  });
  if (response.status === 409) return false;
  if (response.status !== 200)
    throw fail(
      `ConfigMap kube-system/${name} cannot be written: ${messageOf(response)}`,
      'your Kubernetes user needs update on that ConfigMap',
    );
  return true;
}
