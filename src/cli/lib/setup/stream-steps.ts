// The steps at the stream: the function in it, and the log groups onto it.
import { diffOf, fail, jsonText } from '../../terminal.ts';
import { stackOutputs } from '../aws/stack.ts';
import { FILTER_NAME, filtersOf } from '../log-groups/filters.ts';
import { type FilterChange, subscribe, unsubscribe } from '../log-groups/index.ts';
import { commandLine } from '../shell.ts';
import { attach, planAttach } from '../stream/attach.ts';
import { changeable, DYNATRACE_STACK, type Stream } from '../stream/delivery-stream.ts';
import { detach, planDetach } from '../stream/detach.ts';
import { attached, DEFAULT_HINTS } from '../stream/processing.ts';
import { grantName, roleName } from '../stream/role-grant.ts';
import { resolverGroups } from './resolver-step.ts';
import type { Situation } from './situation.ts';
import { type Change, done, type SetupStep, type StepPlan } from './step.ts';

/** Seconds until IAM has propagated a policy. */
const GRANT_SECONDS = 15;
/** Seconds until Firehose has stopped calling a function. */
const DETACH_SECONDS = 300;

/** The function in the stream. */
export const ATTACH_STEP: SetupStep = { name: 'attach', plan: planAttachment, undo: undoAttachment };

async function planAttachment({
  aws,
  stream,
  stack,
  dnsFunction,
  isOwnStream,
  options,
}: Situation): Promise<StepPlan> {
  // The stack's stream calls the function from the start.
  if (stream === undefined || isOwnStream) return done();
  if (dnsFunction === undefined) return expectedAttachment(stream, stack, options.region);
  const plan = await planAttach(aws, { stream: stream.name, stack, ...DEFAULT_HINTS });
  const { http, processing, needsGrant, needsUpdate } = plan;
  const role: Change = {
    action: 'create',
    where: 'AWS',
    resource: `inline policy ${grantName(dnsFunction.arn)} of role ${roleName(http.roleArn)}`,
  };
  return {
    changes: [...(needsGrant ? [role] : []), ...(needsUpdate ? [processingOf(stream)] : [])],
    command: commandLine(['eks-dns', 'attach'], { stream: stream.name, stack, region: options.region }),
    detail: diffOf(
      `stream ${stream.name}: ProcessingConfiguration`,
      jsonText(http.processing),
      jsonText(processing),
    ),
    run: () => attach(aws, plan, DEFAULT_HINTS, options.settleSeconds ?? GRANT_SECONDS),
  };
}

const processingOf = ({ name }: Stream): Change => ({
  action: 'change',
  where: 'AWS',
  resource: `stream ${name}: calls the function`,
});

/** Before there is a function: throws already where the stream could not take it. */
function expectedAttachment(stream: Stream, stack: string, region: string | undefined): StepPlan {
  const { processing, roleArn } = changeable(stream);
  attached(processing, '<new function>', DEFAULT_HINTS);
  const resource = `inline policy of role ${roleName(roleArn)}: may call the function`;
  return {
    changes: [{ action: 'create', where: 'AWS', resource }, processingOf(stream)],
    command: commandLine(['eks-dns', 'attach'], { stream: stream.name, stack, region }),
  };
}

async function undoAttachment(situation: Situation): Promise<StepPlan> {
  const { aws, stream, stack, dnsFunction, isOwnStream, otherClusters, options } = situation;
  if (stream === undefined || isOwnStream || dnsFunction === undefined) return done();
  if (otherClusters.length > 0)
    return done(`stream ${stream.name} goes on calling the function, for ${otherClusters.join(', ')}`);
  const plan = await planDetach(aws, { stream: stream.name, stack });
  if (!plan.needsUpdate) return done();
  const resource = `stream ${stream.name}: its processing from before, its role without our policy`;
  return {
    changes: [{ action: 'change', where: 'AWS', resource }],
    command: commandLine(['eks-dns', 'detach'], { stream: stream.name, stack, region: options.region }),
    detail: diffOf(
      `stream ${stream.name}: ProcessingConfiguration`,
      jsonText(plan.http.processing),
      jsonText(plan.processing),
    ),
    run: async () => void (await detach(aws, plan, options.settleSeconds ?? DETACH_SECONDS)),
  };
}

