// Commands that `setup` and `doctor` print do, pasted into a shell, what they are printed for.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aws } from './support/ministack.ts';
import { COREFILE, INSIGHTS, putMetrics, startAccount } from './support/setup-account.ts';

const CLI = 'npm run -s cli --';

let account: Awaited<ReturnType<typeof startAccount>>;
let before: Awaited<ReturnType<typeof account.contents>>;

beforeAll(async () => {
  account = await startAccount();
  before = await account.contents();
});

afterAll(() => account.close());

/** Runs a printed line; there is nobody to answer a question, and no Firehose or IAM to wait for. */
async function paste(line: string): Promise<void> {
  const unasked = line
    .replace(/enable-coredns-log .*/, '$& --yes')
    .replace(/ (?:attach|detach) .*/, '$& --settle-seconds 0');
  const { code, stdout, stderr } = await account.run(unasked);
  expect([line, code, code === 0 ? '' : stdout + stderr]).toEqual([line, 0, '']);
}

/** Runs the lines of a plan, in their order. */
async function pastePlan(options: string): Promise<void> {
  const { stdout } = await account.run(`${CLI} setup ${options} --dry-run`);
  const lines = [...stdout.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line);
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) await paste(line);
}

const target = () => `--cluster shop --dynatrace ${account.dynatrace.url}`;

it('the commands of the plan do what setup would do', async () => {
  await pastePlan(target());
  const { stdout } = await account.run(`${CLI} setup ${target()} --dry-run`);
  expect(stdout).toContain(
    'nothing to do: stack, access, rbac, dynatrace, attach, resolver, coredns, subscribe',
  );
});

describe('the fix of doctor', () => {
  const checks = async () => {
    const { stdout } = await account.run(`${CLI} doctor --json`);
    const all = JSON.parse(stdout).checks as {
      name: string;
      state: string;
      fix?: string;
      because?: string;
    }[];
    return all.filter(({ state, because }) => state !== 'ok' && because === undefined);
  };

  beforeAll(async () => {
    // Writes down what is there, so that doctor needs no options.
    await account.run(`${CLI} setup ${target()} --yes --settle-seconds 0`);
    account.dynatrace.platform.arrivals.lifted = 5;
    await putMetrics({
      'AWS/Firehose': ['DeliveryStreamName', 'dynatrace', { IncomingRecords: 40 }],
      EksDnsFirehose: ['service', 'eks-dns-firehose', { EventsIn: 9, EventsCoreDns: 7, EventsResolver: 2 }],
    });
    expect(await checks()).toEqual([]);
  });

  it.each<{ check: string; break: () => unknown }>([
    {
      check: `subscribed: ${INSIGHTS}`,
      break: () =>
        aws.logs.deleteSubscriptionFilter({ logGroupName: INSIGHTS, filterName: 'eks-dns-firehose' }),
    },
    {
      check: 'shop: access',
      break: async () => {
        const [principalArn] = Object.keys((await account.contents()).entries);
        await aws.eks.deleteAccessEntry({ clusterName: 'shop', principalArn });
      },
    },
    { check: 'shop: permissions', break: () => account.cluster.rules.clear() },
    {
      check: 'shop: CoreDNS log',
      break: () => account.cluster.configMaps.set('coredns', { corefile: COREFILE, version: 7 }),
    },
    {
      check: `${'vpc'}: Resolver log`,
      break: async () => {
        const [config] = (await account.contents()).resolver ?? [];
        const association = { ResolverQueryLogConfigId: config?.Id, ResourceId: account.vpcId };
        await aws.resolver.disassociateResolverQueryLogConfig(association);
      },
    },
    { check: 'attached', break: () => account.run(`${CLI} detach --settle-seconds 0`) },
    {
      check: 'role',
      break: async () => {
        const [PolicyName] = Object.keys((await account.contents()).policies);
        await aws.iam.deleteRolePolicy({ RoleName: 'delivery', PolicyName });
      },
    },
    { check: 'Dynatrace route', break: () => account.dynatrace.settings.objects.splice(0) },
  ])('$check', async ({ check, break: breakIt }) => {
    await breakIt();
    const failed = await checks();
    expect(failed.map(({ name }) => name)).toContain(check.replace(/^vpc:/, `${account.vpcId}:`));
    for (const fix of new Set(failed.map((one) => one.fix ?? ''))) await paste(fix);
    expect(await checks()).toEqual([]);
  });
});

it('the commands of the plan of --undo take it back', async () => {
  await pastePlan('--undo --delete-stack');
  const { stdout } = await account.run(`${CLI} setup ${target()} --undo --yes`);
  expect(stdout).toMatch(/^nothing to do$/m);
  expect(await account.contents()).toEqual(before);
});
