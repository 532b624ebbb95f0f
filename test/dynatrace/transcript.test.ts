// The transcripts of `eks-dns dynatrace` in dynatrace/README.md are what the program prints; after a change of a text:
// UPDATE_TRANSCRIPT=1 npm test -- test/dynatrace/transcript.test.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, it } from '@jest/globals';
import { doctorCommand } from '../../src/cli/commands/doctor.ts';
import { callsStubPerTest } from '../cli/support/calls-stub.ts';
import { COMPLETE, prepareCluster, RECORD_KEY } from '../cli/support/complete-setup.ts';
import { PLATFORM, startDynatraceStub } from '../cli/support/dynatrace-stub/index.ts';
import { runDynatrace, setToken } from '../cli/support/dynatrace-stub/run.ts';
import { eksStubPerTest } from '../cli/support/eks-stub.ts';
import { type Run, runCommand } from '../support/run-command.ts';

const README = 'dynatrace/README.md';
const ENVIRONMENT = 'https://abc12345.apps.dynatrace.com';
const ROUTING = 'builtin:openpipeline.logs.routing';

/** Routes that an environment may have. */
const ROUTES = [
  {
    enabled: true,
    pipelineType: 'builtin',
    builtinPipelineId: 'default',
    matcher: 'matchesValue(aws.log_group, "/aws/lambda/*")',
    description: 'Lambda functions',
  },
  {
    enabled: true,
    pipelineType: 'builtin',
    builtinPipelineId: 'default',
    matcher: 'true',
    description: 'All logs',
  },
];

const startAws = callsStubPerTest();
const eks = eksStubPerTest();
beforeEach(() => prepareCluster(eks));

type Stub = Awaited<ReturnType<typeof startDynatraceStub>>;

/** Runs the commands one after the other; resolves to what a terminal would show. */
async function transcript(stub: Stub, commands: readonly string[]): Promise<string> {
  const shown: string[] = [];
  for (const command of commands) {
    const { code, stdout, stderr } = await run(command.replace(ENVIRONMENT, stub.url));
    const text = `${withoutProgress(stderr)}${stdout}`.replaceAll(stub.url, ENVIRONMENT);
    shown.push(`$ eks-dns ${command}\n${text.trimEnd()}${code === 0 ? '' : `\n(exit code ${code})`}`);
  }
  return ['```console', ...shown, '```'].join('\n');
}

async function run(command: string): Promise<Run> {
  const [name, ...args] = command.split(' ');
  if (name === 'dynatrace') return runDynatrace(args);
  const doctor = await runCommand(doctorCommand(), ['--stream', 'dynatrace', '--function', 'dns', ...args]);
  // The checks of AWS are shown in docs/deploy.md.
  return { ...doctor, stdout: `...\n${doctor.stdout.slice(doctor.stdout.search(/^\S+ +Dynatrace/m))}` };
}

const withoutProgress = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => /^(error|fix|warning):/.test(line))
    .map((line) => `${line}\n`)
    .join('');

const ALL = [
  `dynatrace apply ${ENVIRONMENT}`,
  `dynatrace status ${ENVIRONMENT}`,
  `doctor --dynatrace ${ENVIRONMENT}`,
  `dynatrace apply ${ENVIRONMENT}`,
  `dynatrace remove ${ENVIRONMENT}`,
];

it('are current, and leave an environment as it was', async () => {
  await startAws({
    ...COMPLETE,
    DescribeStacks: () => ({ Stacks: [{ Outputs: [{ OutputKey: 'RecordKey', OutputValue: RECORD_KEY }] }] }),
  });
  process.env.AWS_ENDPOINT_URL_EKS = eks.url;
  setToken(PLATFORM);
  const empty = await startDynatraceStub();
  const full = await startDynatraceStub();
  full.settings.create(ROUTING, { routingEntries: ROUTES });
  for (const { platform } of [empty, full]) platform.arrivals.lifted = 700;
  const texts = [
    'An environment without routes:',
    await transcript(empty, ALL),
    'An environment with routes of others, which are byte for byte the same afterwards:',
    await transcript(full, [ALL[0] ?? '', `dynatrace apply ${ENVIRONMENT} --yes`, ...ALL.slice(1)]),
  ];
  expect(empty.settings.objects).toEqual([]);
  expect(full.settings.objects.map(({ value }) => JSON.stringify(value))).toEqual([
    JSON.stringify({ routingEntries: ROUTES }),
  ]);
  for (const { platform } of [empty, full])
    expect([platform.documents, [...platform.lists]]).toEqual([[], []]);

  const readme = readFileSync(README, 'utf8');
  const current = readme.replace(
    /(<!-- transcript -->)[\s\S]*?(<!-- end transcript -->)/,
    (_, begin: string, end: string) => `${begin}\n\n${texts.join('\n\n')}\n\n${end}`,
  );
  if (process.env.UPDATE_TRANSCRIPT === '1') writeFileSync(README, current);
  else expect(readme).toBe(current);
  expect(current).toContain(ALL[0]);
});
