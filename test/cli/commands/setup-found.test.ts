import { expect, it } from '@jest/globals';
import { INSIGHTS } from '../support/account.ts';
import { RECORD_KEY } from '../support/complete-setup.ts';
import { runDynatrace } from '../support/dynatrace-stub/run.ts';
import { COREFILE, RESOLVER, setupPerTest } from '../support/setup-run.ts';

const run = setupPerTest();

it('lets the stack make the stream where there is none, and subscribes only behind the pipeline', async () => {
  run.account.state.hasDynatraceStack = false;
  run.account.streams.clear();
  expect(await run.setupAll()).toMatchObject({ code: 2, stderr: expect.stringContaining('--token-secret') });
  const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:dynatrace';
  expect(await run.setupAll('--token-secret', secret)).toMatchObject({ code: 0 });
  expect(run.account.state.deployments[0]).toContain(
    `DynatraceUrl=${run.dynatrace.url}/api/v2/logs/ingest/aws_firehose DynatraceTokenSecretArn=${secret}`,
  );
  expect(run.writes().slice(0, 1)).toEqual(['Deploy']);
  expect(run.writes()).not.toContain('UpdateDestination');
  expect(run.account.contents().filters).toMatchObject({ [INSIGHTS]: ['eks-dns-firehose'] });
  const { stdout } = await run.setup('--undo', '--delete-stack', '--yes');
  expect(stdout).toContain('bucket backup-of-own stays');
  expect(run.account.contents()).toMatchObject({ stack: undefined, processing: [], rules: [] });
});

it('takes the one stream that delivers logs to Dynatrace, with the role of another filter', async () => {
  run.account.state.hasDynatraceStack = false;
  const other = {
    filterName: 'theirs',
    filterPattern: '',
    destinationArn: 'arn:other',
    roleArn: 'arn:aws:iam::1:role/x',
  };
  run.account.groups.set(INSIGHTS, [other]);
  expect(await run.setupAll()).toMatchObject({ code: 3, stderr: expect.stringContaining('--role-arn') });
  expect(run.writes()).toEqual([]);
  expect((await run.setupAll('--role-arn', other.roleArn)).code).toBe(0);
});

it('changes nothing where a step is refused, and says which', async () => {
  const processing = {
    Enabled: true,
    Processors: [
      { Type: 'Lambda', Parameters: [{ ParameterName: 'LambdaArn', ParameterValue: 'arn:theirs' }] },
    ],
  };
  run.account.streams.set('dynatrace', {
    roleArn: 'arn:aws:iam::1:role/delivery',
    processing,
    tags: new Map(),
    version: 1,
  });
  const { code, stdout, stderr } = await run.setupAll();
  expect(code).toBe(3);
  expect(stdout).toContain('attach: BLOCKED');
  expect(stderr).toContain('nothing was changed: the stream already calls another function: arn:theirs');
  expect([...run.writes(), ...run.dynatrace.writes]).toEqual([]);
});

it('says what is missing where nothing collects the log of CoreDNS', async () => {
  run.account.groups.delete(INSIGHTS);
  expect(await run.setupAll()).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('--without coredns'),
  });
  expect((await run.setupAll('--without', 'coredns')).code).toBe(0);
  expect(run.eks.configMaps.get('coredns')?.corefile).toBe(COREFILE);
});

it('adds a cluster to a function that has others, and leaves them alone when it goes', async () => {
  run.account.state.clusters = 'billing';
  await run.setupAll();
  expect(run.account.state.deployments).toEqual([expect.stringMatching(/Clusters=billing,shop$/)]);
  const { stdout } = await run.setup('--undo', '--delete-stack', '--yes');
  expect(stdout).toContain('stack eks-dns-firehose stays for billing');
  expect(run.account.contents()).toMatchObject({
    stack: 'billing',
    entries: [],
    resolver: ['vpc-1'],
    policies: ['delivery/eks-dns-firehose-dns'],
    filters: { [INSIGHTS]: [], [RESOLVER]: ['eks-dns-firehose'] },
    rules: [],
    corefile: COREFILE,
  });
  expect(run.dynatrace.settings.objects).not.toEqual([]);
});

