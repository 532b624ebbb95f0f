import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { detachCommand } from '../../../src/cli/commands/detach.ts';
import { doctorCommand } from '../../../src/cli/commands/doctor.ts';
import { statusCommand } from '../../../src/cli/commands/status.ts';
import { runCommand } from '../../support/run-command.ts';
import { INSIGHTS, preparePath } from '../support/account.ts';
import { RECORD_KEY } from '../support/complete-setup.ts';
import { COREFILE, RESOLVER, setupPerTest } from '../support/setup-run.ts';

const run = setupPerTest();

describe('from nothing', () => {
  it('makes everything, finds nothing to do then, and takes everything back', async () => {
    const before = run.account.contents();
    run.account.state.metrics = { IncomingRecords: 9, EventsIn: 9, EventsCoreDns: 9 };
    run.dynatrace.platform.arrivals.lifted = 5;
    const first = await run.setupAll();
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('next: eks-dns doctor') });
    expect(run.account.state.deployments).toEqual([
      '--stack-name eks-dns-firehose --no-confirm-changeset --no-fail-on-empty-changeset --parameter-overrides Clusters=shop',
    ]);
    expect(run.account.contents()).toMatchObject({
      stack: 'shop',
      filters: { [INSIGHTS]: ['eks-dns-firehose'], [RESOLVER]: ['eks-dns-firehose'] },
      resolver: ['vpc-1'],
      policies: ['delivery/eks-dns-firehose-dns'],
    });
    const doctor = await runCommand(doctorCommand(), []);
    expect(doctor.stdout.trim().split('\n').at(-1)).toBe('all checks passed');

    run.forget();
    const again = await run.setup('--yes');
    expect(again.stdout).toMatch(/^nothing to do$/m);
    expect([...run.writes(), ...run.dynatrace.writes]).toEqual([]);

    const undone = await run.setup('--undo', '--delete-stack', '--yes');
    expect(undone).toMatchObject({ code: 0 });
    expect(undone.stdout).toContain(`log group ${RESOLVER} stays`);
    expect(run.account.contents()).toEqual({
      ...before,
      processing: [{ Enabled: false }],
      filters: { ...before.filters, [RESOLVER]: [] },
    });
    expect(run.dynatrace.settings.objects).toEqual([]);
    expect(existsSync(process.env.EKS_DNS_SETUP ?? '')).toBe(false);
  });

  it('makes each change after those that it depends on', async () => {
    const order: string[] = [];
    const { stdout } = await run.setupAll();
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
    const pipeline = run.dynatrace.settings.objects.find(({ schemaId }) =>
      schemaId.endsWith('logs.pipelines'),
    );
    expect(JSON.stringify(pipeline?.value)).toContain(RECORD_KEY);
    expect(run.writes()).toEqual([
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
    const before = run.account.contents();
    const result = await run.setup('--dynatrace', run.dynatrace.url, ...args);
    expect(result.code).toBe(code);
    expect(result.stdout).toContain('+    log # eks-dns-firehose');
    expect(result.stdout).toContain('100 CoreDNS queries a second (an estimate');
    expect([...run.writes(), ...run.dynatrace.writes]).toEqual([]);
    expect(run.account.contents()).toEqual(before);
    expect(existsSync(process.env.EKS_DNS_SETUP ?? '')).toBe(false);
  });

  it('goes on after a failure where it stopped, with the same options', async () => {
    run.account.state.isBroken = true;
    const failed = await run.setupAll();
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('stopped at step "stack"') });
    run.account.state.isBroken = false;
    run.eks.beforePut = () => {
      run.eks.beforePut = undefined;
      run.eks.configMaps.set('coredns', { corefile: `${COREFILE}# theirs\n`, version: 2 });
    };
    expect(await run.setup('--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('step "coredns"'),
    });
    run.forget();
    expect((await run.setup('--yes')).code).toBe(0);
    expect(run.writes()).toEqual(['PutSubscriptionFilter', 'PutSubscriptionFilter']);
    expect(run.eks.configMaps.get('coredns')?.corefile).toMatch(/log # eks[\s\S]*# theirs/);
  });

  it('prints the lines where there is no sam', async () => {
    preparePath(false);
    const { code, stdout, stderr } = await run.setupAll();
    expect(code).toBe(1);
    expect(stdout).toContain('  sam build\n  sam deploy --stack-name eks-dns-firehose');
    expect(stderr).toContain('run these lines, then the same command again');
    expect(run.writes()).toEqual([]);
  });

  it('prints plan and result as JSON', async () => {
    const { stdout } = await run.setupAll('--json');
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
    await run.setupAll('--without', 'resolver,dynatrace');
    expect(run.account.contents()).toMatchObject({
      resolver: [],
      filters: { [INSIGHTS]: ['eks-dns-firehose'] },
    });
    expect(run.dynatrace.writes).toEqual([]);
    expect((await run.setup('--yes')).stdout).toContain('nothing to do');
    expect(run.account.contents().resolver).toEqual([]);
  });

  it('takes only the steps that --only names', async () => {
    await run.setupAll('--only', 'rbac');
    expect(run.account.contents()).toMatchObject({ stack: undefined, rules: { length: 4 } });
    expect(run.writes()).toEqual([]);
  });

  it('refuses unknown words', async () => {
    expect(await run.setupAll('--without', 'everything')).toMatchObject({ code: 2 });
    expect(await run.setupAll('--delete-stack')).toMatchObject({ code: 2 });
  });
});

describe('the file', () => {
  const file = () => JSON.parse(readFileSync(process.env.EKS_DNS_SETUP ?? '', 'utf8'));

  it('holds names and an address, no secret', async () => {
    await run.setupAll();
    expect(file()).toEqual({
      cluster: 'shop',
      stack: 'eks-dns-firehose',
      stream: 'dynatrace',
      dynatrace: run.dynatrace.url,
    });
  });

  it('tells status and detach the stream, unless an option names another', async () => {
    run.account.state.hasDynatraceStack = false;
    await run.setupAll('--role-arn', 'arn:aws:iam::1:role/x');
    expect((await runCommand(statusCommand(), ['--json'])).stdout).toContain('"stream": "dynatrace"');
    expect(await runCommand(statusCommand(), ['--stream', 'other'])).toMatchObject({ code: 1 });
    expect(await runCommand(detachCommand(), ['--settle-seconds', '0'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no longer calls the function'),
    });
  });
});