/** The log groups onto the stream. */
export const SUBSCRIBE_STEP: SetupStep = {
  name: 'subscribe',
  plan: planSubscriptions,
  undo: undoSubscriptions,
};

/** Log groups of CoreDNS: named, or that of Container Insights. */
const corednsGroups = ({ options, cluster }: Situation): readonly string[] => {
  if (options.without.includes('coredns')) return [];
  return options.logGroup ?? [`/aws/containerinsights/${cluster.name}/application`];
};

/** The log groups of both logs; that of the Resolver may not exist yet. */
async function groupsOf(situation: Situation) {
  const withResolver = !situation.options.without.includes('resolver');
  return {
    coredns: corednsGroups(situation),
    resolver: withResolver ? await resolverGroups(situation) : [],
  };
}

async function planSubscriptions(situation: Situation): Promise<StepPlan> {
  const { aws, stream, options } = situation;
  const groups = await groupsOf(situation);
  for (const group of groups.coredns)
    if ((await filtersOf(aws, group)) === undefined)
      throw fail(
        `there is no log group ${group}, so nothing collects the log of CoreDNS`,
        'install the EKS add-on amazon-cloudwatch-observability, name the group with --log-group <name>, or leave CoreDNS out: --without coredns',
      );
  const all = [...groups.coredns, ...groups.resolver];
  if (all.length === 0) return done();
  if (stream === undefined) return { changes: all.map((group) => filterOn(group, 'create')) };
  const roleArn = await subscriptionRole(situation, stream, all);
  const target = { stream: stream.name, roleArn, filterName: FILTER_NAME };
  const changes: Change[] = [];
  const there: string[] = [];
  for (const group of all) {
    if ((await filtersOf(aws, group)) === undefined) changes.push(filterOn(group, 'create'));
    else there.push(group);
  }
  const { changes: planned } = await subscribe(aws, there, { ...target, dryRun: true });
  changes.unshift(...planned.flatMap(ofFilter));
  return {
    changes,
    command: commandLine(['eks-dns', 'subscribe'], {
      'log-group': all.join(','),
      stream: stream.name,
      'role-arn': roleArn,
      region: options.region,
    }),
    run: async () => void (await subscribe(aws, all, target)),
  };
}

const filterOn = (logGroup: string, action: Change['action']): Change => ({
  action,
  where: 'AWS',
  resource: `subscription filter ${FILTER_NAME} of ${logGroup}`,
});

const ACTIONS = { add: 'create', change: 'change', remove: 'delete' } as const;

const ofFilter = ({ logGroup, action }: FilterChange): readonly Change[] =>
  action === 'none' ? [] : [filterOn(logGroup, ACTIONS[action])];

/** The role of CloudWatch Logs: named, of a stack, or the one that other filters to the stream have. */
async function subscriptionRole(
  { aws, options, stack }: Situation,
  stream: Stream,
  logGroups: readonly string[],
): Promise<string> {
  if (options.roleArn !== undefined) return options.roleArn;
  for (const name of new Set([options.streamStack ?? DYNATRACE_STACK, stack])) {
    const outputs = await stackOutputs(aws, name);
    const role = outputs?.get('CloudWatchSubscriptionFilterRoleArn');
    if (role !== undefined && outputs?.get('FirehoseArn') === stream.arn) return role;
  }
  for (const group of logGroups) {
    const filter = (await filtersOf(aws, group))?.find(({ destinationArn }) => destinationArn === stream.arn);
    if (filter?.roleArn !== undefined) return filter.roleArn;
  }
  throw fail(
    `it is not known with which role CloudWatch Logs writes to stream ${stream.name}`,
    'name it with --role-arn <arn>',
  );
}

async function undoSubscriptions(situation: Situation): Promise<StepPlan> {
  const { aws } = situation;
  const groups = await groupsOf(situation);
  const resolver = situation.otherClusters.length > 0 ? [] : groups.resolver;
  const all = [...groups.coredns, ...resolver];
  const target = { filterName: FILTER_NAME };
  const changes = (await unsubscribe(aws, all, { ...target, dryRun: true })).flatMap(ofFilter);
  return {
    changes,
    command: commandLine(['eks-dns', 'unsubscribe'], {
      'log-group': all.join(','),
      region: situation.options.region,
    }),
    run: async () => void (await unsubscribe(aws, all, target)),
  };
}
