import { fail, waitFor } from '../../terminal.ts';
import { isAwsError } from '../aws/command.ts';
import { resourcesOf, stackOutputs } from '../aws/stack.ts';
import { isLookedUp } from '../doctor/access-checks.ts';
import { parseEnvironment } from '../dynatrace/environment.ts';
import { commandLine } from '../shell.ts';
import { type Deployment, deployCommand } from '../stream/deployment.ts';
import { deploy } from './sam.ts';
import { clustersOf, type Situation } from './situation.ts';
import { type Change, done, type SetupStep, type StepPlan } from './step.ts';

/** Whether the function looks the cluster up. */
function isConfigured({ cluster: { name }, dnsFunction }: Situation): boolean {
  const unknown = { arn: undefined, accountId: undefined, region: undefined, roleArn: undefined };
  return dnsFunction !== undefined && isLookedUp({ id: name, name, ...unknown }, dnsFunction);
}

/** The stack: function, role, log group, alarms, access entry; where there is none, also the stream. */
export const STACK_STEP: SetupStep = { name: 'stack', plan, undo };

const create = (resource: string): Change => ({ action: 'create', where: 'AWS', resource });

const changed = (resource: string): Change => ({ action: 'change', where: 'AWS', resource });

/** EKS refuses access entries in clusters that only know the ConfigMap aws-auth. */
const hasEntries = ({ cluster }: Situation): boolean => cluster.authenticationMode !== 'CONFIG_MAP';

async function plan(situation: Situation): Promise<StepPlan> {
  const { stack, cluster, dnsFunction, stream } = situation;
  const isKnown = isConfigured(situation);
  // A function of 1.0 writes no record key, for which Dynatrace's pipeline asks.
  const isOld = dnsFunction !== undefined && !dnsFunction.variables.RECORD_KEY;
  if (isKnown && !isOld && stream !== undefined) return done();
  const deployment = deploymentOf(situation, parametersOf(situation));
  const changes = [
    ...(dnsFunction === undefined
      ? [create(`stack ${stack}: function, role, log group, alarms`)]
      : [changed(`stack ${stack}: ${isOld ? 'this version' : `cluster ${cluster.name}`}`)]),
    ...(isKnown || !hasEntries(situation) ? [] : [create(`access entry in cluster ${cluster.name}`)]),
    ...(stream === undefined
      ? [create('delivery stream to Dynatrace, its roles, log group and backup bucket')]
      : []),
  ];
  return { changes, command: deployCommand(deployment), run: () => deploy(deployment) };
}

/** The user agrees to the plan, so SAM does not ask a second time. */
const deploymentOf = ({ stack, options }: Situation, parameters: readonly string[]): Deployment => ({
  stack,
  region: options.region,
  parameters,
  isAgreed: true,
});

function parametersOf(situation: Situation): readonly string[] {
  const { cluster, stream, options, otherClusters } = situation;
  return [
    `Clusters=${[...otherClusters, cluster.name].join(',')}`,
    ...(hasEntries(situation) ? [] : [WITHOUT_ENTRIES]),
    ...(stream === undefined
      ? [
          `DynatraceUrl=${parseEnvironment(options.dynatrace ?? '').classic}/api/v2/logs/ingest/aws_firehose`,
          `DynatraceTokenSecretArn=${options.tokenSecret}`,
        ]
      : []),
  ];
}

async function undo(situation: Situation): Promise<StepPlan> {
  const { aws, stack, otherClusters, isOwnStream, options } = situation;
  const outputs = await stackOutputs(aws, stack);
  if (outputs === undefined) return done();
  if (otherClusters.length > 0) return withoutCluster(situation);
  if (options.deleteStack !== true) return done(`stack ${stack} stays; --delete-stack deletes it`);
  const buckets = [outputs.get('BackupBucket'), outputs.get('StateBucket')].filter(
    (name) => name !== undefined,
  );
  const region = { region: options.region };
  const ofStack = { 'stack-name': stack, ...region };
  const resource = `stack ${stack}: function, role, log group${isOwnStream ? ', stream' : ''}`;
  return {
    changes: [{ action: 'delete', where: 'AWS', resource }],
    command: commandLine(['aws', 'cloudformation', 'delete-stack'], ofStack),
    notes: buckets.map(
      (name) =>
        `bucket ${name} stays; \`${commandLine(['aws', 's3', 'rb', '--force', `s3://${name}`], region)}\` deletes it`,
    ),
    run: async () => {
      await (await aws.cloudformation()).deleteStack({ StackName: stack });
      const probe = async () => ((await isGone()) ? true : undefined);
      const isGone = async (): Promise<boolean> => {
        try {
          return (await stackOutputs(aws, stack)) === undefined;
        } catch (error) {
          if (isAwsError(error, 'ValidationError')) return true;
          throw error;
        }
      };
      const limits = { timeoutMs: 900_000, intervalMs: 5000 };
      if ((await waitFor(`waiting until stack ${stack} is deleted`, probe, limits)) === undefined)
        throw fail(
          `stack ${stack} is not deleted yet`,
          `\`${commandLine(['aws', 'cloudformation', 'describe-stack-events'], ofStack)}\` shows why`,
        );
    },
  };
}

/** Other clusters need the function, so it stays and only forgets this one. */
async function withoutCluster(situation: Situation): Promise<StepPlan> {
  const { stack, cluster, otherClusters } = situation;
  const note = `stack ${stack} stays for ${otherClusters.join(', ')}`;
  if (!isConfigured(situation)) return done(note);
  const clusters = `Clusters=${otherClusters.join(',')}`;
  const moved = await movedEntries(situation);
  // CloudFormation makes the entry at its new place first, which EKS refuses while the one at the old place is there.
  const steps = moved.length === 0 ? [[clusters]] : [[clusters, WITHOUT_ENTRIES], [WITH_ENTRIES]];
  const deployments = steps.map((parameters) => deploymentOf(situation, parameters));
  const again = `in between, the access entries of ${moved.join(', ')} are missing: the function goes on with what it knows`;
  return {
    changes: [
      changed(`stack ${stack}: without cluster ${cluster.name}`),
      ...moved.map((name) => changed(`access entry in cluster ${name}: made again`)),
    ],
    command: deployCommand(...deployments),
    notes: moved.length === 0 ? [note] : [note, again],
    run: () => deploy(...deployments),
  };
}

const WITHOUT_ENTRIES = 'ManageClusterAccess=false';
const WITH_ENTRIES = 'ManageClusterAccess=true';

/** Clusters behind this one in CLUSTERS whose access entries the stack made: the resources that make them move up. */
async function movedEntries({ aws, stack, cluster, dnsFunction }: Situation): Promise<readonly string[]> {
  const entries = await resourcesOf(aws, stack, 'AWS::EKS::AccessEntry');
  const names = (dnsFunction === undefined ? [] : clustersOf(dnsFunction)).map(({ name }) => name);
  const behind = names.slice(names.indexOf(cluster.name) + 1);
  // The id of the resource is <role ARN>|<cluster>.
  return behind.filter((name) => entries.some((id) => id.split('|').includes(name)));
}
