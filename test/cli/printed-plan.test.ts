// The commands that other commands print run as they are printed: the plan of `setup`, what comes next, roles, and everything
// from another folder and for another region than that of the environment.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { INSIGHTS } from './support/account.ts';
import { fixRunnerPerTest } from './support/fix-runner.ts';
import { RESOLVER } from './support/setup-run.ts';

const { run, shell, doctor, runFix } = fixRunnerPerTest({ isComplete: false });

/** The commands in what a command printed, after `$ ` or `next: `. */
const printedAfter = (mark: string, text: string): readonly string[] =>
  text.split('\n').flatMap((line) => (line.trim().startsWith(mark) ? [line.trim().slice(mark.length)] : []));

it('the plan of setup, typed by hand, sets everything up, and that of --undo takes it back', async () => {
  const { stdout } = await run.setup('--dynatrace', run.dynatrace.url, '--stream', 'dynatrace', '--dry-run');
  const commands = printedAfter('$ ', stdout);
  expect(commands.length).toBeGreaterThan(5);
  for (const command of commands) await runFix(command);
  const failed = (await doctor()).filter(({ state, because }) => state !== 'ok' && because === undefined);
  expect(failed).toEqual([]);

  const undo = await run.setup('--dynatrace', run.dynatrace.url, '--undo', '--delete-stack', '--dry-run');
  const back = printedAfter('$ ', undo.stdout);
  expect(back.length).toBeGreaterThan(5);
  for (const command of back) await runFix(command);
  expect(run.account.contents()).toMatchObject({
    processing: [{ Enabled: false }],
    policies: [],
    filters: { [INSIGHTS]: [], [RESOLVER]: [] },
    resolver: [],
  });
});

it('what comes next is a command that runs', async () => {
  await run.setupAll();
  run.account.associations.clear();
  const first = await shell.run('eks-dns enable-resolver-log --vpc vpc-1');
  expect(first.code).toBe(0);
  const second = await shell.run('eks-dns attach --stream dynatrace');
  const third = await shell.run(`eks-dns dynatrace apply ${run.dynatrace.url}`);
  const next = [first, second, third].flatMap(({ stdout }) => printedAfter('next: ', stdout));
  expect(next.length).toBe(3);
  for (const command of next) expect([0, 1]).toContain((await shell.run(command)).code);
});

it('the commands of lookup-role run', async () => {
  await run.setupAll();
  const name = 'arn:aws:iam::444455556666:role/teams/dns/reader';
  const { stdout } = await shell.run(
    `eks-dns lookup-role --external-id "it's" --cluster arn:aws:eks:us-east-1:444455556666:cluster/far=${name}`,
  );
  const commands = stdout.split('\n').filter((line) => line.startsWith('aws '));
  expect(commands.length).toBe(4);
  for (const command of commands) expect(await shell.run(command)).toMatchObject({ code: 0, stderr: '' });
  const [create = []] = shell.toolCalls();
  expect(create).toContain('/teams/dns/');
  expect(JSON.parse(create.at(-1) ?? '')).toMatchObject({
    Statement: [{ Condition: { StringEquals: { 'sts:ExternalId': "it's" } } }],
  });
  const reader = await shell.run(`eks-dns lookup-role --state-bucket memory --reader ${name}`);
  const [policy = ''] = reader.stdout.split('\n').filter((line) => line.startsWith('aws '));
  expect(await shell.run(policy)).toMatchObject({ code: 0, stderr: '' });
});

describe('from another folder, for another region than that of the environment', () => {
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "it's elsewhere "));
    await run.setupAll();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['shop: permissions', () => Object.assign(run.eks, { groupMayList: false })],
    ['shop: access', () => run.eks.accessEntries.clear()],
    ['shop: network', () => Object.assign(run.eks, { isPrivate: true })],
    ['role', () => run.account.policies.clear()],
    [`subscribed: ${INSIGHTS}`, () => run.account.groups.set(INSIGHTS, [])],
    ['vpc-1: Resolver log', () => run.account.associations.clear()],
    ['DNS events', () => Object.assign(run.account.state.metrics, { EventsIn: 0 })],
  ])('%s', async (name, breakIt) => {
    breakIt();
    const { AWS_REGION: _, ...env } = process.env;
    const { stdout, stderr } = await shell.run(
      `node '${resolve('dist/cli.mjs')}' doctor --region eu-west-1 --stream dynatrace --json`,
      env,
      folder,
    );
    if (stdout === '') throw new Error(stderr);
    const checks = JSON.parse(stdout).checks as { name: string; fix?: string }[];
    await runFix(checks.find((check) => check.name === name)?.fix ?? '', env, folder);
    expect(checks.find((check) => check.name === name)?.fix).toMatch(/--region eu-west-1/);
  });
});
