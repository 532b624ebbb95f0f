import { existsSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { detachCommand } from '../../../src/cli/commands/detach.ts';
import { doctorCommand } from '../../../src/cli/commands/doctor.ts';
import { setupCommand } from '../../../src/cli/commands/setup.ts';
import { statusCommand } from '../../../src/cli/commands/status.ts';
import { runCommand } from '../../support/run-command.ts';
import { createAccount, INSIGHTS, preparePath } from '../support/account.ts';
import { callsStubPerTest } from '../support/calls-stub.ts';
import { RECORD_KEY } from '../support/complete-setup.ts';
import { PLATFORM, startDynatraceStub } from '../support/dynatrace-stub/index.ts';
import { setToken } from '../support/dynatrace-stub/run.ts';
import { eksStubPerTest } from '../support/eks-stub.ts';

const COREFILE = '.:53 {\n    errors\n    kubernetes cluster.local\n    reload\n}\n';
const RESOLVER = '/aws/vendedlogs/route53resolver/eks-dns-firehose';

const startStub = callsStubPerTest();
const eks = eksStubPerTest();
let account: ReturnType<typeof createAccount>;
let dynatrace: Awaited<ReturnType<typeof startDynatraceStub>>;
let stub: Awaited<ReturnType<typeof startStub>>;

beforeEach(async () => {
  eks.state.configMaps.set('coredns', { corefile: COREFILE, version: 1 });
  account = createAccount(eks);
  stub = await startStub(account.answers);
  process.env.AWS_ENDPOINT_URL_EKS = eks.url;
  dynatrace = await startDynatraceStub();
  setToken(PLATFORM);
  preparePath(true);
});

const setup = (...args: readonly string[]) =>
  runCommand(setupCommand(), ['--cluster', 'shop', '--settle-seconds', '0', ...args]);
const setupAll = (...args: readonly string[]) => setup('--dynatrace', dynatrace.url, '--yes', ...args);
/** Every call that changes something in AWS. */
const writes = () =>
  stub.calls.map(({ operation }) => operation).filter((one) => !/^(Describe|List|Get)/.test(one));

describe('from nothing', () => {
  it('makes everything, finds nothing to do then, and takes everything back', async () => {
    const before = account.contents();
    account.state.metrics = { IncomingRecords: 9, EventsIn: 9, EventsCoreDns: 9 };
    dynatrace.platform.arrivals.lifted = 5;
    const first = await setupAll();
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('next: eks-dns doctor') });
    expect(account.state.deployments).toEqual([
      '--stack-name eks-dns-firehose --no-confirm-changeset --no-fail-on-empty-changeset --parameter-overrides Clusters=shop',
    ]);
    expect(account.contents()).toMatchObject({
      stack: 'shop',
      filters: { [INSIGHTS]: ['eks-dns-firehose'], [RESOLVER]: ['eks-dns-firehose'] },
      resolver: ['vpc-1'],
      policies: ['delivery/eks-dns-firehose-dns'],
    });
    const doctor = await runCommand(doctorCommand(), []);
    expect(doctor.stdout.trim().split('\n').at(-1)).toBe('all checks passed');

    stub.calls.length = 0;
    dynatrace.writes.length = 0;
    const again = await setup('--yes');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to do') });
    expect([...writes(), ...dynatrace.writes]).toEqual([]);

    const undone = await setup('--undo', '--delete-stack', '--yes');
    expect(undone).toMatchObject({ code: 0 });
    expect(undone.stdout).toContain(`log group ${RESOLVER} stays`);
    expect(account.contents()).toEqual({
      ...before,
      processing: [{ Enabled: false }],
      filters: { ...before.filters, [RESOLVER]: [] },
    });
    expect(dynatrace.settings.objects).toEqual([]);
    expect(existsSync(process.env.EKS_DNS_SETUP ?? '')).toBe(false);
  });

  it('makes each change after those that it depends on', async () => {
    const order: string[] = [];
    const { stdout } = await setupAll();
    for (const [, name] of stdout.matchAll(/^(\w+)$/gm)) order.push(name ?? '');
    expect(order.filter((name) => name !== 'done')).toEqual([
      'stack',
      'rbac',
      'dynatrace',
      'attach',
      'resolver',
      'coredns',
      'subscribe',
    ]);
    const pipeline = dynatrace.settings.objects.find(({ schemaId }) => schemaId.endsWith('logs.pipelines'));
    expect(JSON.stringify(pipeline?.value)).toContain(RECORD_KEY);
    expect(writes()).toEqual([
      'Deploy',
      'PutRolePolicy',
      'UpdateDestination',
      'TagDeliveryStream',
      'CreateLogGroup',
      'PutRetentionPolicy',
      'CreateResolverQueryLogConfig',
      'AssociateResolverQueryLogConfig',
      'PutSubscriptionFilter',
      'PutSubscriptionFilter',
    ]);
  });

  it.each([
    { name: 'with --dry-run', args: ['--dry-run'], code: 0 },
    { name: 'without confirmation', args: [], code: 2 },
  ])('$name only shows the plan', async ({ args, code }) => {
    const before = account.contents();
    const run = await setup('--dynatrace', dynatrace.url, ...args);
    expect(run.code).toBe(code);
    expect(run.stdout).toContain('+    log # eks-dns-firehose');
    expect(run.stdout).toContain('100 CoreDNS queries a second (an estimate');
    expect([...writes(), ...dynatrace.writes]).toEqual([]);
    expect(account.contents()).toEqual(before);
    expect(existsSync(process.env.EKS_DNS_SETUP ?? '')).toBe(false);
  });

  it('goes on after a failure where it stopped, with the same options', async () => {
    account.state.isBroken = true;
    const failed = await setupAll();
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('stopped at step "stack"') });
    account.state.isBroken = false;
    eks.state.beforePut = () => {
      eks.state.beforePut = undefined;
      eks.state.configMaps.set('coredns', { corefile: `${COREFILE}# theirs\n`, version: 2 });
    };
    expect(await setup('--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('step "coredns"'),
    });
    stub.calls.length = 0;
    expect((await setup('--yes')).code).toBe(0);
    expect(writes()).toEqual(['PutSubscriptionFilter', 'PutSubscriptionFilter']);
    expect(eks.state.configMaps.get('coredns')?.corefile).toMatch(/log # eks[\s\S]*# theirs/);
  });

  it('prints the two lines where there is no sam', async () => {
    preparePath(false);
    const { code, stdout, stderr } = await setupAll();
    expect(code).toBe(1);
    expect(stdout).toContain('  sam build\n  sam deploy --stack-name eks-dns-firehose');
    expect(stderr).toContain('run both lines, then the same command again');
    expect(writes()).toEqual([]);
  });

  it('prints plan and result as JSON', async () => {
    const { stdout } = await setupAll('--json');
    const { changed, steps, cost } = JSON.parse(stdout);
    expect({ changed, names: steps.map(({ name }: { name: string }) => name) }).toEqual({
      changed: true,
      names: ['stack', 'access', 'rbac', 'dynatrace', 'attach', 'resolver', 'coredns', 'subscribe'],
    });
    expect(cost).toMatchObject({ isEstimate: true });
    expect(stdout).not.toContain(RECORD_KEY);
  });
});

