// A Corefile in a ConfigMap of kube-system: self-managed CoreDNS, and NodeLocal DNSCache.
import * as z from 'zod';
import { EXIT, fail } from '../../terminal.ts';
import type { Answer, ClusterApi } from './api.ts';

const CONFIG_MAP = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string() }),
  data: z.looseObject({ Corefile: z.string() }),
});

/** A ConfigMap as it was read, so that it can be written back with nothing lost. */
export type CorefileMap = { readonly corefile: string; readonly object: z.infer<typeof CONFIG_MAP> };

const pathOf = (name: string): string => `/api/v1/namespaces/kube-system/configmaps/${name}`;

const messageOf = ({ status, body }: Answer): string =>
  `${status} ${z.object({ message: z.string() }).safeParse(body).data?.message ?? ''}`.trim();

/** Reads the ConfigMap; undefined when there is none. */
export async function readCorefile(api: ClusterApi, name: string): Promise<CorefileMap | undefined> {
  const answer = await api('GET', pathOf(name));
  if (answer.status === 404) return undefined;
  if (answer.status !== 200)
    throw fail(
      `ConfigMap kube-system/${name} cannot be read: ${messageOf(answer)}`,
      'your Kubernetes user needs get and update on that ConfigMap',
    );
  const object = CONFIG_MAP.safeParse(answer.body);
  if (!object.success)
    throw fail(
      `ConfigMap kube-system/${name} has no Corefile`,
      'name the right one with --config-map',
      EXIT.refused,
    );
  return { corefile: object.data.data.Corefile, object: object.data };
}

/** Writes the Corefile back; false when somebody else changed the ConfigMap meanwhile. */
export async function writeCorefile(
  api: ClusterApi,
  name: string,
  { object }: CorefileMap,
  corefile: string,
): Promise<boolean> {
  const answer = await api('PUT', pathOf(name), { ...object, data: { ...object.data, Corefile: corefile } });
  if (answer.status === 409) return false;
  if (answer.status !== 200)
    throw fail(
      `ConfigMap kube-system/${name} cannot be written: ${messageOf(answer)}`,
      'your Kubernetes user needs update on that ConfigMap',
    );
  return true;
}
