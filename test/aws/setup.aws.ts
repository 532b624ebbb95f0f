// `setup` from nothing to all checks passed, again, and back: the command line as a process, sam and the template as they are.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { transcriptIn } from '../cli/support/transcript.ts';
import type { Run } from '../support/run-command.ts';
import { putMetrics, RESOLVER, startAccount } from './support/setup-account.ts';

const SETUP = 'npm run -s cli -- setup';
const NO_WAIT = '--settle-seconds 0';

let account: Awaited<ReturnType<typeof startAccount>>;
let before: Awaited<ReturnType<typeof account.contents>>;

beforeAll(async () => {
  account = await startAccount();
  before = await account.contents();
});

afterAll(() => account.close());

/** Runs a command, and compares what it printed with the document, where stubs have the names of real places. */
async function shown(name: string, command: string, hidden: string): Promise<Run> {
  const result = await account.run(`${command} ${hidden}`);
  expect(result).toMatchObject({ code: 0 });
  const text = `$ ${command}\n${result.stdout}`
    .replaceAll(account.dynatrace.url, 'https://abc12345.apps.dynatrace.com')
    .replaceAll(account.vpcId, 'vpc-0c5d2e8f91a7b6340');
  expect(transcriptIn('docs/setup.md', name, text).trim()).toBe(`\`\`\`console\n${text.trimEnd()}\n\`\`\``);
  return result;
}

it('only shows the plan with --dry-run', async () => {
  const { code, stdout } = await account.run(
    `${SETUP} --cluster shop --dynatrace ${account.dynatrace.url} --dry-run`,
  );
  expect([code, stdout]).toEqual([0, expect.stringContaining('create  AWS  access entry in cluster shop')]);
  expect(await account.contents()).toEqual(before);
});

it('makes everything from nothing', async () => {
  await shown('setup', `${SETUP} --cluster shop --dynatrace ${account.dynatrace.url} --yes`, NO_WAIT);
  const { stacks, entries, filters, resolver, decided } = await account.contents();
  expect(stacks.toSorted()).toEqual(['dynatrace-log-delivery-stream', 'eks-dns-firehose']);
  expect(Object.values(entries)).toEqual([['eks-dns-firehose']]);
  expect(filters).toMatchObject([
    [{ filterPattern: '{ $.kubernetes.container_name = "coredns" }' }],
    [{ filterPattern: '' }],
  ]);
  expect([resolver?.length, decided]).toEqual([1, true]);
});

it('passes all checks of doctor then', async () => {
  await putMetrics({
    'AWS/Firehose': [
      'DeliveryStreamName',
      'dynatrace',
      { IncomingRecords: 40, 'DeliveryToHttpEndpoint.Success': 1 },
    ],
    EksDnsFirehose: [
      'service',
      'eks-dns-firehose',
      { EventsIn: 900, EventsCoreDns: 700, EventsResolver: 200 },
    ],
  });
  account.dynatrace.platform.arrivals.lifted = 5;
  const { stdout } = await shown('setup-doctor', 'npm run -s cli -- doctor', '');
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('all checks passed');
});

it('finds nothing to do then', async () => {
  const made = await account.contents();
  await shown('setup-again', `${SETUP} --yes`, NO_WAIT);
  expect(await account.contents()).toEqual(made);
});

it('takes everything back', async () => {
  const { stdout } = await shown('setup-undo', `${SETUP} --undo --delete-stack --yes`, NO_WAIT);
  expect(stdout).toContain(`log group ${RESOLVER} stays`);
  expect(await account.contents()).toEqual(before);
});
