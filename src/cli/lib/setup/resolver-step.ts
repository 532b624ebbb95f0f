import { queryLogConfigs } from '../resolver/api.ts';
import {
  DEFAULT_CONFIGURATION,
  DEFAULT_LOG_GROUP,
  logGroupsOf,
  type Step,
  startLogging,
  stopLogging,
} from '../resolver/index.ts';
import { commandLine } from '../shell.ts';
import type { Situation } from './situation.ts';
import { type Change, done, type SetupStep, type StepPlan } from './step.ts';

const OPTIONS = { name: DEFAULT_CONFIGURATION, logGroup: DEFAULT_LOG_GROUP };

/** Query logging of the cluster's VPC. */
export const RESOLVER_STEP: SetupStep = { name: 'resolver', plan, undo };

/** The log group into which the VPC logs, now or after the step. */
export async function resolverGroups({ aws, cluster }: Situation): Promise<readonly string[]> {
  if (cluster.vpcId === undefined) return [];
  return logGroupsOf(await startLogging(aws, [cluster.vpcId], { ...OPTIONS, dryRun: true }));
}

async function plan({ aws, cluster: { vpcId }, options: { region } }: Situation): Promise<StepPlan> {
  if (vpcId === undefined) return done('the cluster has no VPC');
  const steps = await startLogging(aws, [vpcId], { ...OPTIONS, dryRun: true });
  return {
    changes: changesOf(steps),
    command: commandLine(['eks-dns', 'enable-resolver-log'], { vpc: vpcId, region }),
    run: async () => void (await startLogging(aws, [vpcId], OPTIONS)),
  };
}

async function undo({
  aws,
  cluster: { vpcId },
  otherClusters,
  options: { region },
}: Situation): Promise<StepPlan> {
  const isOurs = (await queryLogConfigs(aws)).some(({ Name }) => Name === OPTIONS.name);
  if (vpcId === undefined || !isOurs) return done();
  if (otherClusters.length > 0)
    return done(`query logging of ${vpcId} stays, as ${otherClusters.join(', ')} may be in that VPC`);
  const steps = await stopLogging(aws, [vpcId], { ...OPTIONS, dryRun: true });
  return {
    changes: changesOf(steps),
    command: commandLine(['eks-dns', 'enable-resolver-log'], { vpc: vpcId, undo: true, region }),
    notes: [
      `log group ${OPTIONS.logGroup} stays; \`${commandLine(['aws', 'logs', 'delete-log-group'], { region, 'log-group-name': OPTIONS.logGroup })}\` deletes it`,
    ],
    run: async () => void (await stopLogging(aws, [vpcId], OPTIONS)),
  };
}

const changesOf = (steps: readonly Step[]): readonly Change[] =>
  steps.flatMap(({ action, resource, target }): readonly Change[] =>
    action === 'keep' ? [] : [{ action, where: 'AWS', resource: `${resource}: ${target}` }],
  );
