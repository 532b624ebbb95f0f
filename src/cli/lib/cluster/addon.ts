// CoreDNS as an EKS add-on. Its Corefile is a member of the add-on's configuration values, which are JSON or YAML.
// https://docs.aws.amazon.com/eks/latest/userguide/coredns-add-on-create.html
import type { ResolveConflicts } from '@aws-sdk/client-eks';
import { parseDocument } from 'yaml';
import { EXIT, fail, waitFor } from '../../terminal.ts';
import type { Aws } from '../aws/clients.ts';
import { type Grant, isAwsError } from '../aws/command.ts';
import { commandLine } from '../shell.ts';

/** Permissions to read clusters and add-ons. */
export const READ_CLUSTER_GRANT: Grant = {
  actions: ['eks:DescribeCluster', 'eks:DescribeAddon'],
  on: 'arn:aws:eks:*:*:*',
};

/** Permissions to change an add-on. */
export const UPDATE_ADDON_GRANT: Grant = {
  actions: ['eks:UpdateAddon', 'eks:DescribeUpdate'],
  on: 'arn:aws:eks:*:*:*',
};

/** The CoreDNS add-on of a cluster. */
export type CorednsAddon = {
  readonly status: string;
  /** Configuration values as set by the user; empty if not set. */
  readonly values: string;
  /** The Corefile in these values; undefined = EKS's default. */
  readonly corefile: string | undefined;
};

/** The `corefile` in configuration values; undefined if it is not set. */
function corefileIn(values: string): string | undefined {
  const corefile: unknown = parseDocument(values).get('corefile');
  return typeof corefile === 'string' ? corefile : undefined;
}

/** The values with another `corefile`, or without one; everything else is unchanged, and JSON stays JSON. */
export function withCorefile(values: string, corefile: string | undefined): string {
  const document = parseDocument(values);
  const isJson = values.trim() === '' || values.trimStart().startsWith('{');
  if (corefile === undefined) document.delete('corefile');
  else document.set('corefile', corefile);
  return isJson ? JSON.stringify(document.toJS() ?? {}) : document.toString({ lineWidth: 0 });
}

/** The command that shows the state of the CoreDNS add-on. */
export const describeAddon = (cluster: string): string =>
  commandLine(['aws', 'eks', 'describe-addon'], { 'cluster-name': cluster, 'addon-name': 'coredns' });

/** Reads the add-on; undefined if CoreDNS is not installed as an EKS add-on. */
export async function readAddon(aws: Aws, clusterName: string): Promise<CorednsAddon | undefined> {
  try {
    const { addon } = await (await aws.eks()).describeAddon({ clusterName, addonName: 'coredns' });
    const values = addon?.configurationValues ?? '';
    return { status: addon?.status ?? 'unknown', values, corefile: corefileIn(values) };
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

/** Sets the add-on's configuration values and waits until EKS has applied them. */
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
    const { update: current } = await eks.describeUpdate({
      name: clusterName,
      addonName: 'coredns',
      updateId: update?.id,
    });
    if (current?.status === 'Failed' || current?.status === 'Cancelled')
      throw fail(
        `EKS rejected the change: ${current.errors?.map(({ errorMessage }) => errorMessage).join('; ')}`,
        'a conflict means that the ConfigMap was edited manually: check the diff, then use --resolve-conflicts overwrite',
        EXIT.failed,
      );
    return current?.status === 'Successful' ? 'Successful' : undefined;
  };
  const limits = { timeoutMs: 600_000, intervalMs: 5000 };
  if ((await waitFor('waiting for EKS to update the add-on', probe, limits)) === undefined)
    throw fail(
      'EKS has not finished the update within 10 minutes',
      `\`${describeAddon(clusterName)}\` shows its state`,
    );
}