it('takes a cluster out that is not the last: the access entries behind it are made again', async () => {
  await run.setupAll();
  run.account.state.clusters = 'shop,billing,audit';
  run.account.state.entries = ['shop', 'billing', 'audit'];
  const { code, stdout } = await run.setup('--undo', '--yes');
  expect(code).toBe(0);
  expect(stdout).toContain('in between, the access entries of billing, audit are missing');
  expect(run.account.state.deployments.slice(1)).toEqual([
    expect.stringMatching(/ Clusters=billing,audit ManageClusterAccess=false$/),
    expect.stringMatching(/--parameter-overrides ManageClusterAccess=true$/),
  ]);
  expect(run.account.state).toMatchObject({ clusters: 'billing,audit', entries: ['billing', 'audit'] });
});

it('brings a function of 1.0 to this version, before the pipeline asks for its key', async () => {
  run.account.state.clusters = 'shop';
  run.account.state.isOld = true;
  expect(await run.setupAll('--only', 'dynatrace')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has no output RecordKey'),
  });
  const { stdout } = await run.setupAll();
  expect(stdout).toMatch(/change +AWS +stack eks-dns-firehose: this version/);
  expect(JSON.stringify(run.dynatrace.settings.objects)).toContain(RECORD_KEY);
});

it('finds nothing to take back the second time, also where the stream went with the stack', async () => {
  run.account.state.hasDynatraceStack = false;
  run.account.streams.clear();
  await run.setupAll('--token-secret', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:dynatrace');
  const undo = ['--undo', '--delete-stack', '--yes', '--dynatrace', run.dynatrace.url];
  expect(await run.setup(...undo)).toMatchObject({ code: 0 });
  run.forget();
  const again = await run.setup(...undo, '--stream', 'own');
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nothing to do$/m) });
  expect(run.writes()).toEqual([]);
});

it.each([
  { name: 'stays for the records of another stack', keys: ['fedcba9876543210'], count: 1 },
  { name: 'goes with the last stack', keys: [], count: 0 },
])('the pipeline $name', async ({ keys, count }) => {
  for (const key of keys) await runDynatrace(['apply', run.dynatrace.url, '--record-key', key]);
  await run.setupAll();
  const { stdout } = await run.setup('--undo', '--yes');
  expect(stdout.includes('they take the records of 1 more stack')).toBe(count === 1);
  const left = run.dynatrace.settings.objects.filter(({ schemaId }) => schemaId.endsWith('logs.pipelines'));
  expect(left).toHaveLength(count);
});

it('asks for the name of the stream where it cannot tell', async () => {
  run.account.state.hasDynatraceStack = false;
  const [stream] = run.account.streams.values();
  if (stream !== undefined) run.account.streams.set('second', stream);
  expect(await run.setupAll()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('several streams deliver logs to Dynatrace: dynatrace, second'),
  });
  run.account.state.hasMoreStreams = true;
  expect(await run.setupAll()).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('more than 50 streams'),
  });
});

it('keeps the stack without --delete-stack', async () => {
  await run.setupAll();
  await run.setup('--undo', '--yes');
  expect(run.account.contents()).toMatchObject({
    stack: 'shop',
    processing: [{ Enabled: false }],
    rules: [],
  });
});

it('gives the function its access entry where the stack did not', async () => {
  await run.setupAll();
  run.eks.accessEntries.clear();
  expect((await run.setup('--yes')).stdout).toContain('access entry in cluster shop');
  expect(run.account.contents().entries).toHaveLength(1);
});

it('does not let the stack make an entry that the cluster would refuse', async () => {
  run.eks.authenticationMode = 'CONFIG_MAP';
  const { code, stdout } = await run.setupAll();
  expect(code).toBe(0);
  expect(stdout).toContain('in aws-auth');
  expect(run.account.state.deployments[0]).toContain('Clusters=shop ManageClusterAccess=false');
});

it('puts back rules that somebody changed', async () => {
  await run.setupAll();
  const [path = ''] = run.eks.rules.keys();
  run.eks.rules.set(path, { ...run.eks.rules.get(path), rules: [] });
  expect((await run.setup('--yes')).stdout).toMatch(/change +cluster +ClusterRole eks-dns-firehose/);
  expect(run.eks.rules.get(path)).not.toMatchObject({ rules: [] });
});

it('measures the cost where DNS is logged', async () => {
  await run.setupAll();
  run.account.state.metrics = { EventsCoreDns: 1_000_000, EventsResolver: 0 };
  const { stdout } = await run.setup('--dry-run');
  expect(stdout).toContain('about 15.32 USD a day for 1000000 CoreDNS queries');
  expect(stdout).toContain('(measured');
});