describe('what is chosen', () => {
  it('leaves out what --without names, now and later', async () => {
    await setupAll('--without', 'resolver,dynatrace');
    expect(account.contents()).toMatchObject({ resolver: [], filters: { [INSIGHTS]: ['eks-dns-firehose'] } });
    expect(dynatrace.writes).toEqual([]);
    expect((await setup('--yes')).stdout).toContain('nothing to do');
    expect(account.contents().resolver).toEqual([]);
  });

  it('takes only the steps that --only names', async () => {
    await setupAll('--only', 'rbac');
    expect(account.contents()).toMatchObject({ stack: undefined, rules: { length: 4 } });
    expect(writes()).toEqual([]);
  });

  it('refuses unknown words', async () => {
    expect(await setupAll('--without', 'everything')).toMatchObject({ code: 2 });
    expect(await setupAll('--delete-stack')).toMatchObject({ code: 2 });
  });
});

describe('what is there already', () => {
  it('lets the stack make the stream where there is none, and subscribes only behind the pipeline', async () => {
    account.state.hasDynatraceStack = false;
    account.streams.clear();
    expect(await setupAll()).toMatchObject({ code: 2, stderr: expect.stringContaining('--token-secret') });
    const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:dynatrace';
    expect(await setupAll('--token-secret', secret)).toMatchObject({ code: 0 });
    expect(account.state.deployments[0]).toContain(
      `DynatraceUrl=${dynatrace.url}/api/v2/logs/ingest/aws_firehose DynatraceTokenSecretArn=${secret}`,
    );
    expect(writes().slice(0, 1)).toEqual(['Deploy']);
    expect(writes()).not.toContain('UpdateDestination');
    expect(account.contents().filters).toMatchObject({ [INSIGHTS]: ['eks-dns-firehose'] });
    const { stdout } = await setup('--undo', '--delete-stack', '--yes');
    expect(stdout).toContain('bucket backup-of-own stays');
    expect(account.contents()).toMatchObject({ stack: undefined, processing: [], rules: [] });
  });

  it('takes the one stream that delivers logs to Dynatrace, with the role of another filter', async () => {
    account.state.hasDynatraceStack = false;
    const other = {
      filterName: 'theirs',
      filterPattern: '',
      destinationArn: 'arn:other',
      roleArn: 'arn:aws:iam::1:role/x',
    };
    account.groups.set(INSIGHTS, [other]);
    expect(await setupAll()).toMatchObject({ code: 3, stderr: expect.stringContaining('--role-arn') });
    expect(writes()).toEqual([]);
    expect((await setupAll('--role-arn', other.roleArn)).code).toBe(0);
  });

  it('changes nothing where a step is refused, and says which', async () => {
    const processing = {
      Enabled: true,
      Processors: [
        { Type: 'Lambda', Parameters: [{ ParameterName: 'LambdaArn', ParameterValue: 'arn:theirs' }] },
      ],
    };
    account.streams.set('dynatrace', {
      roleArn: 'arn:aws:iam::1:role/delivery',
      processing,
      tags: new Map(),
      version: 1,
    });
    const { code, stdout, stderr } = await setupAll();
    expect(code).toBe(3);
    expect(stdout).toContain('attach: BLOCKED');
    expect(stderr).toContain('nothing was changed: the stream already calls another function: arn:theirs');
    expect([...writes(), ...dynatrace.writes]).toEqual([]);
  });

  it('says what is missing where nothing collects the log of CoreDNS', async () => {
    account.groups.delete(INSIGHTS);
    expect(await setupAll()).toMatchObject({ code: 3, stderr: expect.stringContaining('--without coredns') });
    expect((await setupAll('--without', 'coredns')).code).toBe(0);
    expect(eks.state.configMaps.get('coredns')?.corefile).toBe(COREFILE);
  });

  it('adds a cluster to a function that has others, and leaves them alone when it goes', async () => {
    account.state.clusters = 'billing';
    await setupAll();
    expect(account.state.deployments).toEqual([expect.stringMatching(/Clusters=billing,shop$/)]);
    const { stdout } = await setup('--undo', '--delete-stack', '--yes');
    expect(stdout).toContain('stack eks-dns-firehose stays for billing');
    expect(account.contents()).toMatchObject({
      stack: 'billing,shop',
      resolver: ['vpc-1'],
      policies: ['delivery/eks-dns-firehose-dns'],
      filters: { [INSIGHTS]: [], [RESOLVER]: ['eks-dns-firehose'] },
      rules: [],
      corefile: COREFILE,
    });
    expect(dynatrace.settings.objects).not.toEqual([]);
  });

  it('keeps the stack without --delete-stack', async () => {
    await setupAll();
    await setup('--undo', '--yes');
    expect(account.contents()).toMatchObject({ stack: 'shop', processing: [{ Enabled: false }], rules: [] });
  });

  it('gives the function its access entry where the stack did not', async () => {
    await setupAll();
    eks.state.accessEntries.clear();
    expect((await setup('--yes')).stdout).toContain('access entry in cluster shop');
    expect(account.contents().entries).toHaveLength(1);
  });

  it('does not let the stack make an entry that the cluster would refuse', async () => {
    eks.state.authenticationMode = 'CONFIG_MAP';
    const { code, stdout } = await setupAll();
    expect(code).toBe(0);
    expect(stdout).toContain('in aws-auth');
    expect(account.state.deployments[0]).toContain('Clusters=shop ManageClusterAccess=false');
  });

  it('puts back rules that somebody changed', async () => {
    await setupAll();
    const [path = ''] = eks.state.rules.keys();
    eks.state.rules.set(path, { ...eks.state.rules.get(path), rules: [] });
    expect((await setup('--yes')).stdout).toMatch(/change +cluster +ClusterRole eks-dns-firehose/);
    expect(eks.state.rules.get(path)).not.toMatchObject({ rules: [] });
  });

  it('measures the cost where DNS is logged', async () => {
    await setupAll();
    account.state.metrics = { EventsCoreDns: 1_000_000, EventsResolver: 0 };
    const { stdout } = await setup('--dry-run');
    expect(stdout).toContain('about 15.32 USD a day for 1000000 CoreDNS queries');
    expect(stdout).toContain('(measured');
  });
});

describe('the file', () => {
  const file = () => JSON.parse(readFileSync(process.env.EKS_DNS_SETUP ?? '', 'utf8'));

  it('holds names and an address, no secret', async () => {
    await setupAll();
    expect(file()).toEqual({
      cluster: 'shop',
      stack: 'eks-dns-firehose',
      stream: 'dynatrace',
      dynatrace: dynatrace.url,
    });
  });

  it('tells status and detach the stream, unless an option names another', async () => {
    account.state.hasDynatraceStack = false;
    await setupAll('--role-arn', 'arn:aws:iam::1:role/x');
    expect((await runCommand(statusCommand(), ['--json'])).stdout).toContain('"stream": "dynatrace"');
    expect(await runCommand(statusCommand(), ['--stream', 'other'])).toMatchObject({ code: 1 });
    expect(await runCommand(detachCommand(), ['--settle-seconds', '0'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no longer calls the function'),
    });
  });
});
