// The steps inside the cluster: the function's access entry and rules, and the log of CoreDNS.
import { diffOf } from '../../terminal.ts';
import { resourcesOf } from '../aws/stack.ts';
import { openCluster } from '../cluster/api.ts';
import { openCorefile } from '../cluster/index.ts';
import { rulesCommand } from '../cluster/kubectl.ts';
import { planRuleRemoval, planRules, type RuleChange } from '../cluster/rbac.ts';
import { withLog, withoutEdits } from '../corefile/index.ts';
import { entryGroups } from '../doctor/access-checks.ts';
import { accessEntryCommand, KUBERNETES_GROUP } from '../lookup-role/index.ts';
import { type CommandOptions, commandLine } from '../shell.ts';
import type { Situation } from './situation.ts';
import { type Change, done, type SetupStep, type StepPlan } from './step.ts';

/** The access entry, where the stack does not make it. */
export const ACCESS_STEP: SetupStep = { name: 'access', plan: planAccess, undo: undoAccess };

async function planAccess({ aws, cluster, dnsFunction, options }: Situation): Promise<StepPlan> {
  const { name, authenticationMode } = cluster;
  if (authenticationMode === 'CONFIG_MAP')
    return done(
      `cluster ${name} knows no access entries: map ${dnsFunction?.roleArn ?? "the function's role (output FunctionRoleArn)"} to group ${KUBERNETES_GROUP} in aws-auth`,
    );
  // The stack makes the entry together with the role.
  if (dnsFunction === undefined) return done();
  const { roleArn } = dnsFunction;
  if ((await entryGroups(aws, name, roleArn)) !== undefined) return done();
  return {
    changes: [{ action: 'create', where: 'AWS', resource: `access entry in cluster ${name}` }],
    command: accessEntryCommand(name, roleArn, options.region),
    run: async () => {
      const entry = { clusterName: name, principalArn: roleArn, kubernetesGroups: [KUBERNETES_GROUP] };
      await (await aws.eks()).createAccessEntry(entry);
    },
  };
}

async function undoAccess({ aws, cluster, dnsFunction, stack, options }: Situation): Promise<StepPlan> {
  const { name, authenticationMode } = cluster;
  if (dnsFunction === undefined || authenticationMode === 'CONFIG_MAP') return done();
  const { roleArn } = dnsFunction;
  if ((await entryGroups(aws, name, roleArn)) === undefined) return done();
  const ofStack = await resourcesOf(aws, stack, 'AWS::EKS::AccessEntry');
  // The id of the resource is <role ARN>|<cluster>; CloudFormation deletes it.
  if (ofStack.some((id) => id.split('|').includes(name))) return done();
  return {
    changes: [{ action: 'delete', where: 'AWS', resource: `access entry in cluster ${name}` }],
    command: commandLine(['aws', 'eks', 'delete-access-entry'], {
      region: options.region,
      'cluster-name': name,
      'principal-arn': roleArn,
    }),
    run: async () => {
      await (await aws.eks()).deleteAccessEntry({ clusterName: name, principalArn: roleArn });
    },
  };
}

/** The rules of scripts/kubernetes/rbac.yaml. */
export const RBAC_STEP: SetupStep = {
  name: 'rbac',
  plan: async ({ cluster, options }) =>
    ofRules(
      await planRules(await openCluster(cluster.name, options.region)),
      rulesCommand({ name: cluster.name, region: options.region }),
    ),
  undo: async ({ cluster, options }) =>
    ofRules(
      await planRuleRemoval(await openCluster(cluster.name, options.region)),
      rulesCommand({ name: cluster.name, region: options.region }, 'delete'),
    ),
};

function ofRules(all: readonly RuleChange[], command: string): StepPlan {
  const changes = all.flatMap(({ name, action }): readonly Change[] =>
    action === 'keep' ? [] : [{ action, where: 'cluster', resource: name }],
  );
  return {
    changes,
    command,
    run: async () => {
      for (const { run } of all) await run();
    },
  };
}

/** Query logging of CoreDNS, in all zones. */
export const COREDNS_STEP: SetupStep = {
  name: 'coredns',
  plan: async (situation) => {
    const source = await openCorefile(situation.aws, situation.cluster.name, corefileOptions(situation));
    const { after, notes, warnings } = withLog(source.corefile, { kind: 'plain' }, { allZones: true });
    return ofCorefile(situation, source, after, { 'all-zones': true }, [...notes, ...warnings]);
  },
  undo: async (situation) => {
    const source = await openCorefile(situation.aws, situation.cluster.name, corefileOptions(situation));
    return ofCorefile(situation, source, withoutEdits(source.corefile), { undo: true }, []);
  },
};

const corefileOptions = ({ options }: Situation) =>
  ({
    ...(options.region === undefined ? {} : { region: options.region }),
    configMap: 'coredns',
    resolveConflicts: 'none',
  }) as const;

function ofCorefile(
  { cluster, options: { region } }: Situation,
  { corefile, where, write }: Awaited<ReturnType<typeof openCorefile>>,
  after: string,
  option: CommandOptions,
  notes: readonly string[],
): StepPlan {
  if (after === corefile) return done(...notes);
  return {
    changes: [{ action: 'change', where: 'cluster', resource: `Corefile (${where})` }],
    command: commandLine(['eks-dns', 'enable-coredns-log'], { cluster: cluster.name, ...option, region }),
    detail: diffOf(`${cluster.name}: Corefile`, corefile, after),
    notes,
    run: () => write(after),
  };
}
