// CoreDNS as an EKS add-on: its Corefile is a member of the add-on's configuration values, JSON or YAML.
// https://docs.aws.amazon.com/eks/latest/userguide/coredns-add-on-create.html
import type { ResolveConflicts } from '@aws-sdk/client-eks';
import { parseDocument } from 'yaml';
import { EXIT, fail, waitFor } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isFault } from '../aws/command.ts';

/** Rights to read clusters and add-ons. */
export const READ_CLUSTER_GRANT: Grant = {
  actions: ['eks:DescribeCluster', 'eks:DescribeAddon'],
  on: 'arn:aws:eks:*:*:*',
};

/** Rights to change an add-on. */
export const UPDATE_ADDON_GRANT: Grant = {
  actions: ['eks:UpdateAddon', 'eks:DescribeUpdate'],
  on: 'arn:aws:eks:*:*:*',
};

/** The CoreDNS add-on of a cluster. */
export type CorednsAddon = {
  readonly status: string;
  /** Configuration values as somebody wrote them; empty when nobody did. */
  readonly values: string;
  /** The Corefile in them; undefined = EKS's own. */
  readonly corefile: string | undefined;
};

/** The `corefile` in configuration values; undefined when there is none. */
function corefileIn(values: string): string | undefined {
  const corefile: unknown = parseDocument(values).get('corefile');
  return typeof corefile === 'string' ? corefile : undefined;
}

/** The values with another `corefile`, or without one; all the rest as it was, JSON stays JSON. */
export function withCorefile(values: string, corefile: string | undefined): string {
  const document = parseDocument(values);
  const isJson = values.trim() === '' || values.trimStart().startsWith('{');
  if (corefile === undefined) document.delete('corefile');
  else document.set('corefile', corefile);
  return isJson ? JSON.stringify(document.toJS() ?? {}) : document.toString({ lineWidth: 0 });
}

/** Reads the add-on; undefined when CoreDNS is none of EKS's add-ons there. */
export async function readAddon(aws: Aws, clusterName: string): Promise<CorednsAddon | undefined> {
  try {
    const { addon } = await (await aws.eks()).describeAddon({ clusterName, addonName: 'coredns' });
    const values = addon?.configurationValues ?? '';
    return { status: addon?.status ?? 'unknown', values, corefile: corefileIn(values) };
  } catch (error) {
    if (isFault(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** Gives the add-on other configuration values and waits until EKS has rolled them out. */
export async function updateAddon(
  aws: Aws,
  clusterName: string,
  configurationValues: string,
  resolveConflicts: ResolveConflicts,
): Promise<void> {
  const eks = await aws.eks();
  const { update } = await eks.updateAddon({
    clusterName,
    addonName: 'coredns',
    configurationValues,
    resolveConflicts,
  });
  const probe = async (): Promise<'Successful' | undefined> => {
    const { update: now } = await eks.describeUpdate({
      name: clusterName,
      addonName: 'coredns',
      updateId: update?.id,
    });
    if (now?.status === 'Failed' || now?.status === 'Cancelled')
      throw fail(
        `EKS did not take the change: ${now.errors?.map(({ errorMessage }) => errorMessage).join('; ')}`,
        'on a conflict, somebody changed the ConfigMap by hand: see the diff, then --resolve-conflicts overwrite',
        EXIT.failed,
      );
    return now?.status === 'Successful' ? 'Successful' : undefined;
  };
  const limits = { timeoutMs: 600_000, intervalMs: 5000 };
  if ((await waitFor('waiting until EKS has updated the add-on', probe, limits)) === undefined)
    throw fail(
      'EKS has not finished the update within 10 minutes',
      'aws eks describe-addon --addon-name coredns',
    );
}
